"""Load per officer: letters in both measures, deadlines of letters, working days in post."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dagster_project.sample.truth.calendar import is_worked
from dagster_project.sample.truth.daily import as_days, group, records, running_totals, standing_totals
from dagster_project.sample.truth.periods import Periods
from dagster_project.sample.truth.work import names_of, registered_on

if TYPE_CHECKING:
    from dagster_project.sample.world import World

MILLION = 1_000_000


def workload(world: World, periods: Periods) -> pd.DataFrame:
    """One row per month, quarter or year, unit and officer with a letter, a deadline or a day in post.

    Columns: documents_in, documents_out (main handler), documents_in_millionths, documents_out_millionths
    (each letter shared among its handlers; what does not divide goes to the main one), documents_due,
    documents_late, documents_open_overdue, working_days_in_post. ``officer_name`` is None for a unit that is
    named as a handler.
    """
    shown = periods.only("month", "quarter", "year")
    shares = _shares(world)
    postings = world.officers.assign(officer_name=world.officers["officer_name"].astype(object))
    everyone = pd.concat([shares[["unit_code", "officer_name"]], postings[["unit_code", "officer_name"]]])
    groups = group(everyone.reset_index(drop=True), ["unit_code", "officer_name"])
    is_share = np.arange(len(everyone)) < len(shares)
    of_shares, of_postings = groups.of(is_share), groups.of(~is_share)
    measures = {}
    for direction in ("in", "out"):
        chosen = (shares["direction"] == direction).to_numpy()
        main = chosen & shares["is_main"].to_numpy()
        days = shares["registered_on"]
        measures[f"documents_{direction}"] = running_totals(of_shares.of(main), days[main]).during(shown)
        measures[f"documents_{direction}_millionths"] = running_totals(
            of_shares.of(chosen), days[chosen], shares["millionths"][chosen]
        ).during(shown)
    asked = (shares["is_main"] & (shares["direction"] == "in") & shares["due_on"].notna()).to_numpy()
    due_on, answered_on = as_days(shares["due_on"]), as_days(shares["answered_on"])
    late = asked & (np.isnat(answered_on) | (answered_on > due_on))
    measures["documents_due"] = running_totals(of_shares.of(asked), due_on[asked]).during(shown)
    measures["documents_late"] = running_totals(of_shares.of(late), due_on[late]).during(shown)
    measures["documents_open_overdue"] = standing_totals(
        of_shares.of(late), due_on[late] + 1, answered_on[late]
    ).at_end(shown)
    measures["working_days_in_post"] = _days_in_post(postings, of_postings, shown)
    return records(shown, groups.keys, measures)


def _shares(world: World) -> pd.DataFrame:
    """One row per letter and handler, with the handler's part of the letter in millionths."""
    handlers = world.document_handlers
    letters = world.documents.assign(counted_on=registered_on(world.documents)).set_index("document_no")
    of_letter = letters.loc[handlers["document_no"]]
    is_main = (handlers["role"] == "main").to_numpy()
    count = handlers.groupby("document_no")["role"].transform("size").to_numpy(np.int64)
    part = MILLION // count
    officers = world.officers.set_index("officer_no")["unit_code"]
    unit_code = handlers["handler_unit_code"].astype(object).to_numpy(copy=True)
    is_person = (handlers["officer_no"] >= 0).to_numpy()
    unit_code[is_person] = officers.loc[handlers["officer_no"][is_person]].to_numpy()
    return pd.DataFrame(
        {
            "unit_code": unit_code,
            "officer_name": names_of(world, handlers["officer_no"]),
            "is_main": is_main,
            "millionths": np.where(is_main, MILLION - (count - 1) * part, part),
            "direction": of_letter["direction"].astype(str).to_numpy(),
            "registered_on": of_letter["counted_on"].to_numpy(),
            "due_on": of_letter["due_on"].to_numpy(),
            "answered_on": of_letter["answered_on"].to_numpy(),
        }
    )


def _days_in_post(postings: pd.DataFrame, groups: Any, periods: Periods) -> Any:
    """Working days of each posting inside each period, added up per group: periods × groups."""
    days = np.arange(periods.starts_on.min(), periods.reckoned_on.max() + 1)
    worked = np.cumsum([0, *(is_worked(days).astype(np.int64))])
    joined, left = as_days(postings["joined_on"]), as_days(postings["left_on"])
    left = np.where(np.isnat(left), days[-1], left)
    found = np.zeros((len(periods), groups.size), np.int64)
    for place in range(len(periods)):
        first = np.maximum(joined, periods.starts_on[place])
        last = np.minimum(left, periods.reckoned_on[place])
        held = first <= last
        spans = worked[(last[held] - days[0]).astype(int) + 1] - worked[(first[held] - days[0]).astype(int)]
        np.add.at(found[place], groups.codes[held], spans)
    return found
