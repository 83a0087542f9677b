"""Rates of being in time beside the form: OT_766 in both readings, OT_61, OT_06 as other software has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dagster_project.sample.truth.cases import Cases
from dagster_project.sample.truth.daily import as_days
from dagster_project.sample.truth.history import History

if TYPE_CHECKING:
    from dagster_project.sample.world import World

Rate = tuple[str, str, Any, Any]
"""Code, rule version, and per period and place the numerator and the denominator."""


def punctuality_rates(world: World, cases: Cases) -> list[Rate]:
    """The three rates; a dossier without due date can be in time in none but the last."""
    outcome = cases.accepted["outcome"].to_numpy(object)
    finished, still_open = cases.finished, cases.open
    ended_as = outcome[finished["row"].to_numpy()]
    has_due = finished["due_at"].notna().to_numpy()
    by_date = has_due & (as_days(finished["judged_at"]) <= as_days(finished["due_at"]))
    is_withdrawn, is_stopped = ended_as == "withdrawn", ended_as == "stopped"
    is_judged = has_due & ~is_withdrawn & ~is_stopped
    resolved = ~is_stopped & (ended_as != "refused")
    is_kept = resolved & (is_withdrawn | ~has_due | by_date)
    in_time, in_time_strictly = _in_time(world, finished, is_open=False)
    open_in_time, open_in_time_strictly = _in_time(world, still_open, is_open=True)
    open_with_due = cases.stock(still_open["due_at"].notna())
    received = cases.flow(has_due) + open_with_due
    return [
        ("OT_06", "one_stop_v1", cases.flow(is_kept), cases.flow(resolved)),
        ("OT_61", "v1", cases.flow(is_judged & by_date), cases.flow(is_judged) + open_with_due),
        ("OT_766", "v1", cases.flow(in_time) + cases.stock(open_in_time), received),
        ("OT_766", "strict_v1", cases.flow(in_time_strictly) + cases.stock(open_in_time_strictly), received),
    ]  # fmt: skip


def requests_after_acceptance(world: World) -> pd.DataFrame:
    """Requests for papers made after acceptance, with the seconds until the answer (0 while unanswered)."""
    requests = world.supplements
    requests = requests[(requests["phase"].astype(str) == "after_acceptance").to_numpy()]
    seconds = (requests["answered_at"] - requests["requested_at"]).dt.total_seconds()
    return requests.assign(seconds=seconds.fillna(0).astype(np.int64))


def _in_time(world: World, judged: pd.DataFrame, *, is_open: bool) -> tuple[Any, Any]:
    """Whether each is in time under Decision 766, and under its strict reading."""
    requests = requests_after_acceptance(world)
    asked, answered = History(requests, "requested_at"), History(requests, "answered_at")
    numbers, moments = judged["dossier_no"], judged["judged_at"].to_numpy("datetime64[s]")
    count = asked.count_by(numbers, moments)
    seconds = answered.sum_by(numbers, moments, "seconds")
    ended_at = moments
    is_waiting = np.zeros(len(judged), bool)
    if is_open:
        is_waiting = count > answered.count_by(numbers, moments)
        ended_at = np.where(is_waiting, asked.last_by(numbers, moments, "requested_at"), moments)
    ended_on = as_days(ended_at - seconds.astype("timedelta64[s]"))
    due_on = as_days(judged["due_at"])
    in_time = ~np.isnat(due_on) & (ended_on <= due_on) & ~(is_waiting & (count > 1))
    return in_time, in_time & (count <= 1)
