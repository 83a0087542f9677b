"""Working days of Vietnamese public offices, and time counted in minutes of office hours, as numpy arrays."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import holidays
import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.datetime64]
Ints = NDArray[np.int64]

FIRST_YEAR = 2010
LAST_YEAR = 2028
MORNING_OPENS = 7 * 60 + 30
MORNING_MINUTES = 4 * 60
AFTERNOON_OPENS = 13 * 60 + 30
OFFICE_MINUTES = 7 * 60 + 30
CLOSES = 17 * 60


class _Table(NamedTuple):
    """Lookup tables of the years: working-day number of each day, day of each number, is it one."""

    first: np.datetime64
    number: Ints  # working days up to and including the day, minus one
    day: Days
    is_working: NDArray[np.bool_]


@lru_cache(maxsize=1)
def _table() -> _Table:
    off = holidays.country_holidays("VN", years=range(FIRST_YEAR, LAST_YEAR + 1))
    days = np.arange(np.datetime64(f"{FIRST_YEAR}-01-01"), np.datetime64(f"{LAST_YEAR + 1}-01-01"))
    is_working = np.fromiter((off.is_working_day(day) for day in days.astype(date)), np.bool_, len(days))
    return _Table(days[0], np.cumsum(is_working) - 1, days[is_working], is_working)


def _index(days: Any) -> Ints:
    table = _table()
    index: Ints = (np.asarray(days).astype("datetime64[D]") - table.first).astype(np.int64)
    if index.size and (index.min() < 0 or index.max() >= len(table.number)):
        raise ValueError(f"working days are known from {FIRST_YEAR} to {LAST_YEAR} only")
    return index


def is_working_day(days: Any) -> NDArray[np.bool_]:
    """Whether each day is worked; Saturdays that were worked instead of another day are."""
    result: NDArray[np.bool_] = _table().is_working[_index(days)]
    return result


def working_day_number(days: Any) -> Ints:
    """A running number of working days; a day off has the number of the working day before it."""
    result: Ints = _table().number[_index(days)]
    return result


def nth_working_day(numbers: Any) -> Days:
    """The day of each running number: the reverse of ``working_day_number``."""
    result: Days = _table().day[np.asarray(numbers)]
    return result


def add_working_days(days: Any, n: Any) -> Days:
    """The n-th working day after each day (n may be negative or an array); the day itself never counts.

    With n = 0 a working day stays and a day off becomes the working day before it.
    """
    return nth_working_day(working_day_number(days) + np.asarray(n))


def next_working_day(days: Any) -> Days:
    """The day itself if it is worked, else the first working day after it."""
    return nth_working_day(working_day_number(days) + ~is_working_day(days))


def previous_working_day(days: Any) -> Days:
    """The day itself if it is worked, else the last working day before it."""
    return nth_working_day(working_day_number(days))


def from_office_minutes(minutes: Any) -> NDArray[np.datetime64]:
    """Wall time (datetime64[s]) of office minutes: working-day number times 450 plus minutes since 7:30."""
    number, minute = np.divmod(np.asarray(minutes, dtype=np.int64), OFFICE_MINUTES)
    clock = np.where(
        minute < MORNING_MINUTES, MORNING_OPENS + minute, AFTERNOON_OPENS - MORNING_MINUTES + minute
    )
    opens = nth_working_day(number).astype("datetime64[s]")
    result: NDArray[np.datetime64] = opens + (clock * 60).astype("timedelta64[s]")
    return result


def office_minutes(day_numbers: Any, minutes: Any) -> Ints:
    """Office minutes from working-day numbers and minutes of office time (0–449) within the day."""
    result: Ints = np.asarray(day_numbers, dtype=np.int64) * OFFICE_MINUTES + np.asarray(minutes)
    return result
