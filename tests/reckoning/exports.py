"""Histories as the Parquet files of one register, and the source map that reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from tests.reckoning.histories import History, Limit

MOMENT, TEXT, NUMBER = pa.timestamp("s"), pa.string(), pa.float64()
COLUMNS: dict[str, dict[str, pa.DataType]] = {
    "dossiers": {
        "dossier_code": TEXT, "procedure_code": TEXT, "field_code": TEXT, "channel": TEXT, "submitted_at": MOMENT,
        "received_at": MOMENT, "competent_received_at": MOMENT, "finished_at": MOMENT, "returned_at": MOMENT,
        "refused_at": MOMENT, "status_code": TEXT, "limit_value": NUMBER, "limit_unit": TEXT,
        "limit_value_2": NUMBER, "limit_unit_2": TEXT, "is_remote_area": pa.bool_(),
    },
    "due_dates": {
        "dossier_code": TEXT, "document_code": TEXT, "due_at": MOMENT, "known_from_at": MOMENT, "reason": TEXT,
    },
    "supplement_requests": {
        "dossier_code": TEXT, "request_code": TEXT, "requested_at": MOMENT, "answered_at": MOMENT,
    },
    "pauses": {"dossier_code": TEXT, "paused_at": MOMENT, "resumed_at": MOMENT, "reason": TEXT},
    "dossier_steps": {"dossier_code": TEXT, "step_no": pa.int64(), "started_at": MOMENT, "status_code": TEXT},
    "procedures": {
        "procedure_code": TEXT, "limit_value": NUMBER, "limit_unit": TEXT, "valid_from_on": TEXT,
    },
}  # fmt: skip
KEYS = {"due_dates": ["dossier_code", "document_code"]}
EXTRACT = r"-(\d{4}-\d{2}-\d{2}-\d{4})\.parquet"


def write_map(sources: Path) -> None:
    """One map for all files: every column is named as the warehouse names it."""
    inputs = [
        {
            "name": kind,
            "files": f"{kind}-*.parquet",
            "format": "parquet",
            "records": [
                {"kind": kind, "columns": {name: name for name in columns}}
                | ({"key": KEYS[kind]} if kind in KEYS else {})
            ],
        }
        for kind, columns in COLUMNS.items()
    ]
    extract = {"mode": "full", "at": {"path": EXTRACT, "formats": ["yyyy-MM-dd-HHmm"]}}
    sources.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump({"source": "reckoning", "required": True, "extract": extract, "inputs": inputs})
    (sources / "reckoning.yml").write_text(text, encoding="utf-8")


def write_files(landing: Path, histories: list[History], procedures: list[Limit], extracted: str) -> None:
    """One file per record kind, dated ``extracted`` (yyyy-MM-dd-HHmm)."""
    rows: dict[str, Iterable[dict[str, Any]]] = {
        "dossiers": map(_dossier, histories),
        "procedures": (
            {
                "procedure_code": f"P{number}", "limit_value": limit.value, "limit_unit": limit.unit,
                "valid_from_on": "2018-01-01",
            }
            for number, limit in enumerate(procedures)
        ),
    }  # fmt: skip
    parts: dict[str, Callable[[History], list[Any]]] = {
        "due_dates": lambda one: one.appointments,
        "supplement_requests": lambda one: one.supplements,
        "pauses": lambda one: one.pauses,
    }
    numbers = {"due_dates": "document_code", "supplement_requests": "request_code"}
    for kind, part in parts.items():
        rows[kind] = [
            {
                "dossier_code": one.code,
                **row._asdict(),
                **({numbers[kind]: str(no)} if kind in numbers else {}),
            }
            for one in histories
            for no, row in enumerate(part(one), start=1)
        ]
    rows["dossier_steps"] = (
        {
            "dossier_code": one.code,
            "step_no": step.step_no,
            "started_at": step.at,
            "status_code": step.status_code,
        }
        for one in histories
        for step in one.steps
    )
    landing.mkdir(parents=True, exist_ok=True)
    for kind, columns in COLUMNS.items():
        table = pa.Table.from_pylist(list(rows[kind]), pa.schema(list(columns.items())))
        pq.write_table(table, landing / f"{kind}-{extracted}.parquet")


def _dossier(history: History) -> dict[str, Any]:
    limit = history.limit
    return {
        "dossier_code": history.code,
        "procedure_code": history.procedure_code,
        "field_code": history.field_code,
        "channel": history.channel,
        "submitted_at": history.submitted_at,
        "received_at": history.received_at,
        "competent_received_at": history.competent_received_at,
        "finished_at": history.finished_at,
        "returned_at": history.returned_at,
        "refused_at": history.refused_at,
        "status_code": history.statuses_seen[-1][1] if history.statuses_seen else None,
        "limit_value": limit.value if limit else None,
        "limit_unit": limit.unit if limit else None,
        "limit_value_2": limit.value_2 if limit else None,
        "limit_unit_2": limit.unit_2 if limit else None,
        "is_remote_area": history.is_remote_area,
    }
