"""Officers and posts through the reorganisation: postings end with their unit, most go on in a new one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dagster_project.sample.merger.plan import Merger
from dagster_project.sample.officers import titles_of
from dagster_project.sample.randomness import stream
from dagster_project.sample.world import World

Numbers = npt.NDArray[np.int64]


def moved_officers(world: World, merger: Merger) -> pd.DataFrame:
    """The postings of the world, and one more for each that a new unit takes over on the day.

    Adds ``moved_to``: officer_no of the posting that goes on with this one, -1 where none does. Postings that
    begin later are in the new units from the start. Who had to leave with the unit has left already.
    """
    officers = world.officers.reset_index(drop=True)
    joined, left = (officers[name].to_numpy().astype("datetime64[D]") for name in ("joined_on", "left_on"))
    begins_later = joined >= merger.day
    goes_on = ~begins_later & (np.isnat(left) | (left >= merger.day))
    units = officers["unit_code"].to_numpy(object).copy()
    moving = np.flatnonzero(goes_on | begins_later)
    new_units = _new_units(merger, units[moving])
    by_row = np.full(len(officers), None, dtype=object)
    by_row[moving] = new_units
    units[begins_later] = by_row[begins_later]
    rows = np.flatnonzero(goes_on)
    moved_to = np.full(len(officers), -1, dtype=np.int64)
    moved_to[rows] = len(officers) + np.arange(len(rows))
    new = officers.iloc[rows].assign(
        officer_no=moved_to[rows],
        unit_code=by_row[rows],
        joined_on=merger.day.astype("datetime64[s]"),
        position=_positions(merger, by_row[rows], officers["position"].to_numpy(object)[rows]),
        moved_to=np.int64(-1),
    )
    ended = np.where(goes_on, merger.day - 1, left).astype("datetime64[s]")
    old = officers.assign(unit_code=units, left_on=ended, moved_to=moved_to)
    return pd.concat([old, new], ignore_index=True)


def posts_after(world: World, officers: pd.DataFrame, merger: Merger) -> pd.DataFrame:
    """The posts of the world, for the year of the reorganisation those of the new units."""
    year = int(str(merger.day)[:4])
    end = pd.Timestamp(year, 12, 31)
    in_post = officers[
        (officers["joined_on"] <= end) & (officers["left_on"].isna() | (officers["left_on"] >= end))
    ]
    count = in_post.groupby("unit_code").size().sort_index()
    filled = count.to_numpy(dtype=np.int64)
    vacant = stream(world.options, "merger/posts").integers(0, 4, len(filled))
    new = pd.DataFrame(
        {
            "unit_code": count.index.to_numpy(),
            "year": np.int64(year),
            "posts_assigned": filled + vacant,
            "posts_filled": filled,
        }
    )
    return pd.concat([world.posts[world.posts["year"] < year], new], ignore_index=True)


def _new_units(merger: Merger, units: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """The new unit of each posting; those of a unit that was split go to its heirs by turns."""
    turn = pd.Series(units).groupby(units).cumcount().to_numpy()
    # heirs that bear an old code come first: so every size of the sample has people in both bearers of it
    heirs = {unit: sorted(new, key=lambda code: "~" not in code) for unit, new in merger.heirs.items()}
    return np.array(
        [heirs[unit][place % len(heirs[unit])] for unit, place in zip(units, turn, strict=True)], dtype=object
    )


def _positions(merger: Merger, units: npt.NDArray[np.object_], positions: npt.NDArray[np.object_]) -> Any:
    """Positions in the new units: one head each, the heads of the others become deputies."""
    names = dict(zip(merger.units["unit_code"], merger.units["unit_name"], strict=True))
    titles = np.array([titles_of(names[unit]) for unit in units], dtype=object).reshape(len(units), 3)
    leads = pd.Series(positions).str.match(
        "(?!Phó)(?:Giám đốc|Chánh|Chi cục trưởng|Trưởng|Chuyên viên Một cửa)"
    )
    assists = pd.Series(positions).str.startswith("Phó")
    is_first = ~pd.DataFrame({"unit": units, "leads": leads}).duplicated()
    choice = np.select([leads & is_first, leads | assists], [0, 1], 2)
    return titles[np.arange(len(units)), choice]
