"""Scores of officers under Circular 01/2018/TT-VPCP, from the indices known per person: 1, 2 and 3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dagster_project.sample.truth.daily import group, records, running_totals, sum_columns
from dagster_project.sample.truth.periods import Periods
from dagster_project.sample.truth.scores import LAST_ON, cases_of_work, mean_in_tenths
from dagster_project.sample.truth.work import names_of

if TYPE_CHECKING:
    from dagster_project.sample.world import World

INDICES = (1, 2, 3)


def officer_scores(world: World, accepted: pd.DataFrame, periods: Periods) -> pd.DataFrame:
    """One row per scored quarter or year, unit and officer with any case.

    Out: ``tenths`` (the score in tenths of a point), ``indices_count``, and per index ``index_<no>_tenths``
    and ``index_<no>_cases``.
    """
    scored = periods.only("quarter", "year")
    cases = cases_of_work(world, accepted)
    cases = cases.assign(officer_name=names_of(world, cases["officer_no"]))
    cases = cases[cases["officer_name"].notna()].reset_index(drop=True)
    places = group(cases, ["unit_code", "officer_name", "index_no"])
    points = running_totals(places, cases["day"], cases["points"]).during(scored)
    counted = running_totals(places, cases["day"]).during(scored)
    people = group(places.keys, ["unit_code", "officer_name"])
    measures: dict[str, Any] = {}
    for index_no in INDICES:
        is_index = (places.keys["index_no"] == index_no).to_numpy()
        points_here, cases_here = (
            sum_columns(counts[:, is_index], people.codes[is_index], people.size)
            for counts in (points, counted)
        )
        measures[f"index_{index_no}_tenths"] = mean_in_tenths(points_here, cases_here)
        measures[f"index_{index_no}_cases"] = cases_here
    tenths = sum(measures[f"index_{one}_tenths"] for one in INDICES)
    indices_count = sum((measures[f"index_{one}_cases"] > 0).astype(np.int64) for one in INDICES)
    found = records(scored, people.keys, {"tenths": tenths, "indices_count": indices_count, **measures})
    in_force = dict(zip(scored.keys, scored.ends_on <= LAST_ON, strict=True))
    return found[found["period_key"].map(in_force).astype(bool)].reset_index(drop=True)
