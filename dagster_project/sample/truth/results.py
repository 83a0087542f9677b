"""Results by period: the stock that is still valid, what of it is digitized, what was issued."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dagster_project.sample.truth.daily import (
    Totals,
    as_days,
    group,
    records,
    running_totals,
    standing_totals,
    sum_columns,
)
from dagster_project.sample.truth.dossiers import DossierTotals
from dagster_project.sample.truth.periods import Periods

if TYPE_CHECKING:
    from dagster_project.sample.world import World

PLACE = ["unit_code", "field_code"]
_FROM_DOSSIERS = {
    "dossiers_to_scan": "to_scan",
    "dossiers_scanned": "scanned",
    "dossiers_reusing_data": "reusing",
}


def result_totals(world: World) -> tuple[pd.DataFrame, dict[str, Totals]]:
    """Places (unit, field) and running totals of results_valid, …_digitized, results_issued, …_electronic.

    A result is valid from its day of issue through ``valid_to_on`` (for ever where permanent or without
    one), and counts as digitized from the day it was digitized, at the earliest when issued.
    """
    results = world.results
    places = group(results, PLACE)
    issued_on = as_days(results["issued_on"])
    is_permanent = results["is_permanent"].to_numpy(bool)
    ends_on = np.where(is_permanent, np.datetime64("NaT", "D"), as_days(results["valid_to_on"]) + 1)
    is_digitized = results["is_digitized"].to_numpy(bool)
    digitized_on = np.where(is_digitized, as_days(results["digitized_on"]), np.datetime64("NaT", "D"))
    is_electronic = results["is_electronic"].to_numpy(bool)
    return places.keys, {
        "results_valid": standing_totals(places, issued_on, ends_on),
        "results_valid_digitized": standing_totals(places, np.maximum(issued_on, digitized_on), ends_on),
        "results_issued": running_totals(places, issued_on),
        "results_issued_electronic": running_totals(places.of(is_electronic), issued_on[is_electronic]),
    }


def digitization(
    periods: Periods, results: tuple[pd.DataFrame, dict[str, Totals]], dossiers: DossierTotals
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Places (unit, field) and, per period and place, the seven columns of ``fct_digitization_periods``."""
    result_keys, result_sums = results
    keys = pd.concat([result_keys, dossiers.keys[PLACE]], ignore_index=True)
    places = group(keys, PLACE)
    of_results, of_dossiers = places.codes[: len(result_keys)], places.codes[len(result_keys) :]
    measures: dict[str, Any] = {}
    for name, totals in result_sums.items():
        counted = totals.at_end(periods) if "valid" in name else totals.during(periods)
        measures[name] = sum_columns(counted, of_results, places.size)
    for name, source in _FROM_DOSSIERS.items():
        measures[name] = sum_columns(dossiers.sums[source].during(periods), of_dossiers, places.size)
    return places.keys, measures


def digitization_records(periods: Periods, keys: pd.DataFrame, measures: dict[str, Any]) -> pd.DataFrame:
    """One row per period, unit and field in which any of the seven columns is not 0."""
    return records(periods, keys, measures)
