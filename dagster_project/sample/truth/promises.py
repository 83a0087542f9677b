"""When the clock of a dossier stood still, and whether every date promised at first was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dagster_project.sample.truth.daily import as_days
from dagster_project.sample.truth.history import History

if TYPE_CHECKING:
    from dagster_project.sample.world import World


def clock_stops(world: World) -> pd.DataFrame:
    """Spans off the clock: pauses, and papers asked for after acceptance; ``restarted_at`` NaT while open."""
    pauses = world.pauses.rename(columns={"paused_at": "stopped_at", "resumed_at": "restarted_at"})
    asked = world.supplements[world.supplements["phase"].astype(str) == "after_acceptance"]
    asked = asked.rename(columns={"requested_at": "stopped_at", "answered_at": "restarted_at"})
    columns = ["dossier_no", "stopped_at", "restarted_at"]
    return pd.concat([pauses[columns], asked[columns]], ignore_index=True)


def due_at(due_dates: pd.DataFrame, dossier_no: Any, moments: Any) -> Any:
    """The due date that governed each dossier at a moment: of the last version known by then (else NaT)."""
    ordered = due_dates.sort_values(["dossier_no", "version_no"], kind="stable")
    return History(ordered, "known_from_at").last_by(dossier_no, moments, "due_at")


def kept_every_promise(world: World, dossier_no: Any, finished_at: Any) -> Any:
    """Per dossier, whether each stage ended by the day the law set for it; False while it runs.

    Two stages where a second appointment was given before the finish: the first ended when the clock stopped.
    Dates that the office put off or edited are no promise.
    """
    versions = world.due_dates
    reason = versions["reason"].astype(str)
    lawful = versions[reason.isin(["initial", "after_supplement", "stage_2"])]
    finished = np.asarray(finished_at, "datetime64[s]")
    second_known = _first_moment(versions[reason == "stage_2"], "known_from_at", dossier_no)
    is_staged = second_known <= finished
    paused = _first_moment(world.pauses, "paused_at", dossier_no)
    first_ended = np.where(is_staged, paused, finished)
    first = due_at(lawful[lawful["reason"].astype(str) != "stage_2"], dossier_no, first_ended)
    last = due_at(lawful, dossier_no, finished)
    return (as_days(first_ended) <= as_days(first)) & (~is_staged | (as_days(finished) <= as_days(last)))


def _first_moment(rows: pd.DataFrame, column: str, dossier_no: Any) -> Any:
    """The first moment of each dossier in ``rows`` (NaT: none)."""
    moments = rows.groupby("dossier_no")[column].min().reindex(np.asarray(dossier_no))
    return np.asarray(moments, "datetime64[s]")
