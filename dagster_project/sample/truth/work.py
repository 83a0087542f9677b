"""Work per officer: letters, dossiers and steps by the day they were done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dagster_project.sample.truth.daily import (
    Totals,
    group,
    records,
    running_totals,
    standing_totals,
)
from dagster_project.sample.truth.periods import Periods

if TYPE_CHECKING:
    from dagster_project.sample.world import World


def registered_on(letters: pd.DataFrame) -> pd.Series:
    """The day on which each letter counts: of its registration, a letter sent else by the day it bears."""
    is_out = letters["direction"].astype(str) == "out"
    return letters["registered_on"].fillna(letters["issued_on"].where(is_out))


def documents_per_officer(world: World, periods: Periods) -> pd.DataFrame:
    """Letters in and out whose main handler is the officer: one row per period and officer that had any.

    ``officer_name`` is None for the letters that name no main handler.
    """
    letters = world.documents
    names = names_of(world, letters["main_officer_no"])
    groups = group(pd.DataFrame({"officer_name": names}), ["officer_name"])
    days = registered_on(letters)
    directions = {name: (letters["direction"].astype(str) == name).to_numpy() for name in ("in", "out")}
    measures = {
        f"documents_{name}": running_totals(groups.of(mask), days[mask]).during(periods)
        for name, mask in directions.items()
    }
    return records(periods, groups.keys, measures)


def register_gaps(world: World) -> pd.DataFrame:
    """Runs of numbers that a register skips: direction, register_year, first_no, numbers_count."""
    letters = world.documents[["unit_code", "direction", "register_year", "register_no"]]
    letters = letters.assign(
        direction=letters["direction"].astype(str), number=letters["register_no"].astype(int)
    )
    register = ["unit_code", "direction", "register_year"]
    ordered = letters.sort_values([*register, "number"], ignore_index=True)
    ordered["before"] = ordered.groupby(register)["number"].shift()
    gaps = ordered[ordered["number"] - ordered["before"] > 1]
    return pd.DataFrame(
        {
            "direction": gaps["direction"],
            "register_year": gaps["register_year"].astype(int),
            "first_no": (gaps["before"] + 1).astype(int),
            "numbers_count": (gaps["number"] - gaps["before"] - 1).astype(int),
        }
    )


def document_totals(per_officer: pd.DataFrame) -> pd.DataFrame:
    """Letters in and out per period, over all main handlers (every letter has one place, named or None)."""
    counts = per_officer[["period_key", "documents_in", "documents_out"]]
    return counts.groupby("period_key", sort=False).sum().reset_index()


def dossiers_per_officer(world: World, accepted: pd.DataFrame, periods: Periods) -> pd.DataFrame:
    """Dossiers and steps per unit and officer: one row per month, quarter or year in which there were any.

    Dossiers count for the responsible officer in the dossier's unit, steps for who finished them in the
    step's unit; ``officer_name`` is None where none is named (external holders).
    """
    shown = periods.only("month", "quarter", "year")
    steps = world.steps[world.steps["finished_at"].notna()]
    everyone = pd.concat([accepted[["unit_code", "officer_no"]], steps[["unit_code", "officer_no"]]])
    everyone = everyone.assign(officer_name=names_of(world, everyone["officer_no"]))
    groups = group(everyone, ["unit_code", "officer_name"])
    is_dossier = np.arange(len(everyone)) < len(accepted)
    of_dossiers, of_steps = groups.of(is_dossier), groups.of(~is_dossier)
    received_on, finished_on = accepted["received_on"], accepted["finished_on"]
    flows: dict[str, Totals] = {
        "dossiers_received": running_totals(of_dossiers, received_on),
        "dossiers_finished": running_totals(of_dossiers, finished_on),
        "steps_done": running_totals(of_steps, steps["finished_at"]),
    }
    stock = standing_totals(of_dossiers, received_on, finished_on)
    measures = {name: totals.during(shown) for name, totals in flows.items()}
    measures["dossiers_open"] = stock.at_end(shown)
    return records(shown, groups.keys, measures)


def names_of(world: World, officer_no: pd.Series) -> np.ndarray:
    """Names by officer number; None for -1."""
    officers = world.officers.drop_duplicates("officer_no")
    names = pd.Series(officers["officer_name"].to_numpy(object), officers["officer_no"].to_numpy(np.int64))
    named: np.ndarray = names.reindex(officer_no.to_numpy(np.int64)).to_numpy(object)
    named[pd.isna(named)] = None
    return named
