"""Officers of the sample: who held which post from when to when, and the posts each unit was given.

A row of ``officers`` is one posting: somebody who moves to another unit (or whose division is merged) has a
row in each, under the same name. ``left_on`` and a unit's ``valid_to_on`` are last days, not the day after.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dagster_project.sample import options as span
from dagster_project.sample.catalog import DEPARTMENT, LAND_OFFICE, PROVINCE, Catalog
from dagster_project.sample.options import Options
from dagster_project.sample.people import unique_names
from dagster_project.sample.randomness import stream
from dagster_project.sample.workdays import next_working_day, previous_working_day

FIRST_ON = np.datetime64(span.FIRST_ON, "D")
FIRST_YEAR = span.FIRST_ON.year

_NEVER = np.datetime64("2100-01-01", "D")
_LEAVER_SHARE = 0.13
_LATER_LEAVER_SHARE = 0.06
_RETIRED_SHARE = 0.05
_LAST_DAY_OF_OLD_UNITS = np.datetime64("2025-06-30", "D")
_SUCCESSOR_SHARE = 0.8
_TRANSFERS = 5

# Head, deputy and everybody else, by how the unit's name starts; the last entry fits every other name.
_POSITIONS: tuple[tuple[str, tuple[str, str, str]], ...] = (
    ("Văn phòng Đăng ký", ("Giám đốc Văn phòng", "Phó Giám đốc Văn phòng", "Viên chức")),
    ("Chi nhánh", ("Giám đốc Chi nhánh", "Phó Giám đốc Chi nhánh", "Viên chức")),
    ("Văn phòng", ("Chánh Văn phòng", "Phó Chánh Văn phòng", "Chuyên viên")),
    ("Thanh tra", ("Chánh Thanh tra", "Phó Chánh Thanh tra", "Thanh tra viên")),
    ("Chi cục", ("Chi cục trưởng", "Phó Chi cục trưởng", "Chuyên viên")),
    ("Sở", ("Giám đốc Sở", "Phó Giám đốc Sở", "Phó Giám đốc Sở")),
    ("UBND", ("Chuyên viên Một cửa", "Chuyên viên", "Chuyên viên")),
    ("", ("Trưởng phòng", "Phó Trưởng phòng", "Chuyên viên")),
)

Days = npt.NDArray[np.datetime64]
Numbers = npt.NDArray[np.int64]


def make_officers(options: Options, catalog: Catalog) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Officers and posts. In: seed and the catalog's units and successions. Out:

    - officers, one row per posting: officer_no, officer_name, unit_code, position, joined_on, left_on (the
      last day in post, NaT while in post); names differ between persons, nobody holds two postings at once;
    - posts, one row per unit and year it stands at the end of: unit_code, year, posts_assigned, posts_filled.
    """
    rng = stream(options, "officers")
    units = _own_units(catalog)
    postings = _first_postings(rng, units)
    postings = _with_turnover(options, rng, postings, (40, 800), _LEAVER_SHARE)
    postings = _with_transfers(rng, postings)
    if options.last_on > span.LAST_ON:
        later = stream(options, "officers/later")
        postings = _with_turnover(options, later, postings, (830, 1150), _LATER_LEAVER_SHARE)
        postings = _with_retirements(later, postings)
    postings = _with_mergers(postings, units, catalog.unit_successions)
    officers = _named(rng, postings)
    return officers, _posts(options, rng, officers, units)


def draw_valid(rng: np.random.Generator, starts: Days, ends: Days, weights: Any, days: Days) -> Numbers:
    """For each day, a row number of something valid that day, drawn by weight.

    In: first and last day of each row (NaT = open), a weight per row, the days. Out: one row number per day.
    ValueError where nothing is valid on one of the days.
    """
    starts, ends, days = (np.asarray(x).astype("datetime64[D]") for x in (starts, ends, days))
    ends = np.where(np.isnat(ends), _NEVER, ends)
    starts = np.where(np.isnat(starts), np.datetime64("1900-01-01", "D"), starts)
    weights = np.asarray(weights, dtype=float)
    # Between two changes the set of valid rows stands still, so one draw serves all days of such a stretch.
    changes = np.unique(np.concatenate([starts, ends + 1]))
    stretch = np.searchsorted(changes, days, side="right") - 1
    draws = rng.random(len(days))
    chosen = np.full(len(days), -1, dtype=np.int64)
    for number in np.unique(stretch):
        day = changes[max(number, 0)]
        rows = np.flatnonzero((starts <= day) & (ends >= day) & (weights > 0))
        if number < 0 or not len(rows):
            raise ValueError("nothing is valid on one of the days")
        here = stretch == number
        bounds = np.cumsum(weights[rows])
        chosen[here] = rows[np.searchsorted(bounds, draws[here] * bounds[-1], side="right")]
    return chosen


