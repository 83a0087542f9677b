"""What was not loaded and why: list, export, and reading the files again. Never shows a cell's text."""

from __future__ import annotations

from pathlib import Path

import duckdb

from dagster_project.errors import CchcError
from dagster_project.home import Home
from dagster_project.settings import Settings

# Only what the current map version of a file rejected: an older map's rejects are history.
_CURRENT = """
    select distinct q.* exclude (_dlt_load_id)
    from raw.quarantine as q
    inner join control.source_maps as m on m.source = q.source and m.map_fingerprint = q.map_fingerprint
    where q._dlt_load_id in (select load_id from raw._dlt_loads where status = 0)
"""


def _connect(place: Home) -> duckdb.DuckDBPyConnection:
    if not place.warehouse.exists():
        raise CchcError(f"{place.root}: nothing has been loaded yet; run cchc refresh first")
    return duckdb.connect(str(place.warehouse), read_only=True)


def print_list(place: Home) -> None:
    """Print one line per file, record kind, column and reason with its count."""
    from rich.console import Console
    from rich.table import Table

    with _connect(place) as connection:
        rows = connection.execute(
            f"select file, record_kind, coalesce(column_name, '(whole row)'), reason, count(*), min(row_no)"
            f" from ({_CURRENT}) group by all order by 1, 2, 5 desc"
        ).fetchall()
    if not rows:
        print("quarantine is empty")
        return
    table = Table("file", "record", "column", "reason", "count", "first row")
    for file, kind, column, reason, count, first in rows:
        table.add_row(file, kind, column, reason, f"{count}", f"{first}")
    Console().print(table)


def export(place: Home, target: Path) -> int:
    """Write the quarantine to a CSV file for spreadsheets and return the number of rows.

    What a source wrote (names of files and sheets, shapes of cells) may begin like a formula; none is one.
    """
    from dagster_project.spreadsheet import MARK, csv_bytes

    with _connect(place) as connection:
        found = connection.execute(
            f"{_CURRENT} order by file, record_kind, row_no, column_name"
        ).to_arrow_table()
    target.write_bytes(MARK + csv_bytes(found))
    return int(found.num_rows)


def replay(settings: Settings) -> str:
    """Refresh when a map or reader that rejected rows has changed; return one line that says what happened.

    Reading the same bytes with the same map rejects the same rows, so only a corrected map, a corrected
    file or a newer reader can load them; each of those gives the file a new identity, and the refresh
    reads it again.
    """
    from dagster_project.refresh import refresh

    before = _rejected(settings.place)
    if before == 0:
        return "quarantine is empty; nothing to load again"
    outcome = refresh(settings)
    after = _rejected(settings.place)
    if outcome.run_folder is None:
        return f"{before} cells and rows stay rejected: neither the maps nor the files have changed"
    return f"{before} cells and rows were rejected, {after} are now"


def _rejected(place: Home) -> int:
    with _connect(place) as connection:
        row = connection.execute(f"select count(*) from ({_CURRENT})").fetchone()
    return int(row[0]) if row else 0
