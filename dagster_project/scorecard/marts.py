"""Opens the published marts for reading, and runs one query of a user on them; opens nothing else."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from dagster_project.errors import CchcError, ConfigError
from dagster_project.home import Home

TABLE_ROWS = 200


@contextmanager
def open_marts(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the published marts with no way to other files.

    ``fct_dossiers`` and ``marts.fct_dossiers`` both name the table.
    Raises CchcError when nothing is published yet.
    """
    if not home.marts.exists():
        raise CchcError(f"{home.published}: nothing is published yet; run cchc refresh")
    with duckdb.connect(str(home.marts), read_only=True) as connection:
        connection.execute("set enable_external_access = false")
        yield connection


def run_query(home: Home, query: str) -> pa.Table:
    """The result of one read-only query on the published marts.

    Raises ConfigError, one line, for more than one statement and for whatever DuckDB refuses.
    """
    with open_marts(home) as connection:
        try:
            statements = connection.extract_statements(query)
            if len(statements) != 1:
                raise ConfigError(f"{len(statements)} statements given; give exactly one query")
            return connection.execute(statements[0]).to_arrow_table()
        except duckdb.Error as error:
            told = _unknown_table(connection, str(error)) or " ".join(str(error).split())[:300]
            raise ConfigError(f"query refused: {told}") from None


def _unknown_table(connection: duckdb.DuckDBPyConnection, error: str) -> str | None:
    """What to do about a table that is not there, which DuckDB answers with one of its own."""
    named = re.match(r"Catalog Error: Table with name (\S+) does not exist", error)
    if named is None:
        return None
    names = [str(row[0]) for row in connection.execute("show tables").fetchall()]
    alike = difflib.get_close_matches(named[1], names, 3)
    hint = f"the most alike: {', '.join(alike)}; " if alike else ""
    return f"no table {named[1]}; {hint}all of them: cchc sql 'show tables'"


def print_query(home: Home, query: str, output: str = "table") -> None:
    """Print the result of one query: a table of at most 200 rows, or all of it as ``json`` or ``csv``."""
    from dagster_project.scorecard import terminal

    result = run_query(home, query)
    if output == "csv":
        terminal.write_csv(result, sys.stdout)
    elif output == "json":
        terminal.write_json(result.to_pylist(), sys.stdout)
    elif output == "table":
        terminal.print_table(result, TABLE_ROWS)
    else:
        raise ConfigError(f"--format {output}: unknown; choose table, json or csv")
