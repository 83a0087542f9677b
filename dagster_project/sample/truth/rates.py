"""Numerators and denominators of every rate, per unit alone and for a few units with all below them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dagster_project.sample.truth.daily import group, running_totals, sum_columns
from dagster_project.sample.truth.dossiers import DossierTotals
from dagster_project.sample.truth.hierarchy import Hierarchy
from dagster_project.sample.truth.periods import Periods
from dagster_project.sample.truth.results import PLACE
from dagster_project.sample.truth.work import registered_on

if TYPE_CHECKING:
    from dagster_project.sample.world import World

COLUMNS = [
    "period_key", "unit_code", "scope", "field_code", "indicator_code", "rule_version",
    "numerator", "denominator",
]  # fmt: skip
WITH_CHILDREN = ("H11", "000.00.13.H11", "000.10.13.H11")
_OF_DIGITIZATION = {
    "DIG_STOCK": ("results_valid_digitized", "results_valid"),
    "DIG_RESULT": ("results_issued_electronic", "results_issued"),
    "DIG_COMP": ("dossiers_scanned", "dossiers_to_scan"),
}


def rates(
    world: World, periods: Periods, dossiers: DossierTotals, digitized: tuple[pd.DataFrame, dict[str, Any]]
) -> pd.DataFrame:
    """One row per period, unit, scope, field, indicator and rule version whose denominator is not 0.

    Letters (DOC_IN, DOC_OUT) are counts: denominator None, one row where the count is not 0.
    """
    hierarchy = Hierarchy(world.units)
    frames = _of_dossiers(_Spread(hierarchy, periods, dossiers.keys), periods, dossiers)
    keys, measures = digitized
    spread = _Spread(hierarchy, periods, keys)
    frames += [
        spread.rows(code, "v1", measures[numerator], measures[denominator])
        for code, (numerator, denominator) in _OF_DIGITIZATION.items()
    ]
    frames += _letters(world, hierarchy, periods)
    return pd.concat(frames, ignore_index=True)[COLUMNS]


def _of_dossiers(spread: _Spread, periods: Periods, dossiers: DossierTotals) -> list[pd.DataFrame]:
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


def _letters(world: World, hierarchy: Hierarchy, periods: Periods) -> list[pd.DataFrame]:
    letters = world.documents
    places = group(letters.assign(field_code=""), PLACE)
    spread = _Spread(hierarchy, periods, places.keys)
    days = registered_on(letters)
    frames = []
    for direction in ("in", "out"):
        chosen = (letters["direction"].astype(str) == direction).to_numpy()
        counted = running_totals(places.of(chosen), days[chosen]).during(periods)
        rows = spread.rows(f"DOC_{direction.upper()}", "v1", counted, counted)
        # letters have no field: only the row over all of them says something
        rows = rows[rows["field_code"] == "all"]
        frames.append(rows.assign(denominator=pd.array([pd.NA] * len(rows), "Int64")))
    return frames


class _Spread:
    """Adds counts per place up to units (alone, with everything below) and to fields (each, all)."""

    def __init__(self, hierarchy: Hierarchy, periods: Periods, keys: pd.DataFrame) -> None:
        self._period_keys = np.array(periods.keys, object)
        self._sums: list[tuple[pd.DataFrame, Any, Any]] = []
        own = pd.DataFrame({"unit_code": keys["unit_code"], "field_code": keys["field_code"], "scope": "own"})
        everywhere = np.ones((len(periods), len(keys)), bool)
        self._add(own, everywhere)
        for ancestor in WITH_CHILDREN:
            self._add(
                own.assign(unit_code=ancestor, scope="with_children"),
                _below(hierarchy, ancestor, periods, keys["unit_code"]),
            )

    def _add(self, places: pd.DataFrame, is_counted: Any) -> None:
        for frame in (places, places.assign(field_code="all")):
            groups = group(frame, ["unit_code", "field_code", "scope"])
            self._sums.append((groups.keys, groups.codes, is_counted))

    def rows(self, code: str, version: str, numerator: Any, denominator: Any) -> pd.DataFrame:
        """All rows of one rule, from its counts per period and place."""
        frames = []
        for keys, codes, is_counted in self._sums:
            above, below = (
                sum_columns(np.where(is_counted, counts, 0), codes, len(keys))
                for counts in (numerator, denominator)
            )
            period, place = np.nonzero(below)
            frames.append(
                keys.iloc[place].assign(
                    period_key=self._period_keys[period],
                    numerator=above[period, place],
                    denominator=below[period, place],
                )
            )
        return pd.concat(frames, ignore_index=True).assign(indicator_code=code, rule_version=version)


def _below(hierarchy: Hierarchy, ancestor: str, periods: Periods, unit_codes: pd.Series) -> Any:
    """Whether each place lies below ``ancestor`` in the hierarchy of each period's last day."""
    rows = []
    for day in periods.ends_on:
        members = hierarchy.below(ancestor, day)
        rows.append([unit in members for unit in unit_codes])
    return np.array(rows, bool).reshape(len(periods), len(unit_codes))
