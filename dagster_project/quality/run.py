"""Runs all suites against the warehouse and turns outcomes into results.

Every check of every layer is run whatever the others found, so that one refresh shows all that is wrong.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb

from dagster_project.errors import CchcError
from dagster_project.quality import adapter
from dagster_project.quality.canary import check_canary
from dagster_project.quality.results import QualityResult
from dagster_project.quality.suites import Expectation, Suite, load_suites
from dagster_project.quality.verdict import CANARY_SUITE

Progress = Callable[[str], None]


@dataclass(frozen=True)
class _Run:
    run_id: str
    run_at: datetime


def run_quality(
    warehouse: Path,
    expectations_dir: Path,
    run_id: str,
    run_at: datetime,
    progress: Progress | None = None,
) -> list[QualityResult]:
    """Run the canary and every suite of ``expectations_dir`` on ``warehouse`` (opened read-only).

    Returns one result per check, canary first, then by layer and table. A missing table or column, and
    any exception, is a result with status ``error``. ``run_at`` is kept as given. The caller must hold no
    writing connection to the file; afterwards none is left open. Raises ConfigError for a wrong suite
    (before anything is checked) and CchcError when the warehouse cannot be opened.
    """
    say = progress or (lambda text: None)
    suites = load_suites(expectations_dir)
    started = time.monotonic()
    adapter.warm_up()
    adapter.check_suites(suites)
    say(f"Great Expectations ready in {time.monotonic() - started:.1f} s")
    started = time.monotonic()
    row_counts = count_rows(warehouse, suites)
    run = _Run(run_id, run_at)
    results: list[QualityResult] = []
    with adapter.open_checker(warehouse) as checker:
        canary = check_canary(checker, run_id, run_at)
        for suite in suites:
            results += _check_table(checker, suite, row_counts[suite.name], run)
            say(f"{suite.name}, {len(suite.expectations)} checks")
    if any(result.status != "pass" for result in canary):
        results = [_distrust(result) for result in results]
    say(f"{len(results)} checks in {time.monotonic() - started:.1f} s")
    return canary + results


def count_rows(warehouse: Path, suites: tuple[Suite, ...]) -> dict[str, int | str]:
    """Rows that every suite is about, by its name; where they cannot be counted, the reason as one line."""
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            there = {
                row[0]
                for row in connection.execute(
                    "select table_schema || '.' || table_name from information_schema.tables"
                    " where table_catalog = current_database()"
                ).fetchall()
            }
            return {
                suite.name: _count(connection, suite) if suite.name in there else "the table does not exist"
                for suite in suites
            }
    except duckdb.IOException as error:
        raise CchcError(
            f"{warehouse}: cannot be opened for the checks ({adapter.redact(str(error))}); "
            "end the program that has it open and run again"
        ) from None


def _count(connection: duckdb.DuckDBPyConnection, suite: Suite) -> int | str:
    try:
        row = connection.execute(f"select count(*) from ({adapter.checked_rows(suite)})").fetchone()
    except duckdb.Error as error:
        return adapter.redact(str(error))
    return int(row[0]) if row else 0


def _check_table(
    checker: adapter.Checker, suite: Suite, row_count: int | str, run: _Run
) -> list[QualityResult]:
    if isinstance(row_count, str):
        failure = adapter.Outcome("error", None, None, None, row_count)
        return [_result(suite, expectation, failure, run) for expectation in suite.expectations]
    # All are run even on few rows: a misspelt column must be seen on an empty table too.
    outcomes = checker.run_table(suite, suite.expectations)
    return [
        _result(suite, expectation, _if_enough(outcomes[expectation.id], expectation, row_count), run)
        for expectation in suite.expectations
    ]


def _if_enough(outcome: adapter.Outcome, expectation: Expectation, row_count: int) -> adapter.Outcome:
    """The outcome, or ``not_evaluated`` when the table or the check's own population has too few rows."""
    judged = outcome.evaluated_rows
    rows = row_count if judged is None else min(row_count, judged)
    if outcome.status == "error" or rows >= expectation.min_rows:
        return outcome
    return adapter.Outcome("not_evaluated", f"{rows} rows", None, rows)


def _result(suite: Suite, expectation: Expectation, outcome: adapter.Outcome, run: _Run) -> QualityResult:
    return QualityResult(
        run_id=run.run_id,
        run_at=run.run_at,
        suite=suite.name,
        expectation_id=expectation.id,
        table_name=suite.name,
        column_name=expectation.column,
        severity=expectation.severity,
        owner=expectation.owner,
        status=outcome.status,
        observed=outcome.observed,
        unexpected_count=outcome.unexpected_count,
        message=_message(suite, expectation, outcome),
        message_vi=_message_vi(suite, expectation, outcome),
    )


def _message(suite: Suite, expectation: Expectation, outcome: adapter.Outcome) -> str:
    where = suite.name + (f".{expectation.column}" if expectation.column else "")
    if outcome.status == "error":
        return f"{where}: could not be checked ({outcome.error}); correct the model or {expectation.place}"
    if outcome.status == "not_evaluated":
        return f"{where}: not evaluated, {outcome.observed}, at least {expectation.min_rows} needed"
    if outcome.status == "pass":
        return f"{where}: {expectation.description}"
    found = f", found {outcome.observed}" if outcome.observed else ""
    return f"{where}: expected: {expectation.description}{found}; {expectation.action}"


def _message_vi(suite: Suite, expectation: Expectation, outcome: adapter.Outcome) -> str:
    where = suite.name + (f".{expectation.column}" if expectation.column else "")
    observed = (outcome.observed or "").replace(" of ", " trên ").replace(" rows", " dòng").replace(".", ",")
    if outcome.status == "error":
        return f"{where}: không kiểm tra được ({outcome.error}); sửa mô hình hoặc {expectation.place}"
    if outcome.status == "not_evaluated":
        return f"{where}: chưa kiểm tra, có {observed}, cần ít nhất {expectation.min_rows} dòng"
    if outcome.status == "pass":
        return f"{where}: {expectation.description_vi}"
    found = f"; thực tế {observed} không đạt" if observed else ""
    return f"{where}: yêu cầu: {expectation.description_vi}{found}; cách xử lý: {expectation.action_vi}"


def _distrust(result: QualityResult) -> QualityResult:
    """A check whose tool was just seen to give wrong answers says nothing."""
    message = f"{result.table_name}: not trusted, the {CANARY_SUITE} went wrong; see its results"
    message_vi = f"{result.table_name}: không tin cậy được, {CANARY_SUITE} trả lời sai; xem kết quả của nó"
    return replace(
        result,
        status="error",
        observed=None,
        unexpected_count=None,
        message=message,
        message_vi=message_vi,
    )
