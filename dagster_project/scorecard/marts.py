"""Opens the published marts for reading, and runs one query of a user on them; opens nothing else."""

from __future__ import annotations

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
            raise ConfigError(f"query refused: {' '.join(str(error).split())[:300]}") from None


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
