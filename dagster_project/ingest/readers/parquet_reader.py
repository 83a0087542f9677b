"""Parquet → text table: timestamps as ISO (``Z`` where the column knows its zone), numbers as written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dagster_project.errors import ReadError
from dagster_project.ingest.grammar import fold
from dagster_project.ingest.readers.headers import Need, Sheet


def _as_text(column: pa.ChunkedArray, name: str, file: str) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_nested(column.type):
        raise ReadError(file, f"column «{name}» holds nested values; export it as one value per cell")
    if pa.types.is_floating(column.type):
        # 'nan' is how some tools write a missing number.
        column = pc.if_else(pc.is_finite(column), column, None)
    try:
        return column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ReadError(
            file, f"column «{name}» cannot be read as text ({str(error).splitlines()[0]})"
        ) from None


def read_parquet(path: Path, file: str, needs: Sequence[Need]) -> Sheet:
    """The rows of a Parquet file; only mapped columns are read, all are named. ReadError if damaged."""
    wanted = {fold(spelling) for need in needs for spelling in need.spellings}
    try:
        parquet = pq.ParquetFile(path)
        names = parquet.schema_arrow.names
        mapped = [name for name in names if fold(name) in wanted]
        table = parquet.read(columns=mapped)
    except (pa.ArrowException, OSError) as error:
        raise ReadError(
            file, f"cannot be read as Parquet ({str(error).splitlines()[0]}); export it again"
        ) from None
    place = {name: f"c{names.index(name)}" for name in mapped}
    columns = {place[name]: _as_text(table.column(name), name, file) for name in mapped}
    columns["row_no"] = pa.chunked_array([pa.arange(1, table.num_rows + 1)])
    return Sheet(table=pa.table(columns), header_cells=tuple(names), header_row=0, place="the schema")
