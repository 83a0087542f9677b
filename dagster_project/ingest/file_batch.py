"""Some files of one input, read and mapped together: per file the results of its records, or why not.

Every file is read by its reader; rows with the same headers go through one set of queries. Files that fail
fail alone: no rule of mapping looks beyond its file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from dagster_project.errors import ReadError
from dagster_project.ingest.columns_sql import FileFacts
from dagster_project.ingest.extraction_moment import given_moments, moment_headers, newest_believable
from dagster_project.ingest.grammar import Record
from dagster_project.ingest.landing import ClaimedFile
from dagster_project.ingest.readers import open_sheets, read_sheet
from dagster_project.ingest.readers.headers import Need, RowGroup, Sheet, input_needs, record_needs
from dagster_project.ingest.readers.json_reader import JsonFiles
from dagster_project.ingest.record_tables import RecordResult, map_record

Progress = Callable[[str], None]


@dataclass
class FileRead:
    """What one file gave, before its own columns are added. ``error``: why it is unreadable."""

    results: list[RecordResult] = field(default_factory=list)
    extracted_at: str | None = None
    rows_skipped: int = 0
    ignored: list[str] = field(default_factory=list)
    error: str | None = None


class FileBatch:
    """Reads and maps some claimed files of one input with one connection."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        claims: Sequence[ClaimedFile],
        max_json_mib: int,
        progress: Progress | None = None,
    ) -> None:
        self._connection = connection
        self._claims = dict(enumerate(claims))
        self._map = claims[0].source_map
        self._part = claims[0].input
        self._max_json_mib = max_json_mib
        self._progress = progress
        self._moment_header = moment_headers(self._map)
        self._needs = input_needs(self._part, self._moment_header)
        self._days: list[pa.Table] = []
        self._files = {number: FileRead() for number in self._claims}

    def read(self) -> list[FileRead]:
        """One result per file, in the order of the files."""
        for number, claimed in self._claims.items():
            if claimed.error is not None:
                self._fail(number, ReadError(claimed.name, claimed.error))
        if self._part.format == "json":
            self._read_json()
        else:
            self._read_sheets()
        undated = {
            number for number, one in self._files.items() if one.error is None and one.extracted_at is None
        }
        if undated:
            for number, moment in newest_believable(self._connection, self._days).items():
                if number in undated:
                    self._files[number].extracted_at = moment
        for one in self._files.values():
            one.ignored = list(dict.fromkeys(one.ignored))
        return list(self._files.values())

    def _fail(self, number: int, error: ReadError) -> None:
        if self._files[number].error is None:
            self._files[number] = FileRead(error=str(error))

    def _readable(self) -> Iterator[tuple[int, ClaimedFile]]:
        return (
            (number, claimed) for number, claimed in self._claims.items() if self._files[number].error is None
        )

    # -------------------------------------------------------------------------------- sheets

    def _read_sheets(self) -> None:
        layouts: dict[object, dict[int, Sheet]] = {}
        for number, claimed in self._readable():
            try:
                sheet = read_sheet(claimed, self._needs)
            except ReadError as error:
                self._fail(number, error)
                continue
            layout = (sheet.header_cells, str(sheet.table.schema))
            layouts.setdefault(layout, {})[number] = sheet
        while layouts:
            _, sheets = layouts.popitem()
            group = open_sheets(self._connection, sheets, self._claims)
            for record in self._part.records:
                self._map_group(record, self._needs_of(record), group, self._needs, {})
            self._connection.unregister("sheet_text")

    # -------------------------------------------------------------------------------- json

    def _read_json(self) -> None:
        wanted = [(record, self._needs_of(record)) for record in self._part.records]
        files = JsonFiles(self._connection, wanted)
        for number, claimed in self._readable():
            try:
                files.add(number, claimed.path, claimed.name, self._max_json_mib)
            except ReadError as error:
                self._fail(number, error)
        if all(one.error is not None for one in self._files.values()):
            return
        at = self._map.extract.at
        texts = files.document_texts(at.json_) if at and at.json_ else {}
        for (record, needs), groups in zip(wanted, files.groups(), strict=True):
            for group in groups:
                self._map_group(record, needs, group, record_needs(record), texts)

    # -------------------------------------------------------------------------------- records

    def _needs_of(self, record: Record) -> list[Need]:
        moment = [Need((self._moment_header,), "extract.at")] if self._moment_header else []
        return [*record_needs(record), *moment]

    def _map_group(
        self,
        record: Record,
        needs: Sequence[Need],
        group: RowGroup,
        used: Sequence[Need],
        document_values: Mapping[int, str],
    ) -> None:
        """Map one record of the files of a group that are still readable; headers of ``used`` are in use."""
        for number, rows in group.files.items():
            if self._progress and self._files[number].error is None:
                self._progress(f"{rows.file}: {record.kind}")
            try:
                rows.check(needs)
            except ReadError as error:
                self._fail(number, error)
        if not self._alive(group):
            return
        has_date_cells = self._part.format == "xlsx"
        self._date(group, document_values, has_date_cells)
        alive = self._alive(group)
        if not alive:
            return
        # Rows that do not count are mapped all the same: their results are left aside below.
        facts = FileFacts(group.layout.file, self._map, group.layout.titles, has_date_cells)
        is_undated = any(self._files[number].extracted_at is None for number in alive)
        try:
            results, days = map_record(self._connection, record, group, facts, wants_moments=is_undated)
        except ReadError as error:
            for number in alive:
                self._fail(number, error)
            return
        if days is not None:
            self._days.append(days)
        for number in alive:
            rows, one = group.files[number], self._files[number]
            one.results.append(results[number])
            one.rows_skipped = rows.rows_skipped
            one.ignored += rows.ignored(used)

    def _alive(self, group: RowGroup) -> list[int]:
        return [number for number in group.files if self._files[number].error is None]

    def _date(self, group: RowGroup, document_values: Mapping[int, str], has_date_cells: bool) -> None:
        """Extraction moments as the map gives them, for files that have none yet."""
        if not self._has_moment_place() or all(
            self._files[number].extracted_at is not None for number in self._alive(group)
        ):
            return
        found = given_moments(self._connection, self._map, group, document_values, has_date_cells)
        for number in self._alive(group):
            moment = found[number]
            if self._files[number].extracted_at is not None:
                continue
            if isinstance(moment, ReadError):
                self._fail(number, moment)
            else:
                self._files[number].extracted_at = moment

    def _has_moment_place(self) -> bool:
        """Can this format have the place that the map names? The map's other inputs go by their content."""
        at, format = self._map.extract.at, self._part.format
        if at is None:
            return False
        return not (at.json_ and format != "json") and not (at.title and format in ("json", "parquet"))
