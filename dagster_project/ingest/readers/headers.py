"""Which columns a record needs, where the header row is, and how a file's headers meet the map's.

Headers compare folded (NFC, trimmed, inner white space one space, case folded). Reading bytes is the
readers' business, cells are ``columns_sql``'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from dagster_project.errors import ReadError
from dagster_project.ingest.grammar import ColumnSpec, Input, Record, fold

HEADER_SEARCH_ROWS = 50
_LISTED = 30


@dataclass(frozen=True)
class Need:
    """One header that a record reads: its spellings, what for, and whether the file may lack it."""

    spellings: tuple[str, ...]
    purpose: str
    is_optional: bool = False


@dataclass(frozen=True)
class Sheet:
    """The text of a tabular file: ``row_no`` and one text column per header (``c0``, ``c1``, …).

    ``header_cells`` are as in the file. Rows above the header row are left out (``rows_above`` of them, their
    cells in ``titles``); ``wrong_rows`` are the numbers of rows whose cell count does not fit.
    """

    table: pa.Table
    header_cells: tuple[str, ...]
    header_row: int
    titles: tuple[str, ...] = ()
    rows_above: int = 0
    rows_blank: int = 0
    wrong_rows: tuple[int, ...] = ()
    place: str = ""


@dataclass(frozen=True)
class Rows:
    """What a record of one file is mapped from: text columns of a DuckDB relation, found by header."""

    relation: str
    columns: Mapping[str, str]
    headers: tuple[str, ...]
    place: str
    file: str
    ambiguous: frozenset[str] = frozenset()
    titles: tuple[str, ...] = ()
    rows_skipped: int = 0
    wrong_rows: tuple[int, ...] = field(default=())
    row_count: int = 0

    def find(self, spellings: Sequence[str]) -> str | None:
        """SQL identifier of the first spelling that the file has; ReadError where it has it twice."""
        for spelling in spellings:
            folded = fold(spelling)
            if folded in self.ambiguous:
                raise ReadError(
                    self.file,
                    f"column «{spelling}» stands more than once in {self.place}; "
                    "rename all but one, or map another column",
                )
            if folded in self.columns:
                return self.columns[folded]
        return None

    def check(self, needs: Sequence[Need]) -> None:
        """ReadError for the first need that is neither met nor optional."""
        for need in needs:
            if self.find(need.spellings) is None and not need.is_optional:
                raise ReadError(self.file, self._missing(need))

    def _missing(self, need: Need) -> str:
        names = " or ".join(f"«{spelling}»" for spelling in need.spellings)
        shown = [header for header in self.headers if header][:_LISTED]
        more = len([header for header in self.headers if header]) - len(shown)
        listed = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
        return (
            f"column {names} for {need.purpose} is missing; {self.place} has: {listed or 'nothing'}; "
            "correct the map, or mark the column optional: true"
        )

    def ignored(self, needs: Sequence[Need]) -> list[str]:
        """The file's headers that no need reads, in the order of the file."""
        used = {fold(spelling) for need in needs for spelling in need.spellings}
        return [header for header in dict.fromkeys(self.headers) if header and fold(header) not in used]


@dataclass(frozen=True)
class RowGroup:
    """Files whose rows lie in one relation under the same columns, and are therefore mapped in one go.

    The relation has ``file_no``, ``row_no`` (of the file), ``place`` (unique, in the order of files and rows)
    and text columns. ``layout`` finds the columns for all files; ``files`` says the rest, by file number.
    Every cell of a ``plain`` column is trimmed ASCII already.
    """

    layout: Rows
    files: Mapping[int, Rows]
    plain: frozenset[str] = frozenset()

    @property
    def relation(self) -> str:
        """Name of the relation."""
        return self.layout.relation


# ------------------------------------------------------------------------------------ needs


def _column_needs(spec: ColumnSpec, purpose: str, is_optional: bool) -> Iterator[Need]:
    is_optional = is_optional or spec.optional
    if spec.headers:
        yield Need(spec.headers, purpose, is_optional)
    for member in spec.members:
        yield from _column_needs(member, purpose, is_optional)


def record_needs(record: Record) -> list[Need]:
    """Every header that one record reads."""
    needs = [
        need
        for name, spec in record.columns.items()
        for need in _column_needs(spec, f"{record.kind}.{name}", False)
    ]
    needs += [Need(where.headers, f"{record.kind}.where") for where in record.where]
    if record.explode:
        needs.append(Need(record.explode.headers, f"{record.kind}.explode"))
    if record.changes_of:
        needs.append(Need(record.changes_of, f"{record.kind}.changes_of"))
    if record.latest_by:
        needs.append(Need(record.latest_by.headers, f"{record.kind}.latest_by"))
    return needs


def input_needs(part: Input, moment_column: str | None) -> list[Need]:
    """Every header that the records of an input read, and the column with the extraction moment."""
    needs = [need for record in part.records for need in record_needs(record)]
    if moment_column:
        needs.append(Need((moment_column,), "extract.at"))
    return needs


# ------------------------------------------------------------------------------------ header row


def find_header_row(
    file: str, rows: Sequence[Sequence[str | None]], part: Input, needs: Sequence[Need]
) -> int:
    """Index of the header row among the first rows of a file.

    With ``header`` in the map it is the first row that has all those labels, else the row that has most of
    the columns the records need. ReadError where there is none.
    """
    first_rows = rows[:HEADER_SEARCH_ROWS]
    if part.header:
        labels = {fold(label) for label in part.header}
        for index, row in enumerate(first_rows):
            if labels <= _folded(row):
                return index
        wanted = ", ".join(f"«{label}»" for label in part.header)
        raise ReadError(
            file,
            f"none of the first {len(first_rows)} rows has the header labels {wanted}; correct the map",
        )
    groups = {frozenset(fold(spelling) for spelling in need.spellings) for need in needs}
    if not groups and first_rows:  # a map of constants only: the first row is the header
        return 0
    best, most = 0, 0
    for index, row in enumerate(first_rows):
        cells = _folded(row)
        found = sum(1 for group in groups if group & cells)
        if found > most:
            best, most = index, found
        if most == len(groups):  # no later row can have more
            break
    if most == 0:
        wanted = ", ".join(f"«{need.spellings[0]}»" for need in needs[:_LISTED])
        if not any(_folded(row) for row in first_rows):
            raise ReadError(file, f"is empty; expected the columns {wanted}")
        raise ReadError(
            file, f"no header row in the first {len(first_rows)} rows; looked for {wanted}; correct the map"
        )
    return best


def _folded(row: Sequence[str | None]) -> set[str]:
    return {fold(cell) for cell in row if cell}


def header_places(cells: Sequence[str]) -> tuple[dict[str, str], frozenset[str]]:
    """(folded header → SQL identifier of its column, headers that stand twice); unnamed columns left out."""
    folded = [fold(cell) for cell in cells]
    counts = Counter(name for name in folded if name)
    places = {name: f"c{index}" for index, name in enumerate(folded) if name}
    return places, frozenset(name for name, count in counts.items() if count > 1)


def shown(cell: str | None) -> str:
    """A header or title cell for messages and lists: one line, trimmed."""
    return " ".join((cell or "").split())
