"""XLSX → text table by fastexcel. Date cells become ISO text, whole numbers lose the spreadsheet's ``.0``.

Row numbers are those that the spreadsheet shows. The sheet's own dimension is not trusted: cells decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from dagster_project.errors import ReadError
from dagster_project.ingest.grammar import Input, fold
from dagster_project.ingest.readers.headers import HEADER_SEARCH_ROWS, Need, Sheet, find_header_row, shown


def _open(path: Path, file: str) -> Any:
    import fastexcel

    try:
        return fastexcel.read_excel(str(path))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the parser is native: a panic is no Exception
        raise ReadError(file, _one_line(error)) from None


def _one_line(error: BaseException) -> str:
    reason = (
        str(error).strip().splitlines()[0].removeprefix("calamine error: ")
        if str(error).strip()
        else "no reason"
    )
    return f"cannot be read as XLSX ({reason}); it seems to be cut off or of another format: export it again"


def _sheet_name(workbook: Any, wanted: str | None, file: str) -> str:
    names: list[str] = list(workbook.sheet_names)
    if wanted is None:
        return names[0]
    for name in names:
        if fold(name) == fold(wanted):
            return name
    raise ReadError(file, f"has no sheet «{wanted}»; it has: {', '.join(names)}")


def read_xlsx(path: Path, file: str, part: Input, needs: Sequence[Need]) -> Sheet:
    """The rows of one sheet below its header row; ReadError for a damaged file, no such sheet, no header."""
    workbook = _open(path, file)
    name = _sheet_name(workbook, part.sheet, file)
    try:
        # skip_rows=0: else leading blank rows are dropped and every row number is wrong.
        loaded = workbook.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        table = pa.table(loaded.to_arrow())
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise ReadError(file, _one_line(error)) from None
    table = table.rename_columns([f"c{index}" for index in range(table.num_columns)])
    first_rows = [list(row.values()) for row in table.slice(0, HEADER_SEARCH_ROWS).to_pylist()]
    header_index = find_header_row(file, first_rows, part, needs)
    body = table.slice(header_index + 1)
    numbers = pa.arange(header_index + 2, header_index + 2 + body.num_rows)
    return Sheet(
        table=body.append_column("row_no", numbers),
        header_cells=tuple(cell or "" for cell in first_rows[header_index]),
        header_row=header_index + 1,
        titles=tuple(shown(cell) for row in first_rows[:header_index] for cell in row if shown(cell)),
        rows_above=header_index,
        place=f"header row {header_index + 1} of sheet «{name}»",
    )
