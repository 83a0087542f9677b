"""What lets a release out and what does not; and the files and the log that say so."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from dagster_project.quality.adapter import redact
from dagster_project.quality.results import QualityResult, append_results, write_quality_json
from dagster_project.quality.verdict import decide, write_verdict_json

CANARY = QualityResult(
    run_id="run-1",
    run_at=datetime(2012, 1, 24, 8),
    suite="canary",
    expectation_id="known_good_passes",
    table_name="canary",
    column_name=None,
    severity="critical",
    owner="data_engineering",
    status="pass",
    observed="5 of 5 as wanted",
    unexpected_count=0,
    message="canary: fine",
)
CHECK = replace(
    CANARY,
    suite="raw.dossiers",
    expectation_id="code_given",
    table_name="raw.dossiers",
    message="raw.dossiers: x",
)


@pytest.mark.parametrize(
    ("severity", "status", "is_publishable"),
    [
        ("critical", "pass", True),
        ("critical", "fail", False),
        ("critical", "error", False),
        ("critical", "not_evaluated", True),
        ("warning", "fail", True),
        ("warning", "error", False),
        ("info", "fail", True),
        ("info", "error", False),
    ],
)
def test_critical_findings_and_errors_block(severity: str, status: str, is_publishable: bool) -> None:
    verdict = decide([CANARY, replace(CHECK, severity=severity, status=status)])
    assert verdict.is_publishable is is_publishable
    assert len(verdict.blocking) == (not is_publishable)


def test_a_blocked_verdict_says_what_and_how_many() -> None:
    failed = replace(CHECK, status="fail", message="raw.dossiers: bad; do this")
    summary = decide([CANARY, failed, replace(failed, expectation_id="other")]).summary
    assert summary == "blocked by raw.dossiers.code_given: raw.dossiers: bad; do this (and 1 more)"


@pytest.mark.parametrize("results", [[], [CHECK], [CANARY]])
def test_nothing_proved_or_nothing_checked_blocks(results: list[QualityResult]) -> None:
    assert not decide(results).is_publishable


def test_verdict_and_results_are_written_for_people_and_programs(tmp_path: Path) -> None:
    verdict = decide([CANARY, replace(CHECK, status="fail")])
    found = json.loads(write_verdict_json(tmp_path / "runs" / "run-1", verdict).read_text())
    assert found["is_publishable"] is False
    assert [row["expectation_id"] for row in found["blocking"]] == ["code_given"]
    assert found["counts"] == {"pass": 1, "fail": 1, "error": 0, "not_evaluated": 0}
    rows = json.loads(write_quality_json(tmp_path / "runs" / "run-1", verdict.results).read_text())
    assert [row["status"] for row in rows] == ["pass", "fail"]
    assert sorted(path.name for path in (tmp_path / "runs" / "run-1").iterdir()) == [
        "quality.json",
        "verdict.json",
    ]


def test_the_log_only_grows_and_takes_a_run_once(tmp_path: Path) -> None:
    warehouse = tmp_path / "w.duckdb"
    assert append_results(warehouse, [CANARY, CHECK]) == 2
    assert append_results(warehouse, [CANARY, CHECK]) == 0
    assert append_results(warehouse, [replace(CHECK, run_id="run-2", status="fail")]) == 1
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute(
            "select run_id, status, run_at from control.quality_results order by run_id, expectation_id"
        ).fetchall()
    assert [row[:2] for row in rows] == [("run-1", "pass"), ("run-1", "pass"), ("run-2", "fail")]
    assert rows[0][2] == datetime(2012, 1, 24, 8)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "(_duckdb.ConversionException) Conversion Error: Could not convert string 'Lê Thị A' to INT32",
            "Conversion Error: Could not convert string '…' to INT32",
        ),
        ("wrong 'Trần Thị\nB'", "wrong '…'"),
        (
            'invalid date field format: "Lê A", column "due_at"',
            'invalid date field format: "…", column "due_at"',
        ),
        ("who: a.b@c.vn, 0912345678", "who: … …"),
        ("no table\n[SQL: select 'Lê Văn C']", "no table"),
    ],
)
def test_an_error_never_quotes_a_cell(text: str, line: str) -> None:
    assert redact(text) == line
