"""The log ``published_indicators``: what every release said, from the release folders alone.

The folders are immutable, so the log can be written again at any time, and equals the published one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import duckdb
import pyarrow as pa

from dagster_project.home import Home
from dagster_project.publish.content_hash import PUBLISHED, column_types
from dagster_project.publish.literals import moment, text
from dagster_project.publish.manifest import release_ids, release_manifest
from dagster_project.publish.pointer import PARQUET

LOG = "published_indicators"
# fct_indicators as the contract names it, for a home that has published nothing yet.
INDICATOR_COLUMNS: Mapping[str, str] = {
    "period_key": "varchar",
    "unit_id": "varchar",
    "scope": "varchar",
    "field_code": "varchar",
    "indicator_code": "varchar",
    "rule_version": "varchar",
    "measure_type": "varchar",
    "numerator": "bigint",
    "denominator": "bigint",
    "value": "double",
    "n": "bigint",
    "target": "double",
    "is_met": "boolean",
    "score": "double",
    "max_score": "double",
    "status": "varchar",
    "published_value": "double",
    "published_release_id": "varchar",
    "restatement_reason": "varchar",
    "as_of_on": "date",
}


def published_indicator_rows(home: Home) -> pa.Table:
    """Every fct_indicators row of every release, with ``release_id`` and ``released_at``, oldest first.

    Has the contract's columns even when nothing was released; columns that an old release lacks are NULL.
    """
    with duckdb.connect() as connection:
        return connection.sql(history_sql(home)).to_arrow_table()


def fill_published_indicators(
    connection: duckdb.DuckDBPyConnection, home: Home, release_id: str, created_at: datetime
) -> None:
    """Write the log of the release being made: every earlier release, then this one."""
    own = column_types(connection, PUBLISHED, "fct_indicators", "release")
    if not own:
        return
    query = f"""(
        {history_sql(home)}
        union all by name
        select *, {text(release_id)} as release_id, {moment(created_at)} as released_at
        from release.{PUBLISHED}.fct_indicators
    )"""
    columns = own | {"release_id": "varchar", "released_at": "timestamp"}
    refill(connection, LOG, query, columns)


def refill(
    connection: duckdb.DuckDBPyConnection, table: str, source: str, source_columns: Mapping[str, str]
) -> None:
    """Replace the rows of ``table`` by those of ``source``, column by column of the same name."""
    wanted = column_types(connection, PUBLISHED, table, "release") or dict(source_columns)
    cells = ", ".join(
        f'cast("{name}" as {kind}) as "{name}"'
        if name in source_columns
        else f'cast(null as {kind}) as "{name}"'
        for name, kind in wanted.items()
    )
    connection.execute(
        f"create or replace table release.{PUBLISHED}.{table} as select {cells} from {source} order by all"
    )


def history_sql(home: Home) -> str:
    """A query over fct_indicators of all releases; the contract's columns first, then any others."""
    typed = ", ".join(f"null::{kind} as {name}" for name, kind in INDICATOR_COLUMNS.items())
    nothing = f"select {typed}, null::varchar as release_id, null::timestamp as released_at where false"
    manifests = [release_manifest(home, release_id) for release_id in release_ids(home)]
    found = [
        (home.releases / manifest.release_id / PARQUET / "fct_indicators.parquet", manifest)
        for manifest in manifests
    ]
    found = [(path, manifest) for path, manifest in found if path.exists()]
    if not found:
        return nothing
    files = ", ".join(text(path) for path, _ in found)
    names = ", ".join(
        f"({text(path)}, {text(manifest.release_id)}, {moment(manifest.released_at)})"
        for path, manifest in found
    )
    return f"""
        {nothing}
        union all by name
        (
            select rows_of_all.* exclude (filename), releases.release_id, releases.released_at
            from read_parquet([{files}], union_by_name = true, filename = true) as rows_of_all
            inner join (values {names}) as releases (filename, release_id, released_at) using (filename)
            order by releases.release_id
        )
    """
