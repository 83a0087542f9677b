"""Clock and promises of the truth file, on dossiers whose story a reader can follow."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from dagster_project.sample.truth.promises import clock_stops, kept_every_promise


def moments(values: list[str | None]) -> pd.Series:
    return pd.Series(pd.to_datetime(values)).astype("datetime64[s]")


def world(due_dates: list[tuple[int, str, str, str]], pauses: list[tuple[int, str, str | None]]) -> Any:
    """Due dates: dossier, reason, due, known from. Pauses: dossier, from, until."""
    versions = pd.DataFrame(due_dates, columns=["dossier_no", "reason", "due_at", "known_from_at"])
    versions["version_no"] = range(1, len(versions) + 1)
    for name in ("due_at", "known_from_at"):
        versions[name] = moments(versions[name].tolist())
    stops = pd.DataFrame(pauses, columns=["dossier_no", "paused_at", "resumed_at"])
    for name in ("paused_at", "resumed_at"):
        stops[name] = moments(stops[name].tolist())
    none = pd.DataFrame({"dossier_no": [], "phase": [], "requested_at": [], "answered_at": []})
    return SimpleNamespace(due_dates=versions, pauses=stops, supplements=none)


def kept(made: Any, *finished: str) -> list[bool]:
    numbers = range(len(finished))
    return list(map(bool, kept_every_promise(made, list(numbers), np.array(finished, "datetime64[s]"))))


def test_a_letter_of_apology_does_not_help_and_papers_do() -> None:
    made = world(
        [
            (0, "initial", "2024-03-11 17:00", "2024-03-01 08:00"),
            (0, "reappointed", "2024-03-20 17:00", "2024-03-11 08:00"),
            (1, "initial", "2024-03-11 17:00", "2024-03-01 08:00"),
            (1, "after_supplement", "2024-03-20 17:00", "2024-03-11 08:00"),
        ],
        [],
    )
    assert kept(made, "2024-03-15 09:00", "2024-03-15 09:00") == [False, True]


def test_a_second_appointment_is_a_stage_of_its_own() -> None:
    dates = [
        ("initial", "2024-03-11 17:00", "2024-03-01 08:00"),
        ("stage_2", "2024-04-03 17:00", "2024-03-29 08:00"),
    ]
    made = world(
        [(number, *version) for number in range(3) for version in dates],
        [
            (0, "2024-03-11 16:00", "2024-03-29 08:00"),
            (1, "2024-03-12 08:00", "2024-03-29 08:00"),
            (2, "2024-03-11 16:00", "2024-03-29 08:00"),
        ],
    )
    # kept in both stages; missed in the first; missed in the second
    assert kept(made, "2024-04-03 18:00", "2024-04-03 18:00", "2024-04-04 08:00") == [True, False, False]


def test_what_was_asked_for_before_acceptance_stops_no_clock() -> None:
    made = world([], [(0, "2024-03-11 16:00", None)])
    made.supplements = pd.DataFrame(
        {
            "dossier_no": [1, 2],
            "phase": ["before_acceptance", "after_acceptance"],
            "requested_at": moments(["2024-03-01 08:00", "2024-03-01 08:00"]),
            "answered_at": moments(["2024-03-02 08:00", "2024-03-02 08:00"]),
        }
    )
    assert sorted(clock_stops(made)["dossier_no"]) == [0, 2]