def titles_of(unit_name: str) -> tuple[str, str, str]:
    """What the head, the deputies and all others of a unit are called."""
    return next(titles for start, titles in _POSITIONS if unit_name.startswith(start))


def _own_units(catalog: Catalog) -> pd.DataFrame:
    """Own units that have officers, with how many they have at the start."""
    units = catalog.units
    units = units[(units["kind"] == "own") & (units["unit_code"] != PROVINCE)].reset_index(drop=True)
    land = catalog.settings["handlers"]["land"]
    return units.assign(group=[_group(unit) for unit in units.itertuples()]).assign(
        load=units["unit_code"].map(land).fillna(0.0) / max(land.values()),
        is_closing=units["valid_to_on"].notna(),
    )


def _group(unit: Any) -> str:
    if unit.level == "district":
        return "district"
    if unit.unit_code == DEPARTMENT:
        return "department"
    return "branch" if unit.parent_unit_code == LAND_OFFICE else "division"


def _sizes(rng: np.random.Generator, units: pd.DataFrame) -> Numbers:
    """Officers per unit: branches by their load, divisions by chance, those that were merged away small."""
    division = np.where(units["is_closing"], rng.integers(6, 9, len(units)), rng.integers(9, 15, len(units)))
    branch = 12 + np.round(7 * units["load"] + rng.random(len(units)))
    by_group = [units["group"] == "branch", units["group"] == "division"]
    sizes: Numbers = np.select(by_group, [branch, division], 4).astype(np.int64)
    return sizes


def _first_postings(rng: np.random.Generator, units: pd.DataFrame) -> pd.DataFrame:
    """Everybody in post when the horizon begins; the head and the deputies of a unit come first."""
    units = units[(units["valid_from_on"].isna()) | (units["valid_from_on"] <= pd.Timestamp(FIRST_ON))]
    sizes = _sizes(rng, units)
    rank = np.concatenate([np.arange(size) for size in sizes])
    joined = np.datetime64("2010-03-01", "D") + rng.integers(0, 12 * 365, sizes.sum())
    return pd.DataFrame(
        {
            "unit_code": np.repeat(units["unit_code"].to_numpy(), sizes),
            "group": np.repeat(units["group"].to_numpy(), sizes),
            "position": np.concatenate(
                [_positions(name, size) for name, size in zip(units["unit_name"], sizes, strict=True)]
            ),
            "is_head": rank < 2,
            "person_no": np.arange(sizes.sum()),
            "joined_on": _first_of_month(joined),
            "left_on": np.full(sizes.sum(), "NaT", dtype="datetime64[D]"),
        }
    )


def _positions(unit_name: str, size: int) -> npt.NDArray[np.object_]:
    head, deputy, other = titles_of(unit_name)
    return np.array([head, deputy, *[other] * (size - 2)], dtype=object)


def _first_of_month(days: Days) -> Days:
    return next_working_day(days.astype("datetime64[M]").astype("datetime64[D]"))


def _with_turnover(
    options: Options, rng: np.random.Generator, postings: pd.DataFrame, days: tuple[int, int], share: float
) -> pd.DataFrame:
    """Some leave in these days after the start; most of them are replaced one to four months later."""
    leaving_from = pd.Timestamp(FIRST_ON + days[0])
    may_leave = ~postings["is_head"] & (postings["group"] != "department")
    may_leave &= postings["left_on"].isna() & (postings["joined_on"] < leaving_from)
    candidates = np.flatnonzero(may_leave)
    leavers = np.sort(rng.choice(candidates, int(len(postings) * share), replace=False))
    left = previous_working_day(FIRST_ON + rng.integers(*days, len(leavers)))
    postings = _left(postings, leavers, left)
    joined = _first_of_month(left + rng.integers(30, 130, len(leavers)))
    comes = (rng.random(len(leavers)) < _SUCCESSOR_SHARE) & (joined < options.last_day)
    new = postings.iloc[leavers[comes]].assign(
        joined_on=joined[comes],
        left_on=np.datetime64("NaT", "D"),
        person_no=postings["person_no"].max() + 1 + np.arange(comes.sum()),
    )
    return pd.concat([postings, new], ignore_index=True)


def _with_retirements(rng: np.random.Generator, postings: pd.DataFrame) -> pd.DataFrame:
    """Some leave for good on the last day of the units that are reorganised."""
    may_leave = ~postings["is_head"] & (postings["group"] != "department")
    may_leave &= postings["left_on"].isna() & (postings["joined_on"] < pd.Timestamp(_LAST_DAY_OF_OLD_UNITS))
    candidates = np.flatnonzero(may_leave)
    leavers = np.sort(rng.choice(candidates, int(len(candidates) * _RETIRED_SHARE), replace=False))
    return _left(postings, leavers, np.full(len(leavers), _LAST_DAY_OF_OLD_UNITS))


