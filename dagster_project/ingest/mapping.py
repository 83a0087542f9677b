"""One claimed file → raw rows, outcomes and quarantine in Arrow: the one entrance to reading.

The file is read once; every record of its input is mapped from the same text. Nothing here writes anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from dagster_project.errors import ReadError
from dagster_project.ingest.columns_sql import FileFacts
from dagster_project.ingest.extraction_moment import given_moment, moment_headers, newest_believable
from dagster_project.ingest.grammar import Record
from dagster_project.ingest.landing import ClaimedFile
from dagster_project.ingest.pseudonyms import keyed_hashes, pseudonymise
from dagster_project.ingest.raw_schema import OUTCOME_SCHEMA, QUARANTINE_SCHEMA, raw_schema
from dagster_project.ingest.readers import open_sheet, read_sheet
from dagster_project.ingest.readers.headers import Need, Rows, input_needs, record_needs
from dagster_project.ingest.readers.json_reader import JsonFile
from dagster_project.ingest.record_tables import RecordResult, map_record

Progress = Callable[[str], None]

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


@dataclass(frozen=True)
class _Read:
    """A mapped input before the file's own columns are added."""

    results: list[RecordResult]
    extracted_at: str | None
    rows_skipped: int
    ignored: list[str]


def map_file(
    claimed: ClaimedFile, key: bytes, max_json_mib: int = 512, progress: Progress | None = None
) -> MappedFile:
    """Read and map one file. An unreadable one does not raise: its outcome rows and ``error`` say why.

    ``key`` makes pseudonyms and cell hashes; ``progress`` is told a line per record.
    """
    try:
        if claimed.error is not None:
            raise ReadError(claimed.name, claimed.error)
        with _connect(key) as connection:
            read = _read(connection, claimed, max_json_mib, progress)
    except ReadError as error:
        return _unreadable(claimed, str(error))
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


def _connect(key: bytes) -> duckdb.DuckDBPyConnection:
    """A private database in memory, gone with the file; it knows the two keyed functions."""
    connection = duckdb.connect(":memory:")
    connection.execute("set TimeZone = 'UTC'; set enable_progress_bar = false")

    functions = {
        "pseudonym": _remembering(lambda texts: pseudonymise(texts, key)),
        "cell_hash": _remembering(lambda texts: keyed_hashes(texts, key)),
    }
    # The stub of create_function knows no functions from Arrow to Arrow.
    create_function: Any = connection.create_function
    for name, function in functions.items():
        # special: a cell of spaces has no pseudonym, and NULL for a text is an error otherwise.
        create_function(name, function, ["VARCHAR"], "VARCHAR", type="arrow", null_handling="special")
    return connection


def _remembering(make: Callable[[pa.Array], pa.Array]) -> Callable[[pa.ChunkedArray], pa.Array]:
    """DuckDB hands over 2,048 cells at a time; a name is hashed once per file all the same."""
    known: dict[str, str | None] = {}

    def function(values: pa.ChunkedArray) -> pa.Array:
        encoded = pa.chunked_array([values]) if isinstance(values, pa.Array) else values
        encoded = encoded.combine_chunks().dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = (
                encoded.chunk(0) if encoded.num_chunks else pa.array([], pa.string()).dictionary_encode()
            )
        texts = encoded.dictionary.to_pylist()
        new = [text for text in texts if text not in known]
        if new:
            known.update(zip(new, make(pa.array(new, pa.string())).to_pylist(), strict=True))
        return pa.array([known[text] for text in texts], pa.string()).take(encoded.indices)

    return function


# ------------------------------------------------------------------------------------ reading


def _read(
    connection: duckdb.DuckDBPyConnection, claimed: ClaimedFile, max_json_mib: int, progress: Progress | None
) -> _Read:
    part = claimed.input
    column = moment_headers(claimed.source_map)
    needs = input_needs(part, column)
    results: list[RecordResult] = []
    ignored: list[str] = []
    extracted_at: str | None = None
    rows_skipped = 0
    document = (
        JsonFile(connection, claimed.path, claimed.name, max_json_mib) if part.format == "json" else None
    )
    sheet = None if document else open_sheet(connection, read_sheet(claimed, needs), claimed)
    for record in part.records:
        if progress:
            progress(f"{claimed.name}: {record.kind}")
        rows = _rows_of(record, document, sheet, column)
        facts = FileFacts(claimed.name, claimed.source_map, rows.titles, part.format == "xlsx")
        if extracted_at is None and _has_moment_place(claimed):
            at = claimed.source_map.extract.at
            value = document.document_text(at.json_) if document and at and at.json_ else None
            extracted_at = given_moment(
                connection, claimed.source_map, claimed.name, rows, value, facts.has_date_cells
            )
        results.append(map_record(connection, record, rows, facts))
        rows_skipped = rows.rows_skipped
        ignored += rows.ignored(needs if sheet else record_needs(record))
    if extracted_at is None:
        extracted_at = newest_believable(
            connection, [one.moments for one in results if one.moments is not None]
        )
    return _Read(results, extracted_at, rows_skipped, list(dict.fromkeys(ignored)))


def _has_moment_place(claimed: ClaimedFile) -> bool:
    """Can this format have the place that the map names? The other inputs of the map go by their content."""
    at, format = claimed.source_map.extract.at, claimed.input.format
    if at is None:
        return False
    return not (at.json_ and format != "json") and not (at.title and format in ("json", "parquet"))


def _rows_of(
    record: Record, document: JsonFile | None, sheet: Rows | None, moment_column: str | None
) -> Rows:
    needs = record_needs(record)
    if moment_column:
        needs.append(Need((moment_column,), "extract.at"))
    rows = document.rows(record, needs) if document else sheet
    assert rows is not None
    rows.check(needs)
    return rows


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


def _raw_table(claimed: ClaimedFile, kind: str, read: _Read) -> pa.Table:
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


def _outcome(claimed: ClaimedFile, kind: str, read: _Read) -> dict[str, object]:
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
