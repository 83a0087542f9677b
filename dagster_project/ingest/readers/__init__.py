"""Readers: one exported file → text columns found by their headers. No types, no kinds, nothing is dropped
here but title rows, blank rows, repeated headers and totals, which are counted."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from dagster_project.ingest.grammar import Input
from dagster_project.ingest.landing import ClaimedFile
from dagster_project.ingest.readers.headers import Need, Rows, Sheet, header_places, shown
from dagster_project.ingest.shapes import clean_text, literal

__all__ = ["open_sheet", "read_sheet"]


def read_sheet(claimed: ClaimedFile, needs: Sequence[Need]) -> Sheet:
    """The text table of a csv, xlsx or parquet file; ReadError with one line where it cannot be read."""
    part = claimed.input
    if part.format == "csv":
        from dagster_project.ingest.readers.csv_reader import read_csv

        return read_csv(claimed.path, claimed.name, part, needs)
    if part.format == "xlsx":
        from dagster_project.ingest.readers.xlsx_reader import read_xlsx

        return read_xlsx(claimed.path, claimed.name, part, needs)
    from dagster_project.ingest.readers.parquet_reader import read_parquet

    return read_parquet(claimed.path, claimed.name, needs)


def _is_blank(column: str) -> str:
    return f"not regexp_matches(coalesce({column}, ''), '[^\\s\\p{{Z}}]')"


def _skip_tests(sheet: Sheet, part: Input) -> list[str]:
    """SQL tests for rows that are no content: blank ones, repeated headers, totals.

    Each is for a WHERE of its own: only there DuckDB stops at the first part that does not hold.
    """
    columns = [name for name in sheet.table.column_names if name != "row_no"]
    tests = [" and ".join(_is_blank(column) for column in columns)] if columns else []
    labels = [(f"c{index}", cell) for index, cell in enumerate(sheet.header_cells) if shown(cell)]
    if labels and part.format != "parquet":
        first, others = labels[0], labels[1:]
        same = [f"{first[0]} = {literal(first[1])}"]
        same += [f"coalesce({column}, '') in ('', {literal(cell)})" for column, cell in others]
        tests.append(" and ".join(same))
    if part.totals and columns:
        first_cell = f"coalesce({', '.join(clean_text(column) for column in columns)})"
        starts = [
            f"starts_with(lower({first_cell}), lower(nfc_normalize({literal(label)})))"
            for label in part.totals
        ]
        tests.append(" or ".join(starts))
    return tests


def open_sheet(connection: duckdb.DuckDBPyConnection, sheet: Sheet, claimed: ClaimedFile) -> Rows:
    """Register a sheet as relation ``sheet_rows`` of its content rows and say where each header is."""
    connection.register("sheet_text", sheet.table)
    connection.execute("create or replace temp table skipped_rows (row_no bigint)")
    for test in _skip_tests(sheet, claimed.input):
        connection.execute(f"insert into skipped_rows select row_no from sheet_text where {test}")
    row = connection.execute("select count(distinct row_no) from skipped_rows").fetchone()
    skipped = int(row[0]) if row else 0
    content = " where row_no not in (select row_no from skipped_rows)" if skipped else ""
    connection.execute(f"create or replace temp view sheet_rows as select * from sheet_text{content}")
    places, ambiguous = header_places(sheet.header_cells)
    return Rows(
        relation="sheet_rows",
        columns=places,
        headers=tuple(shown(cell) for cell in sheet.header_cells),
        place=sheet.place,
        file=claimed.name,
        ambiguous=ambiguous,
        titles=sheet.titles,
        rows_skipped=sheet.rows_above + sheet.rows_blank + skipped,
        wrong_rows=sheet.wrong_rows,
    )
