"""On which days the quarters of both calendars close, and by when their exports must have arrived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import duckdb
import yaml

DATES = Path(__file__).with_name("reporting_dates.yml")


@dataclass(frozen=True)
class Rule:
    """When the quarters of one calendar close; exports are due ``days_after_end`` days after the last day."""

    calendar: str
    name_vi: str
    day: int
    months: tuple[int, ...]
    days_after_end: int
    legal_source: str
    status: str


@dataclass(frozen=True)
class Quarter:
    """A quarter that has ended: ``is_closed`` says whether the data reach its last day."""

    rule: Rule
    period_key: str
    period: str
    starts_on: date
    ends_on: date
    is_closed: bool

    @property
    def due_on(self) -> date:
        """The last day on which its exports may arrive."""
        return self.ends_on + timedelta(days=self.rule.days_after_end)


@cache
def rules() -> dict[str, Rule]:
    """The rule of every calendar."""
    return {
        calendar: Rule(
            calendar,
            each["name_vi"],
            each["closes_on"]["day"],
            tuple(each["closes_on"]["months"]),
            each["days_after_end"],
            each["legal_source"],
            each["status"],
        )
        for calendar, each in yaml.safe_load(DATES.read_text(encoding="utf-8")).items()
    }


def schedule_days() -> list[str]:
    """Cron lines: 6 o'clock on the day after a quarter's last one, and after its exports are due."""
    return [
        f"0 6 {rule.day + days} {','.join(map(str, rule.months))} *"
        for rule in rules().values()
        for days in (0, rule.days_after_end)
    ]


def ended_quarters(connection: duckdb.DuckDBPyConnection, today: date) -> list[Quarter]:
    """The newest quarter that has ended before ``today``, of every calendar in the published marts."""
    found = connection.execute(
        "select calendar, period_key, period, starts_on, ends_on, is_closed from dim_periods"
        f" where period_type = 'quarter' and ends_on < date '{today}'"
        " qualify row_number() over (partition by calendar order by ends_on desc) = 1 order by calendar desc"
    ).fetchall()
    return [Quarter(rules()[calendar], *rest) for calendar, *rest in found]
