"""When was a file taken from its source: as the map says, else the newest moment in it that can be believed.

The wall clock and the file's modification time decide nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from dagster_project.errors import ReadError
from dagster_project.ingest.date_formats import DateFormat
from dagster_project.ingest.grammar import ExtractAt, SourceMap
from dagster_project.ingest.landing import path_value
from dagster_project.ingest.readers.headers import Rows
from dagster_project.ingest.shapes import clean_text, literal, moment_text, moment_value

MAX_GAP_DAYS = 366
"""A file without a single event in more than a year ends there; what lies beyond is a typing error."""


def _canonical(
    connection: duckdb.DuckDBPyConnection,
    texts: str,
    at: ExtractAt,
    source_map: SourceMap,
    has_date_cells: bool,
) -> str | None:
    """Newest canonical moment of a query with one text column ``cell``."""
    formats = list(at.date_formats) + ([DateFormat("iso")] if has_date_cells else [])
    row = connection.execute(
        f"select max({moment_text('moment')}) from ("
        f" select {moment_value('cell', formats, source_map.timezone)} as moment"
        f" from (select {clean_text('cell')} as cell from ({texts})))"
    ).fetchone()
    return None if row is None or row[0] is None else str(row[0])


def given_moment(
    connection: duckdb.DuckDBPyConnection,
    source_map: SourceMap,
    file: str,
    rows: Rows,
    document_value: str | None = None,
    has_date_cells: bool = False,
) -> str | None:
    """The moment that the map's ``extract.at`` names, canonical; None where the map names no place.

    ``document_value`` is the text that a JSON document has at ``at.json``. ReadError where the place is empty
    or holds no date; a file without rows has no newest value in a column, that is None.
    """
    at = source_map.extract.at
    if at is None:
        return None
    if at.column is not None:
        texts, place = (
            f"select {rows.find((at.column,))} as cell from {rows.relation}",
            f"column «{at.column}»",
        )
    else:
        if at.path is not None:
            found, place = path_value(file, at.path), f"the path («{at.path}»)"
        elif at.title is not None:
            found, place = path_value("\n".join(rows.titles), at.title), f"the title rows («{at.title}»)"
        else:
            found, place = document_value, f"the document at {at.json_}"
        texts = f"select {literal(found)} as cell"
    moment = _canonical(connection, texts, at, source_map, has_date_cells)
    if moment is None and at.column is not None:
        row = connection.execute(f"select count(*) from {rows.relation}").fetchone()
        if row is not None and row[0] == 0:
            return None
    if moment is None:
        formats = " or ".join(at.formats)
        raise ReadError(file, f"no extraction moment in {place} as {formats}; correct extract.at in the map")
    return moment


def moments_by_day(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]
) -> pa.Table | None:
    """Per day of the given canonical columns: how many moments and the newest; None without such columns."""
    if not columns:
        return None
    texts = " union all ".join(f"select {column} as moment from {relation}" for column in columns)
    query = (
        "select cast(left(moment, 10) as date) as on_day, count(*) as moment_count, max(moment) as newest"
        f" from ({texts}) where moment is not null group by on_day"
    )
    return connection.execute(query).to_arrow_table()


def newest_believable(connection: duckdb.DuckDBPyConnection, days: Sequence[pa.Table]) -> str | None:
    """From the median day upwards to the first gap of more than MAX_GAP_DAYS; the newest moment before it."""
    if not days:
        return None
    connection.register("moments", pa.concat_tables(days))
    row = connection.execute(
        f"""
        with days as (
            select on_day, sum(moment_count) as moment_count, max(newest) as newest
            from moments
            group by on_day
        ),
        running as (
            select *, sum(moment_count) over (order by on_day) as so_far, sum(moment_count) over () as total
            from days
        ),
        upper_half as (
            select on_day, newest, lead(on_day) over (order by on_day) as next_day
            from running
            where so_far * 2 >= total
        )
        select newest from upper_half
        where next_day is null or next_day - on_day > {MAX_GAP_DAYS}
        order by on_day
        limit 1
        """
    ).fetchone()
    connection.unregister("moments")
    if row is None:
        return None
    newest = str(row[0])
    return newest if len(newest) > 10 else f"{newest} 00:00:00.000000"


def moment_headers(source_map: SourceMap) -> str | None:
    """The header that the readers must find for ``extract.at``, if it names one."""
    return source_map.extract.at.column if source_map.extract.at else None
