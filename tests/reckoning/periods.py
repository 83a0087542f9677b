"""Reporting periods of both calendars.

``cal`` follows the months of the year. ``rep`` runs from the 15th of the month before to the 14th of the last
month (Decree 09/2019/NĐ-CP, Article 12).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_YEAR, LAST_YEAR = 2015, 2029


@dataclass(frozen=True, slots=True)
class Period:
    """A period; ``reckoned_on`` is its last day, or the as-of day while it runs."""

    key: str
    starts_on: date
    reckoned_on: date


def _labels(year: int) -> Iterator[tuple[str, str, int, int]]:
    """Type, label, first month and the month after the last, as counts of months since year 0."""
    january = year * 12
    yield "year", f"{year}", january, january + 12
    for half in (0, 1):
        yield "half_year", f"{year}H{half + 1}", january + 6 * half, january + 6 * half + 6
    for quarter in range(4):
        yield "quarter", f"{year}Q{quarter + 1}", january + 3 * quarter, january + 3 * quarter + 3
    for month in range(12):
        yield "month", f"{year}-{month + 1:02}", january + month, january + month + 1


def _first_day(months: int, calendar: str) -> date:
    if calendar == "cal":
        return date(months // 12, months % 12 + 1, 1)
    return date((months - 1) // 12, (months - 1) % 12 + 1, 15)


class Periods:
    """Periods that have begun by the as-of day, to be asked which of them a span of days touches."""

    def __init__(self, as_of: date) -> None:
        self.as_of = as_of
        self.by_key: dict[str, Period] = {}
        series: dict[tuple[str, str], list[Period]] = {}
        for calendar in ("cal", "rep"):
            for year in range(FIRST_YEAR, LAST_YEAR + 1):
                for period_type, label, first, after in _labels(year):
                    starts_on = _first_day(first, calendar)
                    if starts_on <= as_of:
                        ends_on = _first_day(after, calendar) - timedelta(days=1)
                        period = Period(f"{calendar}:{label}", starts_on, min(ends_on, as_of))
                        series.setdefault((calendar, period_type), []).append(period)
                        self.by_key[period.key] = period
        self._series = [
            (one, [period.starts_on for period in one], [period.reckoned_on for period in one])
            for one in series.values()
        ]

    def touched(self, first: date, last: date) -> Iterator[Period]:
        """Every period with a day in the span."""
        for periods, starts, ends in self._series:
            yield from periods[bisect_left(ends, first) : bisect_right(starts, last)]
