"""The log ``published_indicators``: what every release said, from the release folders alone.

The folders are immutable, so the log can be written again at any time, and equals the published one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from dagster_project.errors import CchcError
from dagster_project.home import Home
from dagster_project.publish.content_hash import PUBLISHED, column_types, table_content_hash
from dagster_project.publish.literals import moment, text
from dagster_project.publish.manifest import published_manifest, release_ids, release_manifest
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
    "published_rule_version": "varchar",
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
    cells = _cells(wanted, source_columns)
    connection.execute(
        f"create or replace table release.{PUBLISHED}.{table} as select {cells} from {source} order by all"
    )


@dataclass(frozen=True)
class Rebuilt:
    """The log written again from ``releases`` release folders; ``is_equal``: it is the published one."""

    rows: int
    releases: int
    is_equal: bool
    differing: tuple[str, ...]


def rebuild(home: Home, out: Path | None = None) -> Rebuilt:
    """Write the log from the release folders alone and hold it against the published table.

    ``out``: a Parquet file to keep it in. ``differing``: releases of which the two tell differently. Raises
    CchcError when nothing is published.
    """
    manifest = published_manifest(home)
    if manifest is None:
        raise CchcError(f"{home.published}: nothing is published yet; run cchc refresh")
    with duckdb.connect() as connection:
        connection.execute(f"attach {text(home.marts)} as published (read_only)")
        wanted = column_types(connection, PUBLISHED, LOG, "published")
        known = release_ids(home)
        # After a rollback an older release stands, and its log ends with it.
        told = [each for each in known if each <= manifest.release_id]
        connection.execute(f"create temp table history as {history_sql(home)}")
        source = column_types(connection, "main", "history", "temp")
        connection.execute(
            f"""
            create table rebuilt as select {_cells(wanted, source)} from history
            where release_id <= {text(manifest.release_id)} order by all
            """
        )
        if out is not None:
            connection.execute(f"copy rebuilt to {text(out)} (format parquet, compression zstd)")
        found = table_content_hash(connection, "main", "rebuilt")
        differing = []
        if found != table_content_hash(connection, PUBLISHED, LOG, database="published"):
            place = f"published.{PUBLISHED}.{LOG}"
            differing = connection.execute(
                f"""
                select distinct release_id from (
                    (from rebuilt except all from {place}) union all (from {place} except all from rebuilt)
                ) order by release_id
                """
            ).fetchall()
    return Rebuilt(found.rows, len(told), not differing, tuple(str(row[0]) for row in differing))


def _cells(wanted: Mapping[str, str], source_columns: Mapping[str, str]) -> str:
    """SQL that reads the ``wanted`` columns with their types from a source that may lack some."""
    return ", ".join(
        f'cast("{name}" as {kind}) as "{name}"'
        if name in source_columns
        else f'cast(null as {kind}) as "{name}"'
        for name, kind in wanted.items()
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
