"""Numerators and denominators of every rate, per unit alone and for a few units with all below them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dagster_project.sample.truth.cases import Cases
from dagster_project.sample.truth.courtesy import courtesy_rates
from dagster_project.sample.truth.daily import as_days, group, running_totals
from dagster_project.sample.truth.dossiers import DossierTotals
from dagster_project.sample.truth.hierarchy import Hierarchy
from dagster_project.sample.truth.overdue import age_bands, quantile_rows
from dagster_project.sample.truth.periods import Periods
from dagster_project.sample.truth.petitions import due_days
from dagster_project.sample.truth.publications import publication_rates
from dagster_project.sample.truth.punctuality import punctuality_rates
from dagster_project.sample.truth.results import PLACE
from dagster_project.sample.truth.spread import Spread
from dagster_project.sample.truth.work import registered_on

if TYPE_CHECKING:
    from dagster_project.sample.world import World

COLUMNS = [
    "period_key", "unit_code", "scope", "field_code", "indicator_code", "rule_version",
    "numerator", "denominator",
]  # fmt: skip
_OF_DIGITIZATION = {
    "DIG_STOCK": ("results_valid_digitized", "results_valid"),
    "DIG_RESULT": ("results_issued_electronic", "results_issued"),
    "DIG_COMP": ("dossiers_scanned", "dossiers_to_scan"),
}


def rates(
    world: World,
    periods: Periods,
    dossiers: DossierTotals,
    cases: Cases,
    digitized: tuple[pd.DataFrame, dict[str, Any]],
) -> pd.DataFrame:
    """One row per period, unit, scope, field, indicator and rule version whose denominator is not 0.

    Letters (DOC_IN, DOC_OUT) are counts: denominator None, one row where the count is not 0. Quantiles have
    the number of days as numerator and the dossiers they rest on as denominator.
    """
    hierarchy = Hierarchy(world.units)
    frames = _of_dossiers(Spread(hierarchy, periods, dossiers.keys), periods, dossiers)
    frames += _of_cases(Spread(hierarchy, periods, cases.places.keys), world, cases)
    keys, measures = digitized
    spread = Spread(hierarchy, periods, keys)
    frames += [
        spread.rows(code, "v1", measures[numerator], measures[denominator])
        for code, (numerator, denominator) in _OF_DIGITIZATION.items()
    ]
    frames += _letters(world, hierarchy, periods)
    frames += _feedback(world, hierarchy, periods)
    frames.append(publication_rates(world, periods))
    return pd.concat(frames, ignore_index=True)[COLUMNS]


def _of_dossiers(spread: Spread, periods: Periods, dossiers: DossierTotals) -> list[pd.DataFrame]:
    happened = {
        name: dossiers.sums[name].during(periods)
        for name in (
            "judged", "judged_by_date", "judged_by_time", "judged_original",
            "received_online", "received_other", "reusing",
        )
    }  # fmt: skip
    overdue = dossiers.open_overdue(periods)
    # an open dossier without due date can be neither late nor in time: no rate counts it
    with_due_date = dossiers.sums["open_with_due_date"].at_end(periods)
    received = happened["received_online"] + happened["received_other"]
    return [
        spread.rows("OT_06", "by_date_v1", happened["judged_by_date"], happened["judged"]),
        spread.rows("OT_06", "by_time_v1", happened["judged_by_time"], happened["judged"]),
        spread.rows("OT_ORIG", "by_date_v1", happened["judged_original"], happened["judged"]),
        spread.rows("LATE_OPEN", "by_date_v1", overdue, with_due_date),
        spread.rows("ONLINE", "v1", happened["received_online"], received),
        spread.rows("REUSE", "v1", happened["reusing"], received),
    ]


def _of_cases(spread: Spread, world: World, cases: Cases) -> list[pd.DataFrame]:
    received = np.arange(len(cases.accepted))
    is_sent = cases.accepted["is_synced"].to_numpy(bool)
    received_on = cases.accepted["received_on"].to_numpy()
    carried = cases.on_days(received[is_sent], received_on[is_sent])
    rates = [
        *punctuality_rates(world, cases),
        *courtesy_rates(world, cases),
        *age_bands(cases),
        ("SYNC", "v1", carried, cases.on_days(received, received_on)),
    ]
    return [spread.rows(*rate) for rate in rates] + quantile_rows(spread, cases)


def _letters(world: World, hierarchy: Hierarchy, periods: Periods) -> list[pd.DataFrame]:
    letters = world.documents
    places = group(letters.assign(field_code=""), PLACE)
    spread = Spread(hierarchy, periods, places.keys)
    days = registered_on(letters)
    frames = []
    for direction in ("in", "out"):
        chosen = (letters["direction"].astype(str) == direction).to_numpy()
        counted = running_totals(places.of(chosen), days[chosen]).during(periods)
        rows = spread.rows(f"DOC_{direction.upper()}", "v1", counted, counted)
        # letters have no field: only the row over all of them says something
        rows = rows[rows["field_code"] == "all"]
        frames.append(rows.assign(denominator=pd.array([pd.NA] * len(rows), "Int64")))
    due_on, answered_on = as_days(letters["due_on"]), as_days(letters["answered_on"])
    is_due = (letters["direction"].astype(str) == "in").to_numpy() & ~np.isnat(due_on)
    is_late = is_due & (np.isnat(answered_on) | (answered_on > due_on))
    late, due = (running_totals(places.of(mask), due_on[mask]).during(periods) for mask in (is_late, is_due))
    rows = spread.rows("DOC_LATE", "v1", late, due)
    return [*frames, rows[rows["field_code"] == "all"]]


def _feedback(world: World, hierarchy: Hierarchy, periods: Periods) -> list[pd.DataFrame]:
    petitions = due_days(world)
    own = petitions[petitions["is_feedback"] & petitions["is_own"]].reset_index(drop=True)
    places = group(own.assign(field_code=""), PLACE)
    spread = Spread(hierarchy, periods, places.keys)
    days, on_time = as_days(own["due_on"]), own["is_on_time"].to_numpy()
    pleased = on_time & ~own["is_displeased"].to_numpy()
    in_all = running_totals(places, days).during(periods)
    frames = []
    for code, mask in (("PAKN_OT", on_time), ("PAKN_SAT", pleased)):
        rows = spread.rows(code, "v1", running_totals(places.of(mask), days[mask]).during(periods), in_all)
        frames.append(rows[rows["field_code"] == "all"])
    return frames
