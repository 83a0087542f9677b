"""Bytes of the exports: CSV and XLSX from tables of text. The same table gives the same bytes every time."""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

SHEET_ROWS = 60_000
"""Registers with more rows than this do not fit into a sheet (the old limit was 65,536) and go out as CSV."""

_BOM = b"\xef\xbb\xbf"
_ZIP_DATE = (2024, 12, 31, 23, 30, 0)
_DEFLATE_LEVEL = 4
_CHUNK_ROWS = 20_000


# ------------------------------------------------------------------------------------ CSV


def write_csv(
    path: Path, table: pa.Table, delimiter: str = ",", bom: bool = False, nfd: bool = False
) -> None:
    """Write a table of text columns; ``bom`` as Excel does it, ``nfd`` with accents as marks of their own."""
    if nfd:
        table = table.rename_columns([unicodedata.normalize("NFD", name) for name in table.column_names])
        table = pa.table({name: pc.utf8_normalize(table[name], form="NFD") for name in table.column_names})
    path.parent.mkdir(parents=True, exist_ok=True)
    header = delimiter.join(_quoted(name, delimiter) for name in table.column_names)
    for quoting in ("none", "needed"):
        options = pa_csv.WriteOptions(include_header=False, delimiter=delimiter, quoting_style=quoting)
        with path.open("wb") as handle:
            handle.write((_BOM if bom else b"") + header.encode() + b"\n")
            try:
                pa_csv.write_csv(table, handle, options)
                return
            except pa.ArrowInvalid:  # a cell holds the delimiter: once more, with quotes
                continue


def _quoted(header: str, delimiter: str) -> str:
    return f'"{header}"' if delimiter in header else header


# ------------------------------------------------------------------------------------ XLSX


@dataclass(frozen=True)
class SheetText:
    """One sheet of text cells: titles (one merged row each), header row, rows, and what clerks add to them.

    ``formula_row`` numbers the columns below the header «(1)», «(2)» …; ``repeat_header`` prints the header
    again after so many rows; ``total`` is the label of a last row with the count. ``blank_rows`` stand
    between titles and header.
    """

    name: str
    table: pa.Table
    titles: tuple[str, ...] = ()
    blank_rows: int = 0
    formula_row: bool = False
    repeat_header: int | None = None
    total: str | None = None


def write_xlsx(path: Path, sheets: Sequence[SheetText]) -> None:
    """Write a workbook of text cells. Every part has one fixed date, so that the bytes repeat.

    Cells are inline strings made by whole columns: a general writer costs fifteen microseconds a cell, and
    the registers have a million and a half.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_DEFLATE_LEVEL) as archive:
        for name, text in _skeleton([sheet.name for sheet in sheets]):
            _put(archive, name, [text.encode()])
        for number, sheet in enumerate(sheets, start=1):
            _put(archive, f"xl/worksheets/sheet{number}.xml", _sheet_xml(sheet))


def _put(archive: zipfile.ZipFile, name: str, pieces: Sequence[bytes] | Iterator[bytes]) -> None:
    info = zipfile.ZipInfo(name, _ZIP_DATE)
    info.compress_type = zipfile.ZIP_DEFLATED
    info._compresslevel = _DEFLATE_LEVEL  # type: ignore[attr-defined]
    with archive.open(info, "w", force_zip64=True) as handle:
        for piece in pieces:
            handle.write(piece)


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_REL = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<fonts count="2"><font><sz val="11"/><name val="Times New Roman"/></font>'
    '<font><b/><sz val="11"/><name val="Times New Roman"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def _skeleton(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Every part of the package but the sheets."""
    numbers = range(1, len(names) + 1)
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for number in numbers
    )
    yield (
        "[Content_Types].xml",
        f'{_XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>{types}'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
    )
    yield (
        "_rels/.rels",
        f'{_XML}<Relationships xmlns="{_REL}"><Relationship Id="rId1" Type="{_DOC}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
    )
    sheets = "".join(
        f'<sheet name="{_escaped(name)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in zip(numbers, names, strict=True)
    )
    yield (
        "xl/workbook.xml",
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_DOC}"><sheets>{sheets}</sheets></workbook>',
    )
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{_DOC}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in numbers
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        f'{_XML}<Relationships xmlns="{_REL}">{relations}<Relationship Id="rId{len(names) + 1}"'
        f' Type="{_DOC}/styles" Target="styles.xml"/></Relationships>',
    )
    yield "xl/styles.xml", _STYLES


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _letters(column: int) -> str:
    """Name of a column, counted from 0: A … Z, AA …"""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _row(number: int, cells: Sequence[str], style: int = 0) -> str:
    mark = f' s="{style}"' if style else ""
    written = "".join(
        f'<c r="{_letters(column)}{number}"{mark} t="inlineStr"><is><t>{_escaped(cell)}</t></is></c>'
        for column, cell in enumerate(cells)
        if cell
    )
    return f'<row r="{number}">{written}</row>'


