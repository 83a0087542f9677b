"""Content hashes of tables: equal content gives an equal hash, whatever the order, file or rebuild.

No knowledge of releases here. ``python -m dagster_project.publish.content_hash FILE [FILE…]`` prints the
hash of every state table of one or more warehouses, for tests and for people who compare two of them.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

import duckdb

from dagster_project.errors import CchcError
from dagster_project.publish.literals import name as quoted
from dagster_project.publish.literals import text

MARTS = "marts"  # the schema of the working warehouse
PUBLISHED = "main"  # of a published file, whose catalog is called marts: see docs/decisions/0020
# These only grow; their content is a history of loads and publications.
LOG_TABLES = frozenset({"published_indicators", "ingest_outcomes", "quality_results"})
# These say what earlier releases said otherwise: another history, other rows.
_HISTORY_TABLES = frozenset({"fct_restatements", "fct_restatement_dossiers"})
# What a cell says about earlier publications, not about the loaded files.
HISTORY_COLUMNS: Mapping[str, frozenset[str]] = {
    "fct_indicators": frozenset(
        {
            "published_value",
            "published_release_id",
            "published_rule_version",
            "restatement_reason",
            "status",
        }
    )
}


class TableHash(NamedTuple):
    """``rows`` and a hash over column names and cells; both must be equal for equal content."""

    rows: int
    content_hash: str

    def __str__(self) -> str:
        return f"{self.content_hash} {self.rows}"


def table_content_hash(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    table: str,
    exclude_columns: Collection[str] = (),
    database: str | None = None,
) -> TableHash:
    """Hash the content of one table without sorting it.

    A row's text is its cells in the order of the column names, each told apart from its neighbours and
    NULL from the empty text; its MD5 is split into two 64-bit numbers, and the sums of both over all rows
    stand for the bag of rows (a sum, because XOR would lose a pair of equal rows). ``database`` names an
    attached file; default is the current one. Raises CchcError for an unknown table.
    """
    columns = column_types(connection, schema, table, database)
    if not columns:
        raise CchcError(f"{schema}.{table}: no such table; check its name")
    kept = sorted((name, kind) for name, kind in columns.items() if name not in set(exclude_columns))
    place = ".".join(quoted(part) for part in (database, schema, table) if part)
    cells = ", ".join(_cell(name, kind) for name, kind in kept) or "''"
    found = connection.execute(
        f"""
        select
            count(*),
            sum((row_hash & 18446744073709551615::uhugeint)::ubigint)::varchar,
            sum((row_hash >> 64)::ubigint)::varchar
        from (select md5_number(concat({cells})) as row_hash from {place})
        """
    ).fetchone()
    assert found is not None
    rows, low, high = int(found[0]), found[1] or "0", found[2] or "0"
    content = json.dumps([[name for name, _ in kept], rows, low, high], separators=(",", ":"))
    return TableHash(rows, hashlib.sha256(content.encode()).hexdigest()[:32])


def state_hashes(path: Path) -> dict[str, TableHash]:
    """The hash of every state table of the marts in a DuckDB file (working or published).

    Two homes that loaded the same files, in any order and with any interruption, give equal dicts. Left out
    are the log tables and the columns of fct_indicators that tell what earlier releases said.
    """
    if not path.exists():
        raise CchcError(f"{path}: no such file; run cchc refresh first")
    with duckdb.connect(str(path), read_only=True) as connection:
        schema = MARTS if mart_tables(connection, MARTS) else PUBLISHED
        return hash_state_tables(connection, schema)


def hash_state_tables(
    connection: duckdb.DuckDBPyConnection, schema: str, database: str | None = None
) -> dict[str, TableHash]:
    """Like ``state_hashes`` over an open connection."""
    return {
        table: table_content_hash(connection, schema, table, HISTORY_COLUMNS.get(table, ()), database)
        for table in mart_tables(connection, schema, database)
        if table not in LOG_TABLES | _HISTORY_TABLES
    }


def state_digest(hashes: Mapping[str, TableHash]) -> str:
    """One hash over the hashes of all tables."""
    content = json.dumps([[name, *hashes[name]] for name in sorted(hashes)], separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def mart_tables(connection: duckdb.DuckDBPyConnection, schema: str, database: str | None = None) -> list[str]:
    """Names of tables and views in a schema, sorted."""
    rows = connection.execute(
        f"""
        select table_name from information_schema.tables
        where table_schema = {text(schema)} and table_catalog = {_catalog(database)}
        order by table_name
        """
    ).fetchall()
    return [str(row[0]) for row in rows]


def column_types(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, database: str | None = None
) -> dict[str, str]:
    """Type per column of a table, in its order; empty when there is no such table."""
    place = ".".join(quoted(part) for part in (database, schema, table) if part)
    try:
        # Not from information_schema, which lists every column of every attached file each time.
        rows = connection.execute(f"select column_name, column_type from (describe {place})").fetchall()
    except duckdb.CatalogException:
        return {}
    return {str(name): str(kind) for name, kind in rows}


def _cell(name: str, kind: str) -> str:
    """SQL that turns a cell into text which cannot be mistaken for another value or for its neighbour.

    ``concat`` skips NULL, so a NULL text leaves a bare ':' (the empty text leaves '0:') and any other NULL
    a bare '|'; text goes with its length, because it may hold the separator.
    """
    column = quoted(name)
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION")):
        shown = f"to_json({column})::varchar"
    elif kind in {"VARCHAR", "JSON"} or kind.startswith("ENUM"):
        shown = f"{column}::varchar"
    elif kind == "BLOB":
        shown = f"hex({column})"
    elif kind in {"FLOAT", "DOUBLE"}:
        # Sums of floating-point numbers differ in the last digits with the order of the threads.
        return f"format('{{:.12g}}', {column} + 0.0), '|'"
    elif kind == "TIMESTAMP WITH TIME ZONE":
        # Its text depends on the session's time zone.
        return f"epoch_us({column}), '|'"
    else:
        return f"{column}::varchar, '|'"
    return f"strlen({shown}), ':', {shown}"


def _catalog(database: str | None) -> str:
    return "current_database()" if database is None else text(database)


def main(arguments: list[str]) -> int:
    """Print ``hash rows table`` for each state table of the files, and one line for each whole file."""
    if not arguments:
        print("usage: python -m dagster_project.publish.content_hash FILE [FILE…]", file=sys.stderr)
        return 2
    for argument in arguments:
        try:
            hashes = state_hashes(Path(argument))
        except CchcError as error:
            print(error, file=sys.stderr)
            return error.exit_code
        for table, found in hashes.items():
            print(f"{found.content_hash} {found.rows:>12} {table}")
        print(f"{state_digest(hashes)} {sum(h.rows for h in hashes.values()):>12} {argument}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
