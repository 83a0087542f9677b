"""Posts as they were and on today's units; load, staff and lateness of units, alone and with all below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dagster_project.sample.truth.daily import as_days, records
from dagster_project.sample.truth.dossiers import DossierTotals
from dagster_project.sample.truth.hierarchy import Hierarchy
from dagster_project.sample.truth.periods import Periods
from dagster_project.sample.truth.spread import WITH_CHILDREN

if TYPE_CHECKING:
    from dagster_project.sample.world import World

MILLION = 1_000_000
_OF_OFFICERS = [
    "working_days_in_post", "documents_in", "documents_out", "documents_due", "documents_late",
    "documents_open_overdue", "dossiers_received", "dossiers_finished", "dossiers_open", "steps_done",
]  # fmt: skip
_OF_LOAD = {
    "load_documents_count": ["documents_in", "documents_out"],
    "load_dossiers_count": ["dossiers_finished"],
    "load_steps_count": ["steps_done"],
}
_OF_UNITS = ["posts_assigned", "posts_filled", "posts_vacant", "dossiers_judged", "dossiers_late"]


def posts(world: World) -> pd.DataFrame:
    """One row per unit and year: posts_assigned, posts_filled, posts_vacant."""
    listed = world.posts[["unit_code", "year"]].astype({"unit_code": object, "year": np.int64})
    if not len(world.posts):
        return listed
    assigned, filled = (world.posts[name].astype(np.int64) for name in ("posts_assigned", "posts_filled"))
    return listed.assign(posts_assigned=assigned, posts_filled=filled, posts_vacant=assigned - filled)


def current_posts(world: World, listed: pd.DataFrame) -> pd.DataFrame:
    """Posts of each year (``posts``) in the units that stand today, in millionths: one row per unit and year.

    Each part of a unit goes where its successors go, handover after handover; what is said of a unit after
    its last handover goes there too.
    """
    if not len(listed):
        return listed
    handovers = _handovers(world)
    rows = [
        {
            "unit_code": unit,
            "year": row["year"],
            "units_count": 1,
            "assigned_millionths": round(MILLION * share * row["posts_assigned"]),
            "filled_millionths": round(MILLION * share * row["posts_filled"]),
        }
        for row in listed.to_dict("records")
        for unit, share in _parts(str(row["unit_code"]), np.datetime64(f"{row['year']}-12-31"), handovers)
    ]
    return pd.DataFrame(rows).groupby(["unit_code", "year"], as_index=False).sum()


_Handovers = dict[str, list[tuple[np.datetime64, dict[str, float]]]]


def _handovers(world: World) -> _Handovers:
    """Days on which each unit handed work on, oldest first, with the part of each successor."""
    stated = world.unit_successions.assign(day=as_days(world.unit_successions["succeeded_on"]))
    found: _Handovers = {}
    for (unit, day), heirs in stated.sort_values("day").groupby(["old_unit_code", "day"], sort=True):
        parts = heirs["share"].astype(float).fillna(0).to_numpy()
        shares = dict(zip(heirs["new_unit_code"].astype(str), parts / parts.sum(), strict=True))
        found.setdefault(str(unit), []).append((np.datetime64(day, "D"), shares))
    return found


def _parts(unit: str, day: np.datetime64, handovers: _Handovers) -> list[tuple[str, float]]:
    """Where what is said of a unit on a day stands today, and which part of it."""
    own = handovers.get(unit, [])
    later = [one for one in own if one[0] > day]
    if not later and own and unit not in own[-1][1]:
        later = own[-1:]
    if not later:
        return [(unit, 1.0)]
    since, heirs = later[0]
    found = []
    for heir, share in heirs.items():
        goes_on = any(one[0] > since for one in handovers.get(heir, []))
        parts = _parts(heir, since, handovers) if goes_on else [(heir, 1.0)]
        found += [(end, share * part) for end, part in parts]
    return found


def unit_workload(
    world: World,
    periods: Periods,
    dossiers: DossierTotals,
    work: list[pd.DataFrame],
    listed: pd.DataFrame,
) -> pd.DataFrame:
    """One row per month, quarter or year, unit and scope (own; with_children for a few) with anything to say.

    In: the totals over dossiers, the work of officers (``workload`` and ``dossiers_per_officer``), the posts.
    Out: officers_count (persons with a day in post), days and work added up, posts of the period's year,
    dossiers_judged and dossiers_late of OT_06 by date, and what of the work was done in units in which
    anybody has a day in post (``load_…``).
    """
    shown = periods.only("month", "quarter", "year")
    parts = [*work, _judged(dossiers, shown)]
    if len(listed):
        years = pd.DataFrame({"period_key": shown.keys, "year": [int(key[4:8]) for key in shown.keys]})
        parts.append(years.merge(listed, on="year").drop(columns="year"))
    counted = pd.concat(parts, ignore_index=True)
    for name in (*_OF_OFFICERS, *_OF_UNITS):
        counted[name] = counted[name].fillna(0).astype(np.int64) if name in counted else 0
    days = counted.groupby(["period_key", "unit_code"])["working_days_in_post"].transform("sum")
    for name, kinds in _OF_LOAD.items():
        counted[name] = counted[kinds].sum(axis=1).where(days > 0, 0)
    counted["person"] = counted["officer_name"].where(counted["working_days_in_post"] > 0)
    hierarchy = Hierarchy(world.units)
    ends_on = dict(zip(shown.keys, shown.ends_on, strict=True))
    frames = [_added_up(counted.assign(scope="own"))]
    for ancestor in WITH_CHILDREN:
        is_below = [
            unit in hierarchy.below(ancestor, ends_on[key])
            for key, unit in zip(counted["period_key"], counted["unit_code"], strict=True)
        ]
        frames.append(_added_up(counted[is_below].assign(unit_code=ancestor, scope="with_children")))
    return pd.concat(frames, ignore_index=True)


def _judged(dossiers: DossierTotals, periods: Periods) -> pd.DataFrame:
    judged, on_time = (dossiers.sums[name].during(periods) for name in ("judged", "judged_by_date"))
    measures = {"dossiers_judged": judged, "dossiers_late": judged - on_time}
    return records(periods, dossiers.keys[["unit_code"]], measures)


def _added_up(counted: pd.DataFrame) -> pd.DataFrame:
    places = counted.groupby(["period_key", "unit_code", "scope"], sort=False)
    summed = [*_OF_OFFICERS, *_OF_LOAD, *_OF_UNITS]
    sums = places[summed].sum()
    made = sums.assign(officers_count=places["person"].nunique()).reset_index()
    numbers = made[["officers_count", *summed]]
    return made[(numbers != 0).any(axis=1)]
