"""What the user may choose about the sample, and the span of time the sample lives in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from dagster_project.errors import ConfigError

FIRST_ON = date(2022, 10, 1)
LAST_ON = date(2024, 12, 31)
"""The last day unless the sample is asked to go on."""

ENDS = {"2024-12": LAST_ON, "2025-12": date(2025, 12, 31)}
"""Months until which the sample can go: before the reorganisation of July 2025, or through it."""

LARGEST_SCALE = 100.0


def _extract_moments() -> tuple[datetime, ...]:
    starts = [date(year, month, 1) for year in range(2022, 2027) for month in range(1, 13)]
    last = max(ENDS.values())
    ends = [start - timedelta(days=1) for start in starts if FIRST_ON < start <= last + timedelta(days=1)]
    return tuple(datetime(day.year, day.month, day.day, 23, 30) for day in ends)


EXTRACT_MOMENTS = _extract_moments()
"""When every system is exported: 23:30 on the last day of each month that a sample can have."""


@dataclass(frozen=True)
class Options:
    """Size (1 = about 25,000 dossiers a year), seed, whether irregularities are planted, the last month.

    Raises ``ConfigError`` for a size, seed or month outside the range.
    """

    scale: float = 1
    seed: int = 2023
    faults: bool = False
    until: str = "2024-12"

    def __post_init__(self) -> None:
        if not 0 < self.scale <= LARGEST_SCALE:
            raise ConfigError(f"--scale {self.scale:g}: choose a number above 0 and up to {LARGEST_SCALE:g}")
        if self.seed < 0:
            raise ConfigError(f"--seed {self.seed}: choose a whole number from 0")
        if self.until not in ENDS:
            raise ConfigError(f"--until {self.until}: choose {' or '.join(ENDS)}")

    @property
    def last_on(self) -> date:
        """The last day of the sample."""
        return ENDS[self.until]

    @property
    def last_day(self) -> np.datetime64:
        """The last day of the sample, for arithmetic on arrays of days."""
        return np.datetime64(self.last_on, "D")

    @property
    def extract_count(self) -> int:
        """How many of ``EXTRACT_MOMENTS`` the sample has."""
        return sum(moment.date() <= self.last_on for moment in EXTRACT_MOMENTS)

    @property
    def last_moment(self) -> np.datetime64:
        """The moment of the last extract: nothing later is known."""
        return np.datetime64(EXTRACT_MOMENTS[self.extract_count - 1], "s")
