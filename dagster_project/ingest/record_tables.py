"""One record of some files: typed values → raw rows, counts, quarantine and moments, set-based in DuckDB.

In: relation ``record_rows`` (``row_sql``) and the compiled columns. Out: a RecordResult per file in Arrow,
without the columns that are the same for the whole file (``mapping`` adds them).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.ingest.columns_sql import LATEST_BY, FileFacts, RecordColumns
from dagster_project.ingest.extraction_moment import moments_by_day
from dagster_project.ingest.grammar import Record
from dagster_project.ingest.readers.headers import RowGroup
from dagster_project.ingest.record_kinds import RecordKind
from dagster_project.ingest.row_sql import RECORD_ROWS, prepare_rows
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


_NO_ROWS = pa.table({})


def by_file(table: pa.Table) -> dict[int, pa.Table]:
    """The rows of each file, in the order of ``rid`` (or as they stand, where there is none)."""
    if "rid" in table.column_names:
        rids = table.column("rid").combine_chunks()
        if len(rids) > 1 and not pc.all(pc.less_equal(rids[:-1], rids[1:])).as_py():
            table = table.sort_by("rid")
    runs = pc.run_end_encode(table.column("file_no").combine_chunks())
    columns = table.drop_columns([name for name in ("file_no", "rid") if name in table.column_names])
    parts, start = {}, 0
    for number, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        parts[number] = columns.slice(start, end - start)
        start = end
    return parts


@dataclass(frozen=True)
class _Count:
    """How the rows of one file came out before duplicates were looked for."""

    records: int
    used: int
    dirty: int
    rejected: int


_NOTHING = _Count(0, 0, 0, 0)


def map_record(
    connection: duckdb.DuckDBPyConnection,
    record: Record,
    group: RowGroup,
    facts: FileFacts,
    wants_moments: bool = True,
) -> tuple[dict[int, RecordResult], pa.Table | None]:
    """Map the rows of one record: (result per file number, days of moments as ``moments_by_day`` has them).

    No rule looks beyond its file. The connection must know the functions ``pseudonym`` and ``cell_hash``.
    """
    columns = RecordColumns(record, group, facts)
    prepare_rows(connection, record, group, facts, columns)
    return _Mapped(connection, record, group, columns).results(wants_moments)


class _Mapped:
    """The steps over the table ``typed``: one row per record, values ``v_…``, reason numbers ``b_…``."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        record: Record,
        group: RowGroup,
        columns: RecordColumns,
    ) -> None:
        self._connection = connection
        self._record = record
        self._group = group
        self._kind: RecordKind = record.record_kind
        self._columns = columns
        self._mapped = [name for name in columns.names if name != LATEST_BY]

    def results(self, wants_moments: bool) -> tuple[dict[int, RecordResult], pa.Table | None]:
        """Run all steps; the counts of each file obey read = loaded + duplicate + quarantined."""
        self._type_cells()
        counts = self._counts()
        has_bad_cells = any(count.dirty for count in counts.values())
        self._execute(
            "create or replace temp table cells"
            " (rid bigint, column_name varchar, reason utinyint, raw varchar)"
        )
        if has_bad_cells:
            self._list_bad_cells()
        if has_bad_cells or any(count.rejected for count in counts.values()):
            self._drop_unvouched_labels()
            counts = self._counts()
        duplicates = self._find_duplicates()
        kept = f"{self._reject} = 0"
        if duplicates:
            kept += " and rid not in (select rid from duplicates)"
        loaded = by_file(
            self._connection.execute(
                f"select file_no, rid, {', '.join(self._outputs())} from {_TYPED} where {kept}"
            ).to_arrow_table()
        )
        wrong = {number: rows.wrong_rows for number, rows in self._group.files.items() if rows.wrong_rows}
        has_rejected = any(count.rejected for count in counts.values())
        quarantine = (
            by_file(self._quarantine(has_rejected, wrong)) if has_bad_cells or has_rejected or wrong else {}
        )
        results = {}
        for number, rows in self._group.files.items():
            count = counts.get(number, _NOTHING)
            results[number] = RecordResult(
                kind=self._kind.name,
                rows=loaded.get(number, _NO_ROWS),
                quarantine=quarantine.get(number, _NO_ROWS),
                read=count.records + len(rows.wrong_rows),
                duplicate=duplicates.get(number, 0),
                quarantined=count.rejected + len(rows.wrong_rows),
                dropped=rows.row_count - count.used,
            )
        moments = [f"v_{name}" for name in self._kind.moments if name in self._mapped]
        if not wants_moments:
            return results, None
        relation = f"(from {_TYPED} where {self._reject} = 0)"
        return results, moments_by_day(self._connection, relation, moments)

    def _execute(self, query: str) -> None:
        self._connection.execute(query)

    def _counts(self) -> dict[int, _Count]:
        used = "count(distinct row_no)" if self._record.explode else "count(*)"
        rows = self._connection.execute(
            f"select file_no, count(*), {used}, count(*) filter (is_dirty),"
            f" count(*) filter ({self._reject} > 0) from {_TYPED} group by file_no"
        ).fetchall()
        return {number: _Count(*counts) for number, *counts in rows}

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
        return self._reject_of("")

    def _reject_of(self, table: str) -> str:
        """SQL of the reason number for rejecting a row, 0 for none; ``table`` is a prefix with its dot."""
        key = self._record.key_columns
        needed = [
            name
            for place, name in enumerate(key)
            if place == 0 or not (name in MAY_BE_EMPTY or self._kind.columns.get(name) == "person")
        ]
        no_key = " or ".join(
            f"{table}v_{name} is null" if name in self._mapped else "true" for name in needed
        )
        cases = f"when {no_key} then {ROW_REASONS.index('no_key')}"
        if self._kind.place_in_time:
            places = [f"{table}v_{name} is null" for name in self._kind.place_in_time if name in self._mapped]
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
                f"insert into cells select rid, '{name}', {number}, v_{name} from {_TYPED} as doubtful"
                f" where (is_dirty or {self._reject} > 0) and v_{name} is not null and not exists ("
                f"  select 1 from {_TYPED} as clean where clean.file_no = doubtful.file_no"
                f"  and clean.v_{name} = doubtful.v_{name} and not clean.is_dirty"
                f"  and {self._reject_of('clean.')} = 0)"
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

    def _find_duplicates(self) -> dict[int, int]:
        """Of equal rows of a file the last one stays: without a time to go by, the later row is newer.

        Gives the number of duplicates per file; they stand in table ``duplicates``.
        """
        self._execute(
            "create or replace temp table duplicates as"
            f" select rid, file_no from {_TYPED} where {self._reject} = 0 and (file_no, row_hash) in ("
            f"  select (file_no, row_hash) from {_TYPED} where {self._reject} = 0"
            "   group by file_no, row_hash having count(*) > 1)"
            " qualify row_number() over"
            f" (partition by file_no, row_hash, {self._latest} order by rid desc) > 1"
        )
        rows = self._connection.execute("select file_no, count(*) from duplicates group by file_no")
        return dict(rows.fetchall())

    def _quarantine(self, has_rejected: bool, wrong: Mapping[int, Sequence[int]]) -> pa.Table:
        reasons = f"[{', '.join(literal(reason) for reason in ROW_REASONS)}]"
        parts = [
            "select file_no, row_no, column_name,"
            f" {reason_text('reason')} as reason, false as is_row_rejected, {self._key} as record_key, raw"
            f" from cells join {_TYPED} using (rid) where rid not in (select rid from duplicates)"
        ]
        if has_rejected:
            parts.append(
                f"select file_no, row_no, null, {reasons}[{self._reject} + 1], true, {self._key}, null"
                f" from {_TYPED} where {self._reject} > 0"
            )
        if wrong:
            numbers = [(file_no, row_no) for file_no, rows in wrong.items() for row_no in rows]
            files, rows = zip(*numbers, strict=True)
            self._connection.register(
                "wrong_rows",
                pa.table({"file_no": pa.array(files, pa.int32()), "row_no": pa.array(rows, pa.int64())}),
            )
            parts.append("select file_no, row_no, null, 'wrong_cell_count', true, null, null from wrong_rows")
        return self._connection.execute(
            "select file_no, row_no, column_name, reason, is_row_rejected,"
            f" {cell_shape('raw')} as cell_shape, cast(length(raw) as bigint) as cell_length,"
            f" cell_hash(raw) as cell_hash, record_key"
            f" from ({' union all '.join(parts)}) order by file_no, row_no, column_name nulls first"
        ).to_arrow_table()
