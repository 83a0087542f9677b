"""Readers: one exported file → text columns found by their headers. No types, no kinds, nothing is dropped
here but title rows, blank rows, repeated headers and totals, which are counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.ingest.grammar import Input
from dagster_project.ingest.landing import ClaimedFile
from dagster_project.ingest.readers.headers import Need, RowGroup, Rows, Sheet, header_places, shown
from dagster_project.ingest.shapes import ASCII_WHITE, clean_text, literal

__all__ = ["open_sheet", "open_sheets", "read_sheet"]


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
    """``open_sheets`` for one file."""
    return open_sheets(connection, {0: sheet}, {0: claimed}).files[0]


def open_sheets(
    connection: duckdb.DuckDBPyConnection, sheets: Mapping[int, Sheet], claims: Mapping[int, ClaimedFile]
) -> RowGroup:
    """Register sheets of one layout and one input as relation ``sheet_rows`` of their content rows."""
    first_no, first = next(iter(sheets.items()))
    table = _together(sheets)
    connection.register("sheet_text", table)
    connection.execute("create or replace temp table skipped_rows (place bigint, file_no integer)")
    for test in _skip_tests(first, claims[first_no].input):
        connection.execute(f"insert into skipped_rows select place, file_no from sheet_text where {test}")
    skipped = dict(
        connection.execute(
            "select file_no, count(distinct place) from skipped_rows group by file_no"
        ).fetchall()
    )
    content = " where place not in (select place from skipped_rows)" if skipped else ""
    connection.execute(f"create or replace temp view sheet_rows as select * from sheet_text{content}")
    places, ambiguous = header_places(first.header_cells)
    files = {
        number: Rows(
            relation="sheet_rows",
            columns=places,
            headers=tuple(shown(cell) for cell in sheet.header_cells),
            place=sheet.place,
            file=claims[number].name,
            ambiguous=ambiguous,
            titles=sheet.titles,
            rows_skipped=sheet.rows_above + sheet.rows_blank + skipped.get(number, 0),
            wrong_rows=sheet.wrong_rows,
            row_count=sheet.table.num_rows - skipped.get(number, 0),
        )
        for number, sheet in sheets.items()
    }
    return RowGroup(files[first_no], files, frozenset(_plain_columns(table)))


def _together(sheets: Mapping[int, Sheet]) -> pa.Table:
    tables = [
        sheet.table.append_column(
            "file_no", pa.chunked_array([pa.repeat(pa.scalar(number, pa.int32()), sheet.table.num_rows)])
        )
        for number, sheet in sheets.items()
    ]
    table = pa.concat_tables(tables)
    return table.append_column("place", pa.chunked_array([pa.arange(0, table.num_rows)]))


def _plain_columns(table: pa.Table) -> Iterator[str]:
    """Text columns in which every cell is ASCII without white space at its ends: most codes and dates."""
    for name, column in zip(table.column_names, table.columns, strict=True):
        if (
            pa.types.is_string(column.type)
            and pc.all(pc.string_is_ascii(column)).as_py() is not False
            and pc.sum(pc.binary_length(pc.ascii_trim(column, ASCII_WHITE))).as_py()
            == pc.sum(pc.binary_length(column)).as_py()
        ):
            yield name
