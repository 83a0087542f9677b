"""When was a file taken from its source: as the map says, else the newest moment in it that can be believed.

The wall clock and the file's modification time decide nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from dagster_project.errors import ReadError
from dagster_project.ingest.date_formats import DateFormat
from dagster_project.ingest.grammar import ExtractAt, SourceMap
from dagster_project.ingest.landing import path_value
from dagster_project.ingest.readers.headers import RowGroup
from dagster_project.ingest.shapes import clean_text, moment_text, moment_value

MAX_GAP_DAYS = 366
"""A file without a single event in more than a year ends there; what lies beyond is a typing error."""


def given_moments(
    connection: duckdb.DuckDBPyConnection,
    source_map: SourceMap,
    group: RowGroup,
    document_values: Mapping[int, str | None],
    has_date_cells: bool = False,
) -> dict[int, str | ReadError | None]:
    """Per file the moment that the map's ``extract.at`` names, canonical; None where the map names no place.

    ``document_values`` are the texts that JSON documents have at ``at.json``. A ReadError stands where the
    place is empty or holds no date; a file without rows has no newest value in a column, that is None.
    """
    at = source_map.extract.at
    if at is None:
        return dict.fromkeys(group.files)
    if at.column is not None:
        texts = f"select file_no, {group.layout.find((at.column,))} as cell from {group.relation}"
        place = f"column «{at.column}»"
    else:
        cells, place = _cells_outside_rows(at, group, document_values)
        connection.register("moment_cells", cells)
        texts = "select file_no, cell from moment_cells"
    formats = list(at.date_formats) + ([DateFormat("iso")] if has_date_cells else [])
    found = dict(
        connection.execute(
            f"select file_no, max({moment_text('moment')}) from ("
            f" select file_no, {moment_value('cell', formats, source_map.timezone)} as moment"
            f" from (select file_no, {clean_text('cell')} as cell from ({texts}))) group by file_no"
        ).fetchall()
    )
    moments: dict[int, str | ReadError | None] = {}
    for number, rows in group.files.items():
        moments[number] = found.get(number)
        if moments[number] is None and (at.column is None or rows.row_count):
            moments[number] = ReadError(
                rows.file,
                f"no extraction moment in {place} as {' or '.join(at.formats)}; "
                "correct extract.at in the map",
            )
    return moments


def _cells_outside_rows(
    at: ExtractAt, group: RowGroup, document_values: Mapping[int, str | None]
) -> tuple[pa.Table, str]:
    """(a text per file number, the place it comes from for messages)."""
    if at.path is not None:
        cells = [path_value(rows.file, at.path) for rows in group.files.values()]
        place = f"the path («{at.path}»)"
    elif at.title is not None:
        cells = [path_value("\n".join(rows.titles), at.title) for rows in group.files.values()]
        place = f"the title rows («{at.title}»)"
    else:
        cells = [document_values.get(number) for number in group.files]
        place = f"the document at {at.json_}"
    numbers = pa.array(list(group.files), pa.int32())
    return pa.table({"file_no": numbers, "cell": pa.array(cells, pa.string())}), place


def moments_by_day(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]
) -> pa.Table | None:
    """Per file and day of the canonical columns: how many moments, the newest; None without such columns."""
    if not columns:
        return None
    texts = " union all ".join(f"select file_no, {column} as moment from {relation}" for column in columns)
    query = (
        "select file_no, cast(left(moment, 10) as date) as on_day, count(*) as moment_count,"
        f" max(moment) as newest from ({texts}) where moment is not null group by file_no, on_day"
    )
    return connection.execute(query).to_arrow_table()


def newest_believable(connection: duckdb.DuckDBPyConnection, days: Sequence[pa.Table]) -> dict[int, str]:
    """Per file: from the median day upwards to the first gap of more than MAX_GAP_DAYS, the newest moment."""
    if not days:
        return {}
    connection.register("moments", pa.concat_tables(days))
    found = connection.execute(
        f"""
        with days as (
            select file_no, on_day, sum(moment_count) as moment_count, max(newest) as newest
            from moments
            group by file_no, on_day
        ),
        running as (
            select
                *,
                sum(moment_count) over (partition by file_no order by on_day) as so_far,
                sum(moment_count) over (partition by file_no) as total
            from days
        ),
        upper_half as (
            select
                file_no, on_day, newest,
                lead(on_day) over (partition by file_no order by on_day) as next_day
            from running
            where so_far * 2 >= total
        )
        select file_no, newest from upper_half
        where next_day is null or next_day - on_day > {MAX_GAP_DAYS}
        qualify row_number() over (partition by file_no order by on_day) = 1
        """
    ).fetchall()
    return {number: text if len(text) > 10 else f"{text} 00:00:00.000000" for number, text in found}


def moment_headers(source_map: SourceMap) -> str | None:
    """The header that the readers must find for ``extract.at``, if it names one."""
    return source_map.extract.at.column if source_map.extract.at else None
