"""``cchc status``: what is published, how the last run ended, how fresh the sources are, what is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.home import Home
from dagster_project.publish.pointer import rollback
from dagster_project.publish.status import render_status, status
from tests import fake_marts


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return fake_marts.new_home(tmp_path)


def _run(home: Home, run_id: str, **files: Any) -> None:
    folder = home.runs / run_id
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content))


def test_before_the_first_run(home: Home) -> None:
    lines = render_status(status(home, {"register": True}), ["a.yml: no key"])
    assert lines[0] == "published: nothing yet"
    assert "last run:  none; run cchc refresh" in lines
    assert "           - register: required, no file loaded yet" in lines
    assert "           - a.yml: no key" in lines


def test_a_blocked_run_says_why(home: Home) -> None:
    fake_marts.release(home)
    _run(home, "20240101T000000-aa", verdict={"is_publishable": True, "summary": "good"})
    finding = {
        "suite": "raw",
        "expectation_id": "one_key",
        "table_name": "dossiers",
        "column_name": "dossier_code",
        "message": "3 rows share a key",
    }
    _run(
        home,
        "20240102T000000-bb",
        verdict={"is_publishable": False, "summary": "blocked by raw.one_key", "blocking": [finding]},
        ingest={"errors": [{"file": "cut.xlsx", "reason": "cut off"}]},
    )
    found = status(home, {"register": True, "letters": True, "petitions": False})
    assert found.last_run is not None
    assert found.last_run.run_id == "20240102T000000-bb"
    assert found.last_run.outcome == "blocked by raw.one_key"
    assert found.last_run.findings == [
        "dossiers.dossier_code (raw.one_key): 3 rows share a key",
        "cut.xlsx: cut off",
    ]
    # the moment of a load that never completed does not count
    assert found.data_through == {"letters": None, "petitions": None, "register": "2024-07-19 10:00:00"}
    assert found.missing == [
        "letters: required, no file loaded yet",
        "petitions: no file loaded yet",
        "cut.xlsx: unreadable (the archive is cut off)",
    ]


def test_a_killed_run_and_a_published_one(home: Home) -> None:
    _run(
        home,
        "20240101T000000-aa",
        verdict={"is_publishable": True, "summary": "ok"},
        release={"release_id": "r1"},
    )
    last = status(home).last_run
    assert last is not None and last.outcome == "published r1; ok"
    _run(home, "20240102T000000-bb")
    last = status(home).last_run
    assert last is not None and last.outcome.startswith("ended before the verdict")


def test_while_another_run_builds_the_manifest_answers(home: Home) -> None:
    first = fake_marts.release(home)
    fake_marts.release(home, shift=1)
    rollback(home, first)
    with duckdb.connect(str(home.warehouse)):  # this process writes: a read-only connection is refused
        found = status(home)
    assert found.data_through == {"register": "2024-07-19 10:00:00"}
    assert found.missing == []
    assert "rolled back" in render_status(found)[0]
