"""Has every required export of a quarter arrived? One line per export that is late or still to come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from dagster_project.quarterly.dates import Quarter


@dataclass(frozen=True)
class Export:
    """One required source and one quarter; ``data_through``: its newest extraction, None if never seen."""

    source: str
    quarter: Quarter
    data_through: date | None
    today: date

    @property
    def has_arrived(self) -> bool:
        """Does the newest extraction reach the quarter's last day?"""
        return self.data_through is not None and self.data_through >= self.quarter.ends_on

    @property
    def is_late(self) -> bool:
        """Has it not arrived although the day by which it had to is over?"""
        return not self.has_arrived and self.today > self.quarter.due_on

    @property
    def alert(self) -> str:
        """What to tell whom it concerns, in one line."""
        quarter = self.quarter
        through = f"{self.data_through:%d/%m/%Y}" if self.data_through else "chưa có"
        return (
            f"quá hạn nộp tệp kết xuất: nguồn {self.source}, quý {quarter.period}"
            f" ({quarter.rule.name_vi}), hạn {quarter.due_on:%d/%m/%Y}, số liệu mới đến ngày {through};"
            " đề nghị đơn vị kết xuất và chép vào thư mục landing"
        )


def required_exports(
    quarters: Iterable[Quarter], data_through: Mapping[str, str], required: Iterable[str], today: date
) -> list[Export]:
    """Every required source for every quarter. A source that never delivered is not required (decision 0030).

    ``data_through``: the newest extraction moment per source, as ISO text.
    """
    return [
        Export(source, quarter, date.fromisoformat(data_through[source][:10]), today)
        for quarter in quarters
        for source in sorted(required)
        if data_through.get(source)
    ]
