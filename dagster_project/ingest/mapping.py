"""Claimed files → raw rows, outcomes and quarantine in Arrow: the one entrance to reading.

A file is read once; every record of its input is mapped from the same text. Nothing here writes anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from dagster_project.ingest.file_batch import FileBatch, FileRead, Progress
from dagster_project.ingest.keyed_session import connect, empty
from dagster_project.ingest.landing import ClaimedFile
from dagster_project.ingest.raw_schema import OUTCOME_SCHEMA, QUARANTINE_SCHEMA, raw_schema

_CHUNK = 1 << 16


@dataclass(frozen=True)
class MappedFile:
    """What one file gave: raw tables by kind (exactly ``raw_schema``), outcome rows, quarantine rows.

    ``error`` is the one line why the file is unreadable; then all tables are empty and every outcome says so.
    """

    claimed: ClaimedFile
    tables: dict[str, pa.Table]
    outcomes: pa.Table
    quarantine: pa.Table
    error: str | None = None


def map_file(
    claimed: ClaimedFile, key: bytes, max_json_mib: int = 512, progress: Progress | None = None
) -> MappedFile:
    """Read and map one file. An unreadable one does not raise: its outcome rows and ``error`` say why.

    ``key`` makes pseudonyms and cell hashes; ``progress`` is told a line per record.
    """
    with connect(key) as connection:
        return map_files(connection, [claimed], max_json_mib, progress)[0]


def map_files(
    connection: duckdb.DuckDBPyConnection,
    claims: Sequence[ClaimedFile],
    max_json_mib: int = 512,
    progress: Progress | None = None,
) -> list[MappedFile]:
    """Read and map files of one input in one go: the same as ``map_file`` for each, in the same order.

    ``connection`` is a session of ``keyed_session``; it is empty again afterwards.
    """
    try:
        reads = FileBatch(connection, claims, max_json_mib, progress).read()
    finally:
        empty(connection)
    return [_mapped(claimed, read) for claimed, read in zip(claims, reads, strict=True)]


def _mapped(claimed: ClaimedFile, read: FileRead) -> MappedFile:
    if read.error is not None:
        return _unreadable(claimed, read.error)
    kinds = _kinds(claimed)
    return MappedFile(
        claimed,
        {kind: _raw_table(claimed, kind, read) for kind in kinds},
        pa.Table.from_pylist([_outcome(claimed, kind, read) for kind in kinds], OUTCOME_SCHEMA),
        _with_constants(
            QUARANTINE_SCHEMA,
            [
                (result.quarantine, {**_identity(claimed), "record_kind": result.kind})
                for result in read.results
            ],
        ),
    )


# ------------------------------------------------------------------------------------ results


def _kinds(claimed: ClaimedFile) -> list[str]:
    return list(dict.fromkeys(record.kind for record in claimed.input.records))


def _identity(claimed: ClaimedFile) -> dict[str, str | None]:
    return {
        "source": claimed.source_map.source,
        "file": claimed.name,
        "file_id": claimed.file_id,
        "sha256": claimed.sha256,
        "map_fingerprint": claimed.source_map.fingerprint,
    }


def _raw_table(claimed: ClaimedFile, kind: str, read: FileRead) -> pa.Table:
    constants: dict[str, str | None] = {
        "_source": claimed.source_map.source,
        "_input": claimed.input.name,
        "_file": claimed.name,
        "_file_id": claimed.file_id,
        "_file_sha256": claimed.sha256,
        "_map_fingerprint": claimed.source_map.fingerprint,
        "_extracted_at": read.extracted_at,
    }
    return _with_constants(
        raw_schema(kind), [(one.rows, constants) for one in read.results if one.kind == kind]
    )


def _constant(value: str | None, field: pa.Field, length: int) -> pa.ChunkedArray:
    """A column of one value whose chunks share their memory: a hash costs 64 bytes a row otherwise."""
    if value is None:
        return pa.chunked_array([pa.nulls(length, field.type)])
    chunk = pa.repeat(pa.scalar(value, field.type), min(length, _CHUNK))
    full, rest = divmod(length, _CHUNK)
    chunks = [chunk] * full if full else []
    return pa.chunked_array([*chunks, chunk.slice(0, rest)] if rest else chunks, field.type)


def _with_constants(schema: pa.Schema, parts: Iterable[tuple[pa.Table, dict[str, str | None]]]) -> pa.Table:
    """The tables under one schema: own columns, then constants, NULL for the rest."""
    tables = [
        pa.table(
            [
                table.column(field.name).cast(field.type)
                if field.name in table.column_names
                else _constant(constants.get(field.name), field, table.num_rows)
                for field in schema
            ],
            schema=schema,
        )
        for table, constants in parts
    ]
    return pa.concat_tables(tables) if tables else schema.empty_table()


def _outcome(claimed: ClaimedFile, kind: str, read: FileRead) -> dict[str, object]:
    results = [one for one in read.results if one.kind == kind]
    return {
        **_identity(claimed),
        "input": claimed.input.name,
        "record_kind": kind,
        "extracted_at": read.extracted_at,
        "mode": claimed.source_map.extract.mode,
        "is_synthetic": claimed.is_synthetic,
        "rows_read": sum(one.read for one in results),
        "rows_loaded": sum(one.rows.num_rows for one in results),
        "rows_duplicate": sum(one.duplicate for one in results),
        "rows_quarantined": sum(one.quarantined for one in results),
        "rows_skipped": read.rows_skipped + sum(one.dropped for one in results),
        "ignored_columns": "; ".join(read.ignored),
        "status": "loaded",
        "error": None,
    }


def _unreadable(claimed: ClaimedFile, error: str) -> MappedFile:
    counts = dict.fromkeys(
        ("rows_read", "rows_loaded", "rows_duplicate", "rows_quarantined", "rows_skipped"), 0
    )
    kinds: Sequence[str] = _kinds(claimed)
    outcomes = [
        {
            **_identity(claimed),
            **counts,
            "input": claimed.input.name,
            "record_kind": kind,
            "mode": claimed.source_map.extract.mode,
            "is_synthetic": claimed.is_synthetic,
            "ignored_columns": "",
            "status": "unreadable",
            "error": error,
        }
        for kind in kinds
    ]
    return MappedFile(
        claimed,
        {kind: raw_schema(kind).empty_table() for kind in kinds},
        pa.Table.from_pylist(outcomes, OUTCOME_SCHEMA),
        QUARANTINE_SCHEMA.empty_table(),
        error,
    )
