"""The working days of the sample's years, written out: not asked of the package that the warehouse asks."""

from __future__ import annotations

from typing import Any

import numpy as np

# Labour Code 2019, Article 112, and days off that fell on a rest day or were swapped; 2022 to 2026.
_DAYS_OFF = [
    "2022-01-03", "2022-01-31", *[f"2022-02-0{day}" for day in range(1, 5)], "2022-04-11", "2022-05-02",
    "2022-05-03", "2022-09-01", "2022-09-02", "2023-01-02", *[f"2023-01-{day}" for day in range(20, 27)],
    "2023-05-01", "2023-05-02", "2023-05-03", "2023-09-01", "2023-09-04", "2024-01-01",
    *[f"2024-02-{day:02}" for day in range(8, 15)], "2024-04-18", "2024-04-29", "2024-04-30", "2024-05-01",
    "2024-09-02", "2024-09-03", "2025-01-01", *[f"2025-01-{day}" for day in range(27, 32)], "2025-04-07",
    "2025-04-30", "2025-05-01", "2025-05-02", "2025-09-01", "2025-09-02", "2026-01-01", "2026-01-02",
    *[f"2026-02-{day}" for day in range(16, 21)], "2026-04-27", "2026-04-30", "2026-05-01", "2026-08-31",
    "2026-09-01", "2026-09-02", "2026-11-24",
]  # fmt: skip
_WORKED_SATURDAYS = ["2024-05-04", "2025-04-26", "2026-01-10", "2026-08-22"]


def is_worked(days: Any) -> Any:
    """Whether each day (datetime64[D]) is a working day."""
    weekday = (days.astype("datetime64[D]").astype(np.int64) + 3) % 7
    is_off = np.isin(days, np.array(_DAYS_OFF, "datetime64[D]"))
    return ((weekday < 5) & ~is_off) | np.isin(days, np.array(_WORKED_SATURDAYS, "datetime64[D]"))


def last_days(start_days: Any, lengths: Any, are_working_days: Any) -> Any:
    """The last day of terms: NaT where the start is. The first day does not count.

    In: first days, lengths, whether a length is in working days. A term in calendar days that ends on a day
    off ends on the next working day.
    """
    days = np.arange(np.datetime64("2022-01-01"), np.datetime64("2026-12-31"))
    worked = np.flatnonzero(is_worked(days))
    found = np.full(len(start_days), np.datetime64("NaT", "D"))
    known = ~np.isnat(start_days) & (start_days >= days[0])
    places = (start_days[known] - days[0]).astype(np.int64)
    by_work = worked[np.searchsorted(worked, places, "right") + lengths[known] - 1]
    by_calendar = worked[np.searchsorted(worked, places + lengths[known], "left")]
    found[known] = days[np.where(are_working_days[known], by_work, by_calendar)]
    return found


def working_day_before(some_days: Any, count: int) -> Any:
    """The working day that lies ``count`` working days before each day; NaT where it is."""
    days = np.arange(np.datetime64("2022-01-01"), np.datetime64("2026-12-31"))
    worked = days[is_worked(days)]
    found = np.full(len(some_days), np.datetime64("NaT", "D"))
    known = ~np.isnat(some_days) & (some_days > worked[count])
    found[known] = worked[np.searchsorted(worked, some_days[known], "left") - count]
    return found
