"""Petitions: the last day for an answer by law, and what of the feedback was answered by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dagster_project.sample.truth.calendar import last_days
from dagster_project.sample.truth.daily import as_days

if TYPE_CHECKING:
    from dagster_project.sample.world import World

# Days from acceptance: 1st and 2nd complaint, each plain, complex, remote, both; Law on Complaints 28, 37.
_COMPLAINT = {(1, 0, 0): 30, (1, 1, 0): 45, (1, 0, 1): 45, (1, 1, 1): 60,
              (2, 0, 0): 45, (2, 1, 0): 60, (2, 0, 1): 60, (2, 1, 1): 70}  # fmt: skip
# Law on Denunciations 30; Decision 766 (working days from sending or transfer).
_DENUNCIATION = {"normal": 30, "complex": 60, "very_complex": 90}
_FEEDBACK = {"refused": 2, "supplement_asked": 5}
_FEEDBACK_ANSWER = 15


def due_days(world: World) -> pd.DataFrame:
    """Each petition with due_on (NaT where none), is_feedback, is_on_time, is_own, is_displeased."""
    rows = world.petitions
    kinds = rows["petition_type"].to_numpy(object)
    is_feedback = kinds == "PAKN"
    sent, transferred = as_days(rows["sent_at"]), as_days(rows["transferred_at"])
    starts = np.where(
        is_feedback, np.where(np.isnat(transferred), sent, transferred), as_days(rows["accepted_at"])
    )
    lengths = np.array([_length(row) for row in rows.to_dict("records")], np.int64)
    due_on = last_days(starts, lengths, is_feedback)
    is_voters = kinds == "kiến nghị cử tri"
    due_on[is_voters] = as_days(rows["due_at"])[is_voters]
    answered_on = as_days(rows["answered_at"])
    return pd.DataFrame(
        {
            "petition_code": rows["petition_code"],
            "unit_code": rows["unit_code"],
            "is_feedback": is_feedback,
            "due_on": due_on,
            "is_on_time": ~np.isnat(answered_on) & (answered_on <= due_on),
            "is_own": (rows["handling"] != "transferred_out").to_numpy(),
            "is_displeased": np.array([answer is False for answer in rows["is_satisfied"]], bool),
        }
    )


def petition_records(world: World, as_of_on: str) -> pd.DataFrame:
    """Every petition: due_on and publication_due_on as text, and whether answer and publication came by then.

    ``is_answered_on_time``: 1 or 0, None where nothing is due, another body answers or the day is not over.
    ``is_published_on_time``: the same of feedback, two working days after its answer. ``is_satisfied``: as
    its sender said.
    """
    rows, petitions = world.petitions, due_days(world)
    answered_on, published_on = as_days(rows["answered_at"]), as_days(rows["published_at"])
    is_feedback = petitions["is_feedback"].to_numpy()
    due_on = as_days(petitions["due_on"].where(petitions["is_own"]))
    up_by = last_days(
        np.where(is_feedback, answered_on, np.datetime64("NaT")), np.full(len(rows), 2), is_feedback
    )
    return pd.DataFrame(
        {
            "petition_code": rows["petition_code"],
            "due_on": petitions["due_on"].dt.strftime("%Y-%m-%d"),
            "is_answered_on_time": _kept(due_on, answered_on, as_of_on),
            "publication_due_on": pd.Series(up_by).dt.strftime("%Y-%m-%d"),
            "is_published_on_time": _kept(up_by, published_on, as_of_on),
            "is_satisfied": [None if pd.isna(one) else int(one) for one in rows["is_satisfied"]],
        }
    ).astype({"is_satisfied": "Int64"})


def _kept(due_on: Any, done_on: Any, as_of_on: str) -> Any:
    """1 for done by the day it was due, 0 for later or not yet though the day is over, else empty."""
    is_known = ~np.isnat(due_on) & (~np.isnat(done_on) | (due_on < np.datetime64(as_of_on)))
    kept = pd.array((done_on <= due_on).astype(np.int64), "Int64")
    kept[~is_known] = pd.NA
    return kept


def _length(row: dict[Any, Any]) -> int:
    if row["petition_type"] == "PAKN":
        return _FEEDBACK.get(row["handling"], _FEEDBACK_ANSWER)
    if row["petition_type"] == "tố cáo":
        return _DENUNCIATION[row["complexity"]]
    if row["petition_type"] == "khiếu nại":
        return _COMPLAINT[row["instance_no"], int(row["complexity"] == "complex"), int(row["is_remote"])]
    return 0