def _with_transfers(rng: np.random.Generator, postings: pd.DataFrame) -> pd.DataFrame:
    """A few move from one branch to another at the turn of a month."""
    is_free = ~postings["is_head"] & (postings["group"] == "branch") & postings["left_on"].isna()
    is_free &= postings["joined_on"] < pd.Timestamp(FIRST_ON)
    movers = np.sort(rng.choice(np.flatnonzero(is_free), _TRANSFERS, replace=False))
    starts = _first_of_month(FIRST_ON + rng.integers(90, 700, _TRANSFERS))
    branches = postings.loc[postings["group"] == "branch", "unit_code"].unique()
    old = postings["unit_code"].to_numpy()[movers]
    place = np.array([np.flatnonzero(branches == code)[0] for code in old])
    new_units = branches[(place + rng.integers(1, len(branches), _TRANSFERS)) % len(branches)]
    moved = postings.iloc[movers].assign(unit_code=new_units, joined_on=starts)
    return pd.concat([_left(postings, movers, starts - 1), moved], ignore_index=True)


def _with_mergers(postings: pd.DataFrame, units: pd.DataFrame, successions: pd.DataFrame) -> pd.DataFrame:
    """When a division is merged into another, its people go on there from the day of the merger."""
    own = set(units["unit_code"])
    successions = successions[successions["old_unit_code"].isin(own) & successions["is_default"].astype(bool)]
    joined_heads: set[str] = set()
    for merger in successions.sort_values(["succeeded_on", "old_unit_code"]).itertuples():
        day = np.datetime64(merger.succeeded_on, "D")
        in_unit = (postings["unit_code"] == merger.old_unit_code).to_numpy()
        left, joined = (postings[name].to_numpy().astype("M8[D]") for name in ("left_on", "joined_on"))
        stays = np.flatnonzero(in_unit & (joined < day) & (np.isnat(left) | (left >= day)))
        comes_later = in_unit & (joined >= day)
        moved = postings.iloc[stays].assign(unit_code=merger.new_unit_code, joined_on=day)
        if merger.new_unit_code in joined_heads:
            moved["position"] = moved["position"].replace("Trưởng phòng", "Phó Trưởng phòng")
        joined_heads.add(str(merger.new_unit_code))
        postings.loc[comes_later, "unit_code"] = merger.new_unit_code
        postings = pd.concat([_left(postings, stays, np.full(len(stays), day - 1)), moved], ignore_index=True)
    return postings


def _left(postings: pd.DataFrame, rows: Numbers, days: Days) -> pd.DataFrame:
    left = postings["left_on"].to_numpy().astype("datetime64[D]").copy()
    left[rows] = days
    return postings.assign(left_on=left)


def _named(rng: np.random.Generator, postings: pd.DataFrame) -> pd.DataFrame:
    postings = postings.sort_values(["unit_code", "joined_on", "person_no"], kind="stable", ignore_index=True)
    names = np.array(unique_names(rng, int(postings["person_no"].max()) + 1), dtype=object)
    return pd.DataFrame(
        {
            "officer_no": np.arange(len(postings), dtype=np.int64),
            "officer_name": names[postings["person_no"].to_numpy()],
            "unit_code": postings["unit_code"],
            "position": postings["position"],
            "joined_on": postings["joined_on"].astype("datetime64[s]"),
            "left_on": postings["left_on"].astype("datetime64[s]"),
        }
    )


def _posts(
    options: Options, rng: np.random.Generator, officers: pd.DataFrame, units: pd.DataFrame
) -> pd.DataFrame:
    """Posts at the end of each year: the filled ones are counted, most units have one to three vacant."""
    frames = []
    for year in range(FIRST_YEAR, options.last_on.year + 1):
        end = pd.Timestamp(year, 12, 31)
        standing = units[_in_force(units["valid_from_on"], units["valid_to_on"], end)]
        in_post = officers[_in_force(officers["joined_on"], officers["left_on"], end)]
        count = (
            in_post.groupby("unit_code")
            .size()
            .reindex(standing["unit_code"], fill_value=0)
            .to_numpy(dtype=np.int64)
        )
        frames.append(
            pd.DataFrame(
                {
                    "unit_code": standing["unit_code"].to_numpy(),
                    "year": np.int64(year),
                    "posts_assigned": count + rng.integers(0, 4, len(count)),
                    "posts_filled": count,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _in_force(starts: pd.Series, ends: pd.Series, day: pd.Timestamp) -> pd.Series:
    return (starts.isna() | (starts <= day)) & (ends.isna() | (ends >= day))
