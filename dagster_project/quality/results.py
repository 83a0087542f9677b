"""What one run of the checks found: the result record, its files, and its log in the warehouse.

No Great Expectations and no rules here; the verdict over results is in ``verdict``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.publish.files import write_text

STATUSES = ("pass", "fail", "error", "not_evaluated")

CREATE_RESULTS = """
create table if not exists control.quality_results (
    run_id varchar not null,
    run_at timestamp not null,
    suite varchar not null,
    expectation_id varchar not null,
    table_name varchar not null,
    column_name varchar,
    severity varchar not null,
    owner varchar not null,
    status varchar not null,
    observed varchar,
    unexpected_count bigint,
    message varchar not null
);
-- a home of an older version has the log without it
alter table control.quality_results add column if not exists message_vi varchar
"""


@dataclass(frozen=True)
class QualityResult:
    """One check in one run; the columns of ``quality_results`` in their order.

    ``observed`` holds numbers only, never a value of a row. ``message`` is one line: what is wrong, where,
    what to do (for a pass: what holds); ``message_vi`` the same in Vietnamese, for the reports.
    """

    run_id: str
    run_at: datetime
    suite: str
    expectation_id: str
    table_name: str
    column_name: str | None
    severity: str
    owner: str
    status: str
    observed: str | None
    unexpected_count: int | None
    message: str
    message_vi: str | None = None


COLUMNS = tuple(field.name for field in fields(QualityResult))


def append_results(warehouse: Path, results: Sequence[QualityResult]) -> int:
    """Append the results of a run to ``control.quality_results`` and return the number of new rows.

    Creates schema and table when missing. A result that already stands there (same run, suite and check)
    is left as it is, so a repeated call adds nothing. The caller must hold no other connection to the file.
    """
    rows = [tuple(getattr(result, name) for name in COLUMNS) for result in results]
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("begin")
        connection.execute("create schema if not exists control")
        connection.execute(CREATE_RESULTS)
        known = set(
            connection.execute(
                "select distinct run_id, suite, expectation_id from control.quality_results"
            ).fetchall()
        )
        new = [row for row in rows if (row[0], row[2], row[3]) not in known]
        if new:
            marks = ", ".join("?" * len(COLUMNS))
            connection.executemany(
                f"insert into control.quality_results ({', '.join(COLUMNS)}) values ({marks})", new
            )
        connection.execute("commit")
    return len(new)


def write_quality_json(folder: Path, results: Sequence[QualityResult]) -> Path:
    """Write all results to ``folder/quality.json`` (a run's folder) and return the path."""
    return write_json(folder / "quality.json", [asdict(result) for result in results])


def write_json(path: Path, content: Any) -> Path:
    """Write ``content`` as JSON, moments to the second, atomically; return the path."""
    write_text(path, json.dumps(content, ensure_ascii=False, indent=2, default=_as_text) + "\n")
    return path


def _as_text(value: Any) -> str:
    return value.isoformat(sep=" ", timespec="seconds") if isinstance(value, datetime) else str(value)
