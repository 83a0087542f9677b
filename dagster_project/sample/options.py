"""What the user may choose about the sample, and the span of time the sample lives in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from dagster_project.errors import ConfigError

FIRST_ON = date(2022, 10, 1)
LAST_ON = date(2024, 12, 31)
LAST_AT = datetime(2024, 12, 31, 23, 30)
LAST_MOMENT = np.datetime64(LAST_AT, "s")
LARGEST_SCALE = 100.0


def _extract_moments() -> tuple[datetime, ...]:
    starts = [date(year, month, 1) for year in (2022, 2023, 2024, 2025) for month in range(1, 13)]
    ends = [start - timedelta(days=1) for start in starts if FIRST_ON < start <= LAST_ON + timedelta(days=1)]
    return tuple(datetime(day.year, day.month, day.day, 23, 30) for day in ends)


EXTRACT_MOMENTS = _extract_moments()
"""When every system is exported: 23:30 on the last day of each of the 27 months."""


@dataclass(frozen=True)
class Options:
    """Size (1 = about 25,000 dossiers a year), seed, and whether irregularities are planted.

    Raises ``ConfigError`` for a size or seed outside the range.
    """

    scale: float = 1
    seed: int = 2023
    faults: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.scale <= LARGEST_SCALE:
            raise ConfigError(f"--scale {self.scale:g}: choose a number above 0 and up to {LARGEST_SCALE:g}")
        if self.seed < 0:
            raise ConfigError(f"--seed {self.seed}: choose a whole number from 0")