def _sheet_xml(sheet: SheetText) -> Iterator[bytes]:
    headers = sheet.table.column_names
    # Real exports give a wrong dimension; readers must go by the cells.
    yield f'{_XML}<worksheet xmlns="{_MAIN}"><dimension ref="A1"/>'.encode()
    widths = "".join(
        f'<col min="{number}" max="{number}" width="{max(12, min(len(header) + 4, 40))}" customWidth="1"/>'
        for number, header in enumerate(headers, start=1)
    )
    yield f"<cols>{widths}</cols><sheetData>".encode()
    number = 0
    for title in sheet.titles:
        number += 1
        yield _row(number, [title], 1).encode()
    number += sheet.blank_rows + 1
    yield _row(number, headers, 1).encode()
    if sheet.formula_row:
        number += 1
        yield _row(number, [f"({place})" for place in range(1, len(headers) + 1)]).encode()
    numbers = _row_numbers(sheet, number + 1)
    if sheet.repeat_header and len(numbers):
        again = numbers[sheet.repeat_header :: sheet.repeat_header] - 1
        repeated = [_row(int(place), headers, 1) for place in again]
    else:
        repeated = []
    yield from _body(sheet, numbers, repeated)
    if sheet.total is not None:
        last = int(numbers[-1]) if len(numbers) else number
        yield _row(last + 1, [sheet.total, f"{sheet.table.num_rows} hồ sơ"], 1).encode()
    merged = "".join(
        f'<mergeCell ref="A{row}:{_letters(len(headers) - 1)}{row}"/>'
        for row in range(1, len(sheet.titles) + 1)
    )
    cells = f'<mergeCells count="{len(sheet.titles)}">{merged}</mergeCells>' if merged else ""
    yield f"</sheetData>{cells}</worksheet>".encode()


def _row_numbers(sheet: SheetText, first: int) -> np.ndarray:
    """The row of the sheet in which each row of the table stands; repeated headers take rows of their own."""
    places = np.arange(sheet.table.num_rows)
    return first + places + (places // sheet.repeat_header if sheet.repeat_header else 0)


def _body(sheet: SheetText, numbers: np.ndarray, repeated: Sequence[str]) -> Iterator[bytes]:
    every = sheet.repeat_header or 0
    for start in range(0, sheet.table.num_rows, _CHUNK_ROWS):
        part = sheet.table.slice(start, _CHUNK_ROWS)
        rows = _rows_xml(part, numbers[start : start + part.num_rows])
        if every:
            first = (start + every - 1) // every if start else 1
            for block in range(first, (start + part.num_rows - 1) // every + 1):
                place = block * every - start
                rows[place] = repeated[block - 1] + rows[place]
        yield "".join(rows).encode()


def _rows_xml(table: pa.Table, numbers: np.ndarray) -> list[str]:
    """One text per row; all cells of a column are made at once."""
    texts = pa.array(numbers).cast(pa.string())
    pieces: list[pa.Array] = [pc.binary_join_element_wise('<row r="', texts, '">', "")]
    for place, column in enumerate(table.columns):
        cells = _escaped_column(column.combine_chunks())
        written = pc.binary_join_element_wise(
            f'<c r="{_letters(place)}', texts, '" t="inlineStr"><is><t>', cells, "</t></is></c>", ""
        )
        pieces.append(pc.fill_null(written, ""))
    joined = pc.binary_join_element_wise(*pieces, "</row>", "")
    rows: list[str] = joined.to_pylist()
    return rows


def _escaped_column(column: pa.Array) -> pa.Array:
    for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        if pc.any(pc.match_substring(column, sign)).as_py():
            column = pc.replace_substring(column, sign, entity)
    return column
