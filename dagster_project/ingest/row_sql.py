"""Which rows of a file become records: ``where``, ``explode`` and ``changes_of``, all as DuckDB SQL.

The result is the relation ``record_rows`` with a ``rid`` per record. Cells are compiled in ``columns_sql``.
"""

from __future__ import annotations

import duckdb

from dagster_project.ingest.columns_sql import LATEST_BY, FileFacts, RecordColumns
from dagster_project.ingest.grammar import Record, Where
from dagster_project.ingest.readers.headers import RowGroup
from dagster_project.ingest.shapes import clean_text, literal, trimmed_text

RECORD_ROWS = "record_rows"
_BASE_ROWS = "base_rows"


def _texts(values: tuple[str, ...]) -> str:
    return ", ".join(clean_text(literal(value)) for value in values)


def _test(where: Where, cell: str) -> str:
    """A row without a value passes ``not_in`` and no other test but ``is_missing: true``."""
    if where.equals is not None:
        return f"coalesce({cell}, '') = {trimmed_text(literal(where.equals))}"
    if where.in_ is not None:
        return f"coalesce({cell} in ({_texts(where.in_)}), false)"
    if where.not_in is not None:
        return f"coalesce({cell} not in ({_texts(where.not_in)}), true)"
    if where.matches is not None:
        return f"coalesce(regexp_matches({cell}, {literal(where.matches)}), false)"
    return f"({cell}) is {'' if where.is_missing else 'not '}null"


def _kept_rows(record: Record, group: RowGroup, columns: RecordColumns) -> str:
    tests = [_test(where, columns.cell_sql(where.headers)) for where in record.where]
    query = f"select * from {group.relation}"
    return f"{query} where {' and '.join(f'({test})' for test in tests)}" if tests else query


def _exploded(record: Record, kept: str, columns: RecordColumns) -> str:
    """One row per part of the multi-valued cell; a row without any part makes no record."""
    if record.explode is None:
        return kept
    split = f"string_split({columns.cell_sql(record.explode.headers)}, {literal(record.explode.by)})"
    parts = f"list_filter([{trimmed_text('part')} for part in {split}], lambda part: part <> '')"
    return (
        "select *, unnest(parts) as exploded, generate_subscripts(parts, 1) as exploded_no"
        f" from (select *, {parts} as parts from ({kept}))"
    )


def _changes(record: Record, group: RowGroup, facts: FileFacts, columns: RecordColumns) -> str:
    """Rows in which the watched column differs from the row before it within the same parent.

    A row whose parent is not known is kept: it must show up in quarantine.
    """
    assert record.changes_of is not None
    parent = RecordColumns(record, group, facts, only=record.change_columns)
    within = [f"v_{name}" for name in parent.names if name != LATEST_BY]
    moment = f"v_{LATEST_BY}" if parent.has_latest_by else "cast(null as varchar)"
    is_number = record.latest_by is not None and record.latest_by.type == "number"
    order = "try_cast(moment as decimal(38, 12))" if is_number else "moment"
    by_time = f"(partition by {', '.join(['file_no', *within])} order by {order} nulls last, rid)"
    no_parent = " or ".join(f"{name} is null" for name in within)
    return f"""
        with values as (
            select parents.*, {moment} as moment, {columns.cell_sql(record.changes_of)} as value_now
            from ({parent.select(_BASE_ROWS)}) as parents
            join base_rows as cells using (rid)
        ),
        neighbours as (
            select *, lag(value_now) over {by_time} as value_before, row_number() over {by_time} as place
            from values
        ),
        changes as (
            select * from neighbours
            where place = 1 or value_now is distinct from value_before or {no_parent}
        ),
        numbered as (
            select
                rid,
                row_number() over {by_time} as change_no,
                lead(moment) over {by_time} as change_until,
                value_before as change_from
            from changes
        )
        select base_rows.*, change_no, change_until, change_from from base_rows join numbered using (rid)
    """


def prepare_rows(
    connection: duckdb.DuckDBPyConnection,
    record: Record,
    group: RowGroup,
    facts: FileFacts,
    columns: RecordColumns,
) -> None:
    """Make relation ``record_rows``; its ``rid`` follows the order of files and rows."""
    kept = _exploded(record, _kept_rows(record, group, columns), columns)
    if record.explode is None and record.changes_of is None:
        connection.execute(
            f"create or replace temp view {RECORD_ROWS} as select place as rid, * from ({kept})"
        )
        return
    order = "place, exploded_no" if record.explode else "place"
    table = _BASE_ROWS if record.changes_of else f"{RECORD_ROWS}_table"
    connection.execute(
        f"create or replace temp table {table} as"
        f" select row_number() over (order by {order}) as rid, * from ({kept})"
    )
    if record.changes_of:
        connection.execute(
            f"create or replace temp table {RECORD_ROWS}_table as {_changes(record, group, facts, columns)}"
        )
    # Always a view, so that the next record can replace it whatever it is made of.
    connection.execute(f"create or replace temp view {RECORD_ROWS} as from {RECORD_ROWS}_table")
