"""Who was in post where on which day, for drawing officers by the hundred thousand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dagster_project.sample.catalog import Catalog
from dagster_project.sample.intake import Bools, Ints
from dagster_project.sample.options import FIRST_ON, Options

LEADERS = ("Giám đốc", "Phó Giám đốc", "Chánh", "Phó Chánh", "Trưởng", "Phó Trưởng", "Chi cục", "Phó Chi cục",
           "Chủ tịch", "Phó Chủ tịch")  # fmt: skip
_FIRST = np.datetime64(FIRST_ON, "D")
_OPEN_END = np.datetime64("2100-01-01", "D")


@dataclass(frozen=True)
class Rosters:
    """``slots[unit, day, place]``: officers in post, leaders first; ``total`` and ``leading``: how many."""

    slots: NDArray[np.int32]
    total: Ints
    leading: Ints
    joined_on: NDArray[np.datetime64]
    left_on: NDArray[np.datetime64]

    def pick(self, rng: np.random.Generator, units: Any, days: Any, leaders: bool = False) -> Ints:
        """An officer (officer_no) of each unit, in post on each day; -1 where nobody is.

        Units are rows of the catalog. Leaders sign; all others do the work, some of them more than others.
        Where a unit has only one sort, that sort does both.
        """
        place = self._places(days)
        total, leading = self.total[units, place], self.leading[units, place]
        first = np.where(leaders | (leading == total), 0, leading)
        among = np.where(leaders & (leading > 0), leading, total - first)
        chance = rng.random(len(place)) ** 1.35
        found = self.slots[units, place, np.minimum(first + (chance * among).astype(np.int64), total - 1)]
        return np.where(total > 0, found, -1).astype(np.int64)

    def in_post(self, officers: Ints, days: Any) -> Bools:
        """Whether each officer holds the post on that day; never for -1."""
        days = np.asarray(days).astype("datetime64[D]")
        result: Bools = (
            (officers >= 0) & (self.joined_on[officers] <= days) & (self.left_on[officers] >= days)
        )
        return result

    def _places(self, days: Any) -> Ints:
        place: Ints = (np.asarray(days).astype("datetime64[D]") - _FIRST).astype(np.int64)
        return np.clip(place, 0, self.total.shape[1] - 1)


def make_rosters(options: Options, catalog: Catalog, officers: pd.DataFrame) -> Rosters:
    """Rosters of every unit and day of the horizon from the postings; ``left_on`` is the last day in post."""
    days = np.arange(_FIRST, options.last_day + 1)
    joined = officers["joined_on"].to_numpy().astype("datetime64[D]")
    left = officers["left_on"].to_numpy().astype("datetime64[D]")
    left = np.where(np.isnat(left), _OPEN_END, left)
    units = list(catalog.units["unit_code"])
    numbers = officers["officer_no"].to_numpy()
    if not np.array_equal(numbers, np.arange(len(officers))):
        raise ValueError("officer_no is the row of the officers table")
    leads = officers["position"].str.startswith(LEADERS).to_numpy(dtype=bool)
    by_unit = officers.groupby("unit_code", sort=False, observed=True).indices
    width = max((len(rows) for rows in by_unit.values()), default=1)
    slots = np.full((len(units), len(days), width), -1, dtype=np.int32)
    total = np.zeros((len(units), len(days)), dtype=np.int64)
    leading = np.zeros_like(total)
    for code, rows in by_unit.items():
        unit = units.index(str(code))
        rows = rows[np.argsort(~leads[rows], kind="stable")]
        here = (joined[rows, None] <= days) & (left[rows, None] >= days)
        # Those in post move to the front, order kept: leaders stay before the others.
        order = np.argsort(~here, axis=0, kind="stable")
        slots[unit, :, : len(rows)] = np.where(np.sort(~here, axis=0), -1, rows[order]).T
        total[unit] = here.sum(axis=0)
        leading[unit] = (here & leads[rows, None]).sum(axis=0)
    return Rosters(slots, total, leading, joined, left)
