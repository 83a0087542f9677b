"""The reporting periods of the truth file: calendar (``cal``) and from the 15th to the 14th (``rep``)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


@dataclass(frozen=True)
class Periods:
    """All periods that hold a day of the horizon, one per place in the arrays.

    ``starts_on`` and ``ends_on`` are the period's own bounds (datetime64[D], both days included);
    ``reckoned_on`` is the day at whose end it is reckoned: the last day, or the as-of day if that is earlier.
    """

    keys: tuple[str, ...]
    types: tuple[str, ...]
    starts_on: Any
    ends_on: Any
    reckoned_on: Any

    def __len__(self) -> int:
        return len(self.keys)

    def only(self, *types: str) -> Periods:
        """The periods of these types (month, quarter, half_year, year), in the same order."""
        places = [place for place, kind in enumerate(self.types) if kind in types]
        return Periods(
            tuple(self.keys[place] for place in places),
            tuple(self.types[place] for place in places),
            self.starts_on[places],
            self.ends_on[places],
            self.reckoned_on[places],
        )


def make_periods(first_on: Any, as_of_on: Any) -> Periods:
    """Every period of both calendars with at least one day from ``first_on`` to ``as_of_on``.

    In: two days (datetime64[D] or what numpy reads as one). Out: months before quarters, half-years and
    years; ``cal`` before ``rep``; oldest first.
    """
    first, last = np.datetime64(first_on, "D"), np.datetime64(as_of_on, "D")
    rows = [
        (f"{calendar}:{name}", kind, starts, ends)
        for calendar in ("cal", "rep")
        for kind in _MONTHS
        for name, starts, ends in _periods_of(calendar, kind, first, last)
    ]
    ends_on = np.array([row[3] for row in rows], "datetime64[D]")
    return Periods(
        tuple(row[0] for row in rows),
        tuple(row[1] for row in rows),
        np.array([row[2] for row in rows], "datetime64[D]"),
        ends_on,
        np.minimum(ends_on, last),
    )


def _periods_of(calendar: str, kind: str, first: Any, last: Any) -> list[tuple[str, Any, Any]]:
    length = _MONTHS[kind]
    first_year, last_year = int(str(first)[:4]) - 1, int(str(last)[:4]) + 1
    found = []
    for year in range(first_year, last_year + 1):
        for place in range(12 // length):
            month = np.datetime64(f"{year}-01", "M") + place * length
            starts, ends = _first_day(calendar, month), _first_day(calendar, month + length) - 1
            if ends >= first and starts <= last:
                found.append((_name(kind, year, place + 1), starts, ends))
    return found


def _first_day(calendar: str, month: Any) -> Any:
    """The first day of a month; a reporting month begins on the 15th of the month before."""
    if calendar == "rep":
        return (month - 1).astype("datetime64[D]") + 14
    return month.astype("datetime64[D]")


def _name(kind: str, year: int, place: int) -> str:
    if kind == "month":
        return f"{year}-{place:02}"
    return {"quarter": f"{year}Q{place}", "half_year": f"{year}H{place}", "year": str(year)}[kind]
