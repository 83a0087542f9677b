"""Helpers for the tests of mapping: write an inline export and its map, map it, look at what came out."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from dagster_project.ingest.grammar import SourceMap
from dagster_project.ingest.landing import ClaimedFile
from dagster_project.ingest.mapping import MappedFile, map_file
from dagster_project.ingest.raw_schema import OUTCOME_SCHEMA, QUARANTINE_SCHEMA, raw_schema

KEY = b"k" * 32


def mapped(path: Path, records: list[dict[str, Any]], **options: Any) -> MappedFile:
    """Map one file under a map with one input; ``options`` are of the input or, else, of the map."""
    part = {
        "name": "all", "files": "**/*", "format": options.pop("format", "csv"), "records": records,
        **{name: options.pop(name) for name in ("delimiter", "header", "totals") if name in options},
    }  # fmt: skip
    source_map = SourceMap.model_validate({"source": "test", "extract": {}, **options, "inputs": [part]})
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    result = map_file(ClaimedFile(path, path.name, source_map, source_map.inputs[0], sha256), KEY)
    for kind, table in result.tables.items():
        assert table.schema == raw_schema(kind)
    assert result.outcomes.schema == OUTCOME_SCHEMA and result.quarantine.schema == QUARANTINE_SCHEMA
    for row in result.outcomes.to_pylist():
        assert row["rows_read"] == row["rows_loaded"] + row["rows_duplicate"] + row["rows_quarantined"]
        assert row["rows_loaded"] == result.tables[row["record_kind"]].num_rows
    rejected = pc.sum(result.quarantine["is_row_rejected"]).as_py() or 0
    assert rejected == sum(result.outcomes["rows_quarantined"].to_pylist())
    return result


def map_text(
    tmp_path: Path, text: str, columns: dict[str, Any], kind: str = "dossiers", **options: Any
) -> MappedFile:
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")
    record = {"kind": kind, "columns": columns, **options.pop("record", {})}
    return mapped(path, [record], **options)


def values(result: MappedFile, column: str, kind: str = "dossiers") -> list[Any]:
    table = result.tables[kind].sort_by("_row_no")
    return list(table[column].to_pylist())


def bad_cells(result: MappedFile) -> list[tuple[int, str | None, str]]:
    rows = result.quarantine.select(["row_no", "column_name", "reason"]).to_pylist()
    return [(row["row_no"], row["column_name"], row["reason"]) for row in rows]


def one_column(tmp_path: Path, column: str, spec: Any, cells: list[str], **options: Any) -> MappedFile:
    """A column of dossiers fed with cells; the rows are A1, A2, …"""
    lines = [f'A{number}\t2024-01-01\t"{cell}"' for number, cell in enumerate(cells, start=1)]
    spec = {"header": "x", **spec}
    columns = {"dossier_code": "id", "received_at": "day", column: spec}
    return map_text(tmp_path, "\n".join(["id\tday\tx", *lines]), columns, delimiter="\t", **options)
