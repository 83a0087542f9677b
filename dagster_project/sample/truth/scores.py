"""Scores of units under Circular 01/2018/TT-VPCP, Articles 13 and 15.

Points and cases of the indices that the department's own data gives: 1 time of the dossier, 2 time of each
unit, 3 contacts to complete it, 8 feedback answered in time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dagster_project.sample.truth.daily import as_days, group, running_totals, sum_columns
from dagster_project.sample.truth.hierarchy import Hierarchy
from dagster_project.sample.truth.periods import Periods
from dagster_project.sample.truth.promises import due_at
from dagster_project.sample.truth.spread import WITH_CHILDREN

if TYPE_CHECKING:
    from dagster_project.sample.world import World

LAST_ON = np.datetime64("2025-06-30", "D")
_LAWFUL = ("initial", "after_supplement", "stage_2")
_WITH_RESULT = ("done", "refused")


def unit_scores(world: World, accepted: pd.DataFrame, periods: Periods) -> pd.DataFrame:
    """One row per scored period, unit and scope with any case.

    In: the world, its accepted dossiers, the periods (months are not scored). Out: ``period_key``,
    ``unit_code``, ``scope``, ``tenths`` (the score in tenths of a point, so that it is a whole number),
    ``indices_count``, ``points``, ``cases_count``.
    """
    scored = periods.only("quarter", "half_year", "year")
    cases = pd.concat([cases_of_work(world, accepted), _of_feedback(world)], ignore_index=True)
    places = group(cases, ["unit_code", "index_no"])
    points = running_totals(places, cases["day"], cases["points"]).during(scored)
    counted = running_totals(places, cases["day"]).during(scored)
    hierarchy = Hierarchy(world.units)
    frames = [_scores(scored, places.keys, points, counted, "own")]
    for ancestor in WITH_CHILDREN:
        is_below = hierarchy.are_below(ancestor, scored.ends_on, places.keys["unit_code"])
        above = places.keys.assign(unit_code=ancestor)
        frames.append(
            _scores(
                scored, above, np.where(is_below, points, 0), np.where(is_below, counted, 0), "with_children"
            )
        )
    found = _with_own_marks(pd.concat(frames, ignore_index=True), world.reported_figures)
    in_force = dict(zip(scored.keys, scored.ends_on <= LAST_ON, strict=True))
    return found[found["period_key"].map(in_force)].reset_index(drop=True)


def cases_of_work(world: World, accepted: pd.DataFrame) -> pd.DataFrame:
    """Cases of indices 1, 2 and 3: unit_code, officer_no, index_no, day, points."""
    return pd.concat([_of_dossiers(world, accepted), _of_steps(world)], ignore_index=True)


def mean_in_tenths(points: Any, cases: Any) -> Any:
    """The mean to one decimal, half up, in whole numbers; 0 where there is no case."""
    return np.where(cases > 0, (20 * points + cases) // np.maximum(2 * cases, 1), 0)


def _with_own_marks(scores: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    """Add what a unit marks itself to its scores, in both scopes, in the quarters that have any case."""
    marks = figures[figures["figure_code"].astype(str).str.startswith("score_01_index_")]
    marks = marks.assign(
        period_key=marks["calendar"].astype(str) + ":" + marks["period"].astype(str),
        tenths=np.rint(10 * marks["value"].astype(float)).astype(np.int64),
        indices_count=1,
    )
    names = ["tenths", "indices_count"]
    added = marks.groupby(["period_key", "unit_code"], observed=True)[names].sum()
    own = added.reindex(pd.MultiIndex.from_frame(scores[["period_key", "unit_code"]]), fill_value=0)
    return scores.assign(**{name: scores[name] + own[name].to_numpy() for name in names})


def _scores(periods: Periods, keys: pd.DataFrame, points: Any, cases: Any, scope: str) -> pd.DataFrame:
    """Add up places of one unit and index, take the mean of each index, add up the means of a unit."""
    indices = group(keys, ["unit_code", "index_no"])
    points, cases = (sum_columns(counts, indices.codes, indices.size) for counts in (points, cases))
    is_share = (indices.keys["index_no"] == 8).to_numpy()
    share = np.where(points == cases, 20, np.where(10 * points >= 9 * cases, 10, 0))
    tenths = np.where(cases > 0, np.where(is_share, share, mean_in_tenths(points, cases)), 0)
    units = group(indices.keys, ["unit_code"])
    sums = [
        sum_columns(np.asarray(counts, np.int64), units.codes, units.size)
        for counts in (tenths, cases > 0, points, cases)
    ]
    period, unit = np.nonzero(sums[3])
    names = ("tenths", "indices_count", "points", "cases_count")
    return pd.DataFrame(
        {
            "period_key": np.array(periods.keys, object)[period],
            "unit_code": units.keys["unit_code"].to_numpy()[unit],
            "scope": scope,
            **{name: counts[period, unit] for name, counts in zip(names, sums, strict=True)},
        }
    )


def _of_dossiers(world: World, accepted: pd.DataFrame) -> pd.DataFrame:
    """Indices 1 and 3: a case per dossier that ended with a result or a refusal."""
    finished = accepted[accepted["finished_on"].notna() & accepted["outcome"].isin(_WITH_RESULT)]
    lawful = world.due_dates[world.due_dates["reason"].astype(str).isin(_LAWFUL)]
    promised = as_days(due_at(lawful, finished["dossier_no"], finished["finished_at"]))
    has_promise = ~np.isnat(promised)
    in_time = finished[has_promise].assign(
        index_no=1, points=_for_time(finished["finished_on"][has_promise], promised[has_promise])
    )
    asked = world.supplements[world.supplements["phase"].astype(str) == "after_acceptance"]
    asked = asked.merge(finished[["dossier_no", "finished_at"]], on="dossier_no")
    contacts = asked[asked["requested_at"] <= asked["finished_at"]].groupby("dossier_no").size()
    times = contacts.reindex(finished["dossier_no"], fill_value=0).to_numpy()
    contacted = finished.assign(index_no=3, points=np.maximum(2 - times, 0))
    cases = pd.concat([in_time, contacted])
    return cases.rename(columns={"finished_on": "day"})[
        ["unit_code", "officer_no", "index_no", "day", "points"]
    ]


def _of_steps(world: World) -> pd.DataFrame:
    """Index 2: a case per finished step that had a date of its own."""
    steps = world.steps[world.steps["finished_at"].notna() & world.steps["due_at"].notna()]
    day = as_days(steps["finished_at"])
    return pd.DataFrame(
        {
            "unit_code": steps["unit_code"].astype(object).to_numpy(),
            "officer_no": steps["officer_no"].to_numpy(),
            "index_no": 2,
            "day": day,
            "points": _for_time(day, as_days(steps["due_at"])),
        }
    )


def _of_feedback(world: World) -> pd.DataFrame:
    """Index 8: a case per piece of feedback, on the day of an answer in time or the day after it was due."""
    petitions = world.petitions
    is_own = petitions["transferred_at"].isna() | petitions["answered_at"].notna()
    own = petitions[(petitions["petition_type"] == "PAKN") & petitions["due_at"].notna() & is_own]
    answered, due = as_days(own["answered_at"]), as_days(own["due_at"])
    is_kept = answered <= due
    return pd.DataFrame(
        {
            "unit_code": own["unit_code"].astype(object).to_numpy(),
            "index_no": 8,
            "day": np.where(is_kept, answered, due + 1),
            "points": is_kept.astype(np.int64),
        }
    )


def _for_time(finished_on: Any, limit_on: Any) -> Any:
    """2 points for earlier than the limit, 1 for the same day, 0 for later."""
    days = np.asarray(finished_on, "datetime64[D]")
    return np.select([days < limit_on, days == limit_on], [2, 1], 0)
