"""CSV that people open in a spreadsheet: no text of it is a formula there."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

# Spreadsheets on Windows take a CSV for UTF-8 only when it begins with this mark.
MARK = b"\xef\xbb\xbf"


def csv_bytes(table: pa.Table) -> bytes:
    """The table as UTF-8 CSV with a header, without the mark; texts are quoted where needed."""
    sink = pa.BufferOutputStream()
    options = csv.WriteOptions(quoting_style="needed", quoting_header="none")
    csv.write_csv(_safe(table), sink, options)
    return bytes(sink.getvalue().to_pybytes())


def _safe(table: pa.Table) -> pa.Table:
    """Texts that a spreadsheet would take for a formula get an apostrophe before them and stay texts."""
    for place, column in enumerate(table.schema):
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            texts = table.column(place)
            safe = pc.replace_substring_regex(texts, r"^([=+\-@\t\r])", r"'\1")
            table = table.set_column(place, column.name, safe)
    return table
