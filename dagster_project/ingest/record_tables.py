"""One record of one file: typed values → raw rows, counts, quarantine and moments, all set-based in DuckDB.

In: relation ``record_rows`` (``row_sql``) and the compiled columns. Out: a RecordResult in Arrow, without the
columns that are the same for the whole file (``mapping`` adds them).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from dagster_project.ingest.columns_sql import LATEST_BY, FileFacts, RecordColumns
from dagster_project.ingest.extraction_moment import moments_by_day
from dagster_project.ingest.grammar import Record
from dagster_project.ingest.readers.headers import Rows
from dagster_project.ingest.record_kinds import RecordKind
from dagster_project.ingest.row_sql import RECORD_ROWS, drop_rows, prepare_rows
from dagster_project.ingest.shapes import NUMBER_OF, ROW_REASONS, cell_shape, literal, reason_text

MAY_BE_EMPTY = frozenset(
    {
        "valid_from_on",
        "succeeded_on",
        "known_from_at",
        "handler_unit_code",
        "book_code",
        "unit_code",
        "field_code",
        "procedure_level",
    }
)
"""Key columns whose absence means something ("since ever", "all fields"); never the first one of a key."""

_TYPED = "typed"


@dataclass(frozen=True)
class RecordResult:
    """What one record of one file gave; ``rows`` and ``quarantine`` lack the file's own columns."""

    kind: str
    rows: pa.Table
    quarantine: pa.Table
    read: int
    duplicate: int
    quarantined: int
    dropped: int
    moments: pa.Table | None


def map_record(
    connection: duckdb.DuckDBPyConnection, record: Record, rows: Rows, facts: FileFacts
) -> RecordResult:
    """Map the rows of one record; the connection must know the functions ``pseudonym`` and ``cell_hash``."""
    columns = RecordColumns(record, rows, facts)
    records, dropped = prepare_rows(connection, record, rows, facts, columns)
    try:
        return _Mapped(connection, record, columns).result(records, dropped, rows.wrong_rows)
    finally:
        for table in (_TYPED, "cells", "duplicates"):
            connection.execute(f"drop table if exists {table}")
        drop_rows(connection)


