"""Tables that hang on a dossier's appointment: its versions, requests for more papers, pauses."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dagster_project.sample.catalog import COMMUNE, TAX
from dagster_project.sample.columns import (
    NONE,
    Moments,
    categories,
    moments,
    numbered,
    only_where,
    texts,
    wall_due,
)
from dagster_project.sample.intake import Arrivals, Ints
from dagster_project.sample.lifelines import POSTING_PAUSE, Timeline, is_accepted
from dagster_project.sample.options import Options
from dagster_project.sample.randomness import stream
from dagster_project.sample.rosters import Rosters

REASONS = ("initial", "stage_2", "after_supplement", "reappointed", "edited")
INITIAL, STAGE_2, AFTER_SUPPLEMENT, RENEWED, _ = range(len(REASONS))
PHASES = ("before_acceptance", "after_acceptance")


def make_due_dates(line: Timeline) -> pd.DataFrame:
    """Every version of every appointment that became known while the dossier ran, by dossier and time."""
    size = len(line.received)
    versions = [
        (line.received, line.first_due, np.full(size, INITIAL)),
        (line.answered[0], line.renewed_due[0], np.full(size, AFTER_SUPPLEMENT)),
        (line.answered[1], line.renewed_due[1], np.full(size, AFTER_SUPPLEMENT)),
        (line.resumed, line.second_due, np.full(size, STAGE_2)),
        (line.extended[0], line.extended_due[0], np.full(size, RENEWED)),
        (line.extended[1], line.extended_due[1], np.full(size, RENEWED)),
    ]
    accepted, until = is_accepted(line), _known_until(line)
    known = np.stack([(moment <= until) & accepted for moment, _, _ in versions], axis=1)
    rows, version = np.nonzero(known)
    moment, due, reason = (np.stack(parts, axis=1)[rows, version] for parts in zip(*versions, strict=True))
    count = known.sum(axis=1)
    starts = np.cumsum(count) - count
    letters = np.flatnonzero(reason == RENEWED)
    number = np.zeros(len(rows), dtype=np.int64)
    number[letters[np.argsort(moment[letters], kind="stable")]] = np.arange(1, len(letters) + 1)
    return pd.DataFrame(
        {
            "dossier_no": rows,
            "version_no": np.arange(len(rows)) - starts[rows] + 1,
            "due_at": wall_due(due),
            "known_from_at": moments(moment, line.cut),
            "reason": categories(reason, REASONS),
            "document_code": texts(only_where(number > 0, numbered("PXL-", number, 6))),
        }
    )


def make_supplements(
    options: Options, arrivals: Arrivals, line: Timeline, dossiers: pd.DataFrame, asked_before: Moments,
    rosters: Rosters,
) -> pd.DataFrame:  # fmt: skip
    """Requests for more papers, by time; only those made while the dossier ran.

    ``asked_before``: per dossier, when papers were asked for before acceptance (NaT: not).
    """
    parts = [_before_acceptance(options, dossiers, asked_before)]
    until, previous = _known_until(line), line.first_due
    for requested, answered, renewed in zip(line.requested, line.answered, line.renewed_due, strict=True):
        rows = np.flatnonzero((requested < until) & is_accepted(line))
        came = answered[rows] <= until[rows]
        parts.append(
            pd.DataFrame(
                {
                    "dossier_no": rows,
                    "phase": 1,
                    "requested_at": moments(requested[rows], line.cut),
                    "answered_at": np.where(came, moments(answered[rows], line.cut), NONE),
                    "previous_due_at": wall_due(previous[rows]),
                    "new_due_at": np.where(came, wall_due(renewed[rows]), NONE),
                }
            )
        )
        previous = renewed
    made = pd.concat(parts, ignore_index=True)
    made = made.sort_values(["requested_at", "dossier_no"], kind="stable", ignore_index=True)
    numbers = made["dossier_no"].to_numpy()
    asked_on = made["requested_at"].to_numpy().astype("datetime64[D]")
    picked = rosters.pick(stream(options, "supplement officers"), arrivals.unit[numbers], asked_on)
    responsible = dossiers["officer_no"].to_numpy()[numbers]
    made["officer_no"] = np.where(rosters.in_post(responsible, asked_on), responsible, picked)
    made["phase"] = categories(made["phase"], PHASES)
    made["supplement_no"] = np.arange(1, len(made) + 1)
    made["supplement_code"] = texts(numbered("BS-", made["supplement_no"].to_numpy(), 6))
    columns = ["supplement_no", "supplement_code", "dossier_no", "phase", "officer_no"]
    return made[[*columns, "requested_at", "answered_at", "previous_due_at", "new_due_at"]]


def make_pauses(line: Timeline) -> pd.DataFrame:
    """Time off the clock, by dossier: with the tax office (payment included), or posted at the commune."""
    until = _known_until(line)
    rows = np.flatnonzero((line.paused < until) & is_accepted(line))
    posting = (line.pause[rows] == POSTING_PAUSE).astype(np.int64)
    return pd.DataFrame(
        {
            "dossier_no": rows,
            "paused_at": moments(line.paused[rows], line.cut),
            "resumed_at": np.where(
                line.resumed[rows] <= until[rows], moments(line.resumed[rows], line.cut), NONE
            ),
            "reason": categories(posting, ("tax", "posting")),
            "holder_unit_code": categories(posting, (TAX, COMMUNE)),
        }
    )


def _known_until(line: Timeline) -> Ints:
    """Up to when things happened to each dossier: its end, or the end of the horizon."""
    return np.where(line.closed < line.cut, line.closed, line.cut - 1)


def _before_acceptance(options: Options, dossiers: pd.DataFrame, asked: Moments) -> pd.DataFrame:
    """Online dossiers that lacked papers: all were answered before the dossier was accepted."""
    rows = np.flatnonzero(~np.isnat(asked))
    room = (dossiers["received_at"].to_numpy()[rows] - asked[rows]).astype(np.int64) // 60
    part = stream(options, "answers before acceptance").beta(2.0, 1.5, len(rows))
    answered = asked[rows] + (np.maximum(1, (room * part).astype(np.int64)) * 60).astype("timedelta64[s]")
    return pd.DataFrame(
        {"dossier_no": rows, "phase": 0, "requested_at": asked[rows], "answered_at": answered,
         "previous_due_at": NONE, "new_due_at": NONE}
    )  # fmt: skip
