"""CSV (also gzipped) → text table. Strict: bytes that are not of the map's encoding are an error.

Row numbers are ordinals of records in the file, title rows included: a quoted line break does not count.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from dagster_project.errors import ReadError
from dagster_project.ingest.grammar import Input, fold
from dagster_project.ingest.readers.headers import HEADER_SEARCH_ROWS, Need, Sheet, find_header_row, shown

_SAMPLE_BYTES = 1 << 20
_CHECK_BYTES = 1 << 22
_BLOCK_BYTES = 1 << 24


def read_bytes(path: Path, file: str) -> bytes:
    """The bytes of a file, unpacked if it is gzip; ReadError for what cannot be opened or is cut off."""
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ReadError(file, f"the gzip file is damaged or cut off ({error}); export it again") from None
    except OSError as error:
        raise ReadError(file, f"cannot be opened ({error.strerror or error})") from None


def _utf8(data: bytes, encoding: str, file: str) -> bytes:
    """The same text as UTF-8, checked; ReadError names the line of the first byte that does not fit."""
    name = codecs.lookup(encoding).name
    try:
        if name in ("utf-8", "utf-8-sig", "ascii"):
            _check(data, "ascii" if name == "ascii" else "utf-8")
            return data
        if data.startswith(codecs.BOM_UTF8):
            raise ReadError(file, f"is UTF-8 by its first bytes, not {encoding}; correct encoding in the map")
        return data.decode(name).removeprefix("\ufeff").encode("utf-8")
    except UnicodeDecodeError as error:
        width = 2 if name.startswith("utf-16") else 1
        line = data.count(b"\n", 0, error.start) + 1 if width == 1 else error.start // width
        where = f"line {line}" if width == 1 else f"character {line}"
        raise ReadError(
            file,
            f"{where}: not {encoding} text (byte 0x{data[error.start]:02x}); correct encoding in the map",
        ) from None


def _check(data: bytes, encoding: str) -> None:
    """Decode piece by piece, so that a large file is never held twice."""
    decoder = codecs.getincrementaldecoder(encoding)()
    view = memoryview(data)
    for start in range(0, len(data), _CHECK_BYTES):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(view[start : start + _CHECK_BYTES], final=start + _CHECK_BYTES >= len(data))
        except UnicodeDecodeError as error:
            at = start - pending + error.start
            raise UnicodeDecodeError(encoding, data, at, at + 1, error.reason) from None


def _first_rows(data: bytes, delimiter: str) -> list[list[str]]:
    sample = data[:_SAMPLE_BYTES].decode("utf-8", errors="ignore").removeprefix("\ufeff")
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) >= 2 * HEADER_SEARCH_ROWS:
                break
    except csv.Error:  # a cell beyond csv's limit: what was read so far must do
        pass
    return rows


def _width(header: Sequence[str], following: Sequence[Sequence[str]]) -> int:
    """Cells per row: the header's, or more where every row ends in empty cells (a closing delimiter)."""
    widths = {len(row) for row in following if any(cell.strip() for cell in row)}
    if len(widths) == 1:
        width = widths.pop()
        if width > len(header) and not any(cell.strip() for row in following for cell in row[len(header) :]):
            return width
    return len(header)


def _row_collector(
    header_row: int, part: Input, wrong: list[int], blank: list[int], several_lines: list[int]
) -> Callable[[pa_csv.InvalidRow], str]:
    labels = tuple(fold(total) for total in part.totals)

    def collect(row: pa_csv.InvalidRow) -> str:
        if "\n" in row.text:
            several_lines.append(row.number)
        text = row.text.strip("\ufeff")
        cells = next(csv.reader([text], delimiter=part.delimiter), []) if len(text) < 10_000 else [text]
        first = next((fold(cell) for cell in cells if cell.strip()), "")
        is_content = bool(first) and not (labels and first.startswith(labels))
        (wrong if is_content and row.number > header_row else blank).append(row.number)
        return "skip"

    return collect


def read_csv(path: Path, file: str, part: Input, needs: Sequence[Need]) -> Sheet:
    """The rows of a CSV file below its header row; ReadError for wrong encoding, no header, an open quote."""
    data = _utf8(read_bytes(path, file), part.encoding, file)
    first_rows = _first_rows(data, part.delimiter)
    header_index = find_header_row(file, first_rows, part, needs)
    header_row = header_index + 1
    header = first_rows[header_index]
    width = _width(header, first_rows[header_row : header_row + HEADER_SEARCH_ROWS])
    names = [f"c{index}" for index in range(width)]
    wrong: list[int] = []
    odd: list[int] = []
    several_lines: list[int] = []
    try:
        table = pa_csv.read_csv(
            pa.BufferReader(data),
            # One thread: only then the handler is told the numbers of the rows it gets.
            read_options=pa_csv.ReadOptions(use_threads=False, column_names=names, block_size=_BLOCK_BYTES),
            parse_options=pa_csv.ParseOptions(
                delimiter=part.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=_row_collector(header_row, part, wrong, odd, several_lines),
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        reason = str(error).splitlines()[0]
        if "straddl" in reason:
            reason = "a row is longer than 16 MiB: most likely a quote that is opened and never closed"
        raise ReadError(file, f"cannot be read as CSV: {reason}") from None
    total = table.num_rows + len(wrong) + len(odd)
    _refuse_open_quote(data, table, total, total in several_lines, file)
    numbers = pa.arange(1, total + 1)
    if wrong or odd:
        numbers = numbers.filter(pc.invert(pc.is_in(numbers, value_set=pa.array(wrong + odd, pa.int64()))))
    first = sum(1 for number in numbers[:header_row].to_pylist() if number <= header_row)
    titles = [shown(cell) for row in first_rows[:header_index] for cell in row if cell.strip()]
    return Sheet(
        table=table.slice(first).append_column("row_no", numbers[first:]),
        header_cells=tuple(header) + ("",) * (width - len(header)),
        header_row=header_row,
        titles=tuple(titles),
        rows_above=header_index,
        rows_blank=sum(1 for number in odd if number > header_row),
        wrong_rows=tuple(wrong),
        place=f"header row {header_row}",
    )


def _refuse_open_quote(data: bytes, table: pa.Table, total: int, is_last_odd: bool, file: str) -> None:
    """A quote that is never closed swallows the rest of the file into one cell: say so, lose nothing."""
    if data.count(b'"') % 2 == 0:
        return
    last = [column[-1].as_py() or "" for column in table.columns] if table.num_rows else []
    if is_last_odd or any("\n" in cell for cell in last):
        raise ReadError(
            file, f"row {total}: a quote is opened and never closed; the file seems to be cut off"
        )