class _Mapped:
    """The steps over the table ``typed``: one row per record, values ``v_…``, reason numbers ``b_…``."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, record: Record, columns: RecordColumns) -> None:
        self._connection = connection
        self._record = record
        self._kind: RecordKind = record.record_kind
        self._columns = columns
        self._mapped = [name for name in columns.names if name != LATEST_BY]

    def result(self, records: int, dropped: int, wrong_rows: Sequence[int]) -> RecordResult:
        """Run all steps; the counts obey read = loaded + duplicate + quarantined."""
        self._type_cells()
        has_bad_cells = self._count("is_dirty") > 0
        self._execute(
            "create temp table cells (rid bigint, column_name varchar, reason utinyint, raw varchar)"
        )
        if has_bad_cells:
            self._list_bad_cells()
        if has_bad_cells or self._count(f"{self._reject} > 0"):
            self._drop_unvouched_labels()
        duplicate = self._find_duplicates()
        rejected = self._count(f"{self._reject} > 0")
        loaded = self._connection.execute(
            f"select {', '.join(self._outputs())} from {_TYPED}"
            f" where {self._reject} = 0 and rid not in (select rid from duplicates)"
        ).to_arrow_table()
        moments = [f"v_{name}" for name in self._kind.moments if name in self._mapped]
        return RecordResult(
            kind=self._kind.name,
            rows=loaded,
            quarantine=self._quarantine(rejected, wrong_rows),
            read=records + len(wrong_rows),
            duplicate=duplicate,
            quarantined=rejected + len(wrong_rows),
            dropped=dropped,
            moments=moments_by_day(self._connection, f"(from {_TYPED} where {self._reject} = 0)", moments),
        )

    def _execute(self, query: str) -> None:
        self._connection.execute(query)

    def _count(self, test: str) -> int:
        row = self._connection.execute(f"select count(*) from {_TYPED} where {test}").fetchone()
        return int(row[0]) if row else 0

    # -------------------------------------------------------------------------------- SQL of the record

    @property
    def _hash(self) -> str:
        """Over all mapped columns in the order of the kind, with their names; NULL is a value of its own."""
        parts = [literal("=".join(self._mapped))]
        parts += [f"coalesce(v_{name}, chr(30))" for name in self._mapped]
        return f"md5(concat_ws(chr(31), {', '.join(parts)}))"

    @property
    def _key(self) -> str:
        parts = [
            f"coalesce(v_{name}, '')" if name in self._mapped else "''" for name in self._record.key_columns
        ]
        return " || '|' || ".join(parts)

    @property
    def _reject(self) -> str:
        """SQL of the reason number for rejecting a row, 0 for none."""
        key = self._record.key_columns
        needed = [
            name
            for place, name in enumerate(key)
            if place == 0 or not (name in MAY_BE_EMPTY or self._kind.columns.get(name) == "person")
        ]
        no_key = " or ".join(f"v_{name} is null" if name in self._mapped else "true" for name in needed)
        cases = f"when {no_key} then {ROW_REASONS.index('no_key')}"
        if self._kind.place_in_time:
            places = [f"v_{name} is null" for name in self._kind.place_in_time if name in self._mapped]
            cases += f" when {' and '.join(places) or 'true'} then {ROW_REASONS.index('no_place_in_time')}"
        return f"case {cases} else 0 end"

    @property
    def _latest(self) -> str:
        return f"v_{LATEST_BY}" if self._columns.has_latest_by else "cast(null as varchar)"

    def _outputs(self) -> list[str]:
        bad = ", ".join(f"case when b_{name} > 0 then '{name}' end" for name in self._columns.names)
        return [
            *(f"v_{name} as {name}" for name in self._mapped),
            "row_no as _row_no",
            f"{self._key} as _record_key",
            f"{self._latest} as _latest_by",
            "row_hash as _row_hash",
            f"case when is_dirty then concat_ws(',', {bad}) end as _bad_columns",
        ]

    # -------------------------------------------------------------------------------- steps

    def _type_cells(self) -> None:
        dirty = " or ".join(f"b_{name} > 0" for name in self._columns.names)
        self._execute(
            f"create or replace temp table {_TYPED} as"
            f" select *, {dirty} as is_dirty, {self._hash} as row_hash"
            f" from ({self._columns.select(RECORD_ROWS)})"
        )

    def _list_bad_cells(self) -> None:
        """The texts of bad cells are read once more, of their rows only: most files have few."""
        dirty = f"(select * from {RECORD_ROWS} where rid in (select rid from {_TYPED} where is_dirty))"
        self._execute(
            f"create or replace temp table raw_cells as {self._columns.select(dirty, with_raw=True)}"
        )
        for name in self._columns.names:
            self._execute(
                f"insert into cells select rid, '{name}', b_{name}, raw_{name}"
                f" from raw_cells where b_{name} > 0"
            )
        self._execute("drop table raw_cells")

    def _drop_unvouched_labels(self) -> None:
        """In a rejected row or one with a bad cell (shifted, maybe) a label stays only if a clean row has it.

        Rejected rows too: the label can be part of the key that quarantine shows.
        """
        number = NUMBER_OF["unvouched_label"]
        for name in self._columns.open_labels:
            self._execute(
                f"insert into cells select rid, '{name}', {number}, v_{name} from {_TYPED}"
                f" where (is_dirty or {self._reject} > 0) and v_{name} is not null and v_{name} not in"
                f" (select v_{name} from {_TYPED}"
                f" where not is_dirty and v_{name} is not null and {self._reject} = 0)"
            )
        for name in self._columns.open_labels:
            self._execute(
                f"update {_TYPED} set v_{name} = null, b_{name} = {number} where rid in"
                f" (select rid from cells where column_name = '{name}' and reason = {number})"
            )
        self._execute(
            f"update {_TYPED} set row_hash = {self._hash}"
            f" where rid in (select rid from cells where reason = {number})"
        )

    def _find_duplicates(self) -> int:
        """Of equal rows the last one stays: without a time to go by, the later row is the newer version."""
        self._execute(
            f"create or replace temp table duplicates as"
            f" select rid from {_TYPED} where {self._reject} = 0 and row_hash in ("
            f"  select row_hash from {_TYPED} where {self._reject} = 0 group by row_hash having count(*) > 1)"
            f" qualify row_number() over (partition by row_hash, {self._latest} order by rid desc) > 1"
        )
        row = self._connection.execute("select count(*) from duplicates").fetchone()
        return int(row[0]) if row else 0

    def _quarantine(self, rejected: int, wrong_rows: Sequence[int]) -> pa.Table:
        reasons = f"[{', '.join(literal(reason) for reason in ROW_REASONS)}]"
        parts = [
            "select row_no, column_name,"
            f" {reason_text('reason')} as reason, false as is_row_rejected, {self._key} as record_key, raw"
            f" from cells join {_TYPED} using (rid) where rid not in (select rid from duplicates)"
        ]
        if rejected:
            parts.append(
                f"select row_no, null, {reasons}[{self._reject} + 1], true, {self._key}, null"
                f" from {_TYPED} where {self._reject} > 0"
            )
        if wrong_rows:
            self._connection.register("wrong_rows", pa.table({"row_no": pa.array(wrong_rows, pa.int64())}))
            parts.append("select row_no, null, 'wrong_cell_count', true, null, null from wrong_rows")
        return self._connection.execute(
            "select row_no, column_name, reason, is_row_rejected,"
            f" {cell_shape('raw')} as cell_shape, cast(length(raw) as bigint) as cell_length,"
            f" cell_hash(raw) as cell_hash, record_key"
            f" from ({' union all '.join(parts)}) order by row_no, column_name nulls first"
        ).to_arrow_table()
