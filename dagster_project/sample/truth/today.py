"""What was, on the units of today: the same figures once more, as if the new units had always been there.

A dossier counts in the unit that has it today; letters, officers, petitions, results, and the dossiers that
are scanned, in the default successor of their unit. Nothing is split, so each measure has the same total as
before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dagster_project.sample.truth.cases import make_cases
from dagster_project.sample.truth.dossiers import accepted_dossiers, dossier_totals
from dagster_project.sample.truth.overdue import QUANTILES
from dagster_project.sample.truth.periods import Periods
from dagster_project.sample.truth.rates import rates
from dagster_project.sample.truth.results import digitization, digitization_records, result_totals
from dagster_project.sample.truth.workload import workload

if TYPE_CHECKING:
    from dagster_project.sample.world import World

# Quantiles cannot be added up, procedures are announced for the whole body; the others: today_digitization.
_LEFT_OUT = (*QUANTILES, "PUB_ONTIME", "REUSE", "DIG_STOCK", "DIG_RESULT", "DIG_COMP")


def on_todays_units(world: World, periods: Periods) -> dict[str, pd.DataFrame]:
    """In: a world through a reorganisation (for any other: nothing). Out, with today's units:

    ``today_dossier_periods``, ``today_rates`` (scope own), ``today_workload``, ``today_digitization``; and
    ``continued_dossiers`` (open across the day: unit then and today), ``reused_codes``.
    """
    if world.reorganised_on is None:
        return {}
    today = units_today(world)
    moved = _moved(world, today)
    by_default = dossier_totals(world, accepted_dossiers(_with_default_units(world, today)))
    accepted = accepted_dossiers(moved)
    dossiers = dossier_totals(moved, accepted)
    digitized = digitization(periods, result_totals(moved), dossiers)
    found = rates(moved, periods, dossiers, make_cases(moved, accepted, periods), digitized)
    is_of_units = (found["scope"] == "own") & ~found["indicator_code"].isin(_LEFT_OUT)
    return {
        "today_dossier_periods": dossiers.form(periods),
        "today_rates": found[is_of_units].drop(columns="scope"),
        "today_workload": workload(moved, periods),
        "today_digitization": digitization_records(
            periods, *digitization(periods, result_totals(moved), by_default)
        ),
        "continued_dossiers": _continued(world),
        "reused_codes": _reused_codes(world),
    }


def units_today(world: World) -> dict[str, str]:
    """Unit → the unit that does its work today, over all default successions."""
    default = world.unit_successions[world.unit_successions["is_default"].astype(bool)]
    successor = dict(zip(default["old_unit_code"], default["new_unit_code"], strict=True))
    codes = world.units["unit_code"].drop_duplicates().to_numpy(object)
    found = codes
    while any(unit in successor for unit in found):
        found = np.array([successor.get(unit, unit) for unit in found], dtype=object)
    return dict(zip(codes, found, strict=True))


def _with_default_units(world: World, today: dict[str, str]) -> World:
    units = _renamed(world.dossiers["unit_code"], today)
    return replace(world, dossiers=world.dossiers.assign(unit_code=units))


def _moved(world: World, today: dict[str, str]) -> World:
    """The world with every unit replaced by today's."""

    def moved(frame: pd.DataFrame, column: str = "unit_code") -> pd.DataFrame:
        return frame.assign(**{column: _renamed(frame[column], today)})

    return replace(
        world,
        dossiers=world.dossiers.assign(unit_code=world.dossiers["current_unit_code"]),
        documents=moved(world.documents),
        document_handlers=moved(world.document_handlers, "handler_unit_code"),
        officers=moved(world.officers),
        results=moved(world.results),
        petitions=moved(world.petitions),
    )


def _continued(world: World) -> pd.DataFrame:
    """Accepted dossiers received before the day and not finished by then."""
    dossiers = world.dossiers
    is_open = (dossiers["received_at"] < pd.Timestamp(world.reorganised_on)) & ~(
        dossiers["finished_at"] < pd.Timestamp(world.reorganised_on)
    )
    names = ["dossier_code", "unit_code", "current_unit_code"]
    return dossiers.loc[is_open, names].astype(object).reset_index(drop=True)


def _reused_codes(world: World) -> pd.DataFrame:
    """Codes that two units bore one after the other: accepted dossiers of the first and of the second."""
    accepted = world.dossiers[world.dossiers["received_at"].notna()]
    count = accepted["unit_code"].astype(object).value_counts()
    later = [unit for unit in world.units["unit_code"] if "~" in unit]
    codes = [unit.split("~")[0] for unit in later]
    return pd.DataFrame(
        {
            "unit_code": codes,
            "dossiers_before": count.reindex(codes, fill_value=0).to_numpy(np.int64),
            "dossiers_since": count.reindex(later, fill_value=0).to_numpy(np.int64),
        }
    )


def _renamed(units: pd.Series, today: dict[str, str]) -> Any:
    return units.astype(object).map(today, na_action="ignore")
