"""JSON (one document, or one per line; also gzipped) → relations of text columns per record.

The documents of some files become a table; every ``[*]`` of a record's path makes the next level from it,
and each level keeps only a number of its parent: a large document is never copied to its rows. Headers are
keys of the row (``a.b`` nested), of its parents (``../x``) or of the document (``/x``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from dagster_project.errors import ReadError
from dagster_project.ingest.grammar import Record, fold
from dagster_project.ingest.readers.headers import Need, RowGroup, Rows
from dagster_project.ingest.shapes import literal

_GLOB_CHARACTERS = re.compile(r"([\[*?])")
_POSITION = re.compile(r'(in file )?"[^"]*"(, )?')
_MOST_MIB = 4095  # DuckDB counts the size of one object in 32 bits


def _path(keys: Sequence[str], ending: str = "") -> str:
    """A DuckDB JSON path; keys are quoted, so that dots and spaces in them mean nothing."""
    return literal("$" + "".join(f'."{key}"' for key in keys) + ending)


Steps = tuple[str, ...]
"""The way from a document to rows: one path per ``[*]``."""


@dataclass(frozen=True)
class _Level:
    """A table of JSON values: id, parent_id (in the level above), file_no, content; ids go up by file.

    ``spans``: file number → (its first id, its number of rows); files without rows are not in it.
    """

    table: str
    spans: Mapping[int, tuple[int, int]]


class JsonFiles:
    """Some open JSON exports of one input; ``level_0`` of the connection holds their documents."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, records: Sequence[tuple[Record, Sequence[Need]]]
    ) -> None:
        """``records`` with their needs: what will be asked is taken out of the documents in one go."""
        self._connection = connection
        self._records = records
        self._names: dict[int, str] = {}
        self._documents: dict[int, tuple[int, int]] = {}
        self._levels: dict[Steps, _Level] = {}
        self._level_keys: dict[Steps, dict[int, dict[str, str]]] = {}
        self._columns: dict[Steps, dict[str, str]] = {}
        self._arrays: set[int] | None = None
        self._count = 0
        connection.execute(
            "create or replace temp table level_0"
            " (id bigint, parent_id bigint, file_no integer, content json)"
        )

    def add(self, number: int, path: Path, file: str, max_mib: int) -> None:
        """Parse one file; ReadError where it is cut off, no JSON, empty or above the cap."""
        mib = min(max_mib, _MOST_MIB)
        first = sum(count for _, count in self._documents.values()) + 1
        try:
            row = self._connection.execute(
                "insert into level_0"
                f" select row_number() over () + {first - 1}, 0, {number}, json"
                " from read_json_objects(?, format = 'unstructured', maximum_object_size = ?)",
                [_GLOB_CHARACTERS.sub(r"[\1]", str(path)), _most_bytes(path, mib)],
            ).fetchone()
        except duckdb.Error as error:
            raise ReadError(file, _reason(error, path, mib)) from None
        documents = int(row[0]) if row else 0
        if not documents:
            raise ReadError(file, "is empty; expected a JSON document")
        self._names[number] = file
        self._documents[number] = (first, documents)

    def document_texts(self, pointer: str) -> dict[int, str]:
        """Per file the text at ``/a/b`` of the first document that has it; files without it are left out."""
        path = _path([key for key in pointer.split("/") if key])
        return dict(
            self._connection.execute(
                "select file_no, arg_min(found, id) from ("
                f" select file_no, id, json_extract_string(content, {path}) as found from level_0)"
                " where found is not null group by file_no"
            ).fetchall()
        )

    def groups(self) -> list[list[RowGroup]]:
        """Per record the groups of files that have the same of its headers; every file is in one of them."""
        planned = [self._planned(record, needs) for record, needs in self._records]
        bases = {steps: self._values(steps, columns) for steps, columns in self._columns.items()}
        return [[self._opened(*plan, bases) for plan in plans] for plans in planned]

    # -------------------------------------------------------------------------------- levels

    def _steps(self, record: Record, number: int) -> Steps:
        if record.rows is not None:
            return tuple(record.rows.removeprefix("$").split("[*]")[:-1])
        if self._arrays is None:
            found = self._connection.execute(
                "select distinct file_no from level_0 where json_type(content) = 'ARRAY'"
            ).fetchall()
            self._arrays = {file_no for (file_no,) in found}
        return ("",) if number in self._arrays else ()

    def _level(self, steps: Steps) -> _Level:
        """The elements that the steps lead to."""
        if not steps:
            return _Level("level_0", self._documents)
        if steps not in self._levels:
            parent = self._level(steps[:-1])
            table = f"level_{len(self._levels) + 1}"
            path = _path([key for key in steps[-1].split(".") if key], "[*]")
            # No ORDER BY: a streaming window keeps the order of the parents and of their lists.
            self._connection.execute(
                f"create or replace temp table {table} as"
                " select row_number() over () as id, parent_id, file_no, content from ("
                "  select id as parent_id, file_no, unnest(json_extract(content, "
                f"{path})) as content from {parent.table})"
            )
            spans = self._connection.execute(
                f"select file_no, min(id), count(*) from {table} group by file_no"
            ).fetchall()
            self._levels[steps] = _Level(table, {number: (first, count) for number, first, count in spans})
        return self._levels[steps]

    def _keys(self, steps: Steps, number: int) -> dict[str, str]:
        """Keys of the objects of a level in one file, folded → as written, in the order of their names."""
        if steps not in self._level_keys:
            rows = self._connection.execute(
                "select distinct file_no, unnest(names) as name from ("
                f" select distinct file_no, json_keys(content) as names from {self._level(steps).table})"
                " order by name"
            ).fetchall()
            keys: dict[int, dict[str, str]] = {}
            for file_no, name in rows:
                keys.setdefault(file_no, {})[fold(str(name))] = str(name)
            self._level_keys[steps] = keys
        return self._level_keys[steps].get(number, {})

    # -------------------------------------------------------------------------------- headers

    def _planned(
        self, record: Record, needs: Sequence[Need]
    ) -> list[tuple[Record, Steps, dict[str, tuple[Steps, str]], dict[int, Rows]]]:
        """Per group of one record: its rows, the place of each header found, what is known of each file."""
        spellings = list(dict.fromkeys(spelling for need in needs for spelling in need.spellings))
        groups: dict[object, tuple[Record, Steps, dict[str, tuple[Steps, str]], dict[int, Rows]]] = {}
        for number in sorted(self._names, key=lambda one: self._is_empty(record, one)):
            steps = self._steps(record, number)
            found = self._found(spellings, steps, number)
            signature: object = (steps, tuple(found.items()))
            if self._is_empty(record, number) and groups:
                signature = next(iter(groups))  # a file without rows fits anywhere
            groups.setdefault(signature, (record, steps, found, {}))[3][number] = self._rows(
                record, spellings, found, steps, number
            )
        for _, _, found, _ in groups.values():
            for level, path in found.values():
                self._columns.setdefault(level, {}).setdefault(path, f"c{self._next()}")
        return list(groups.values())

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _is_empty(self, record: Record, number: int) -> bool:
        return number not in self._level(self._steps(record, number)).spans

    def _found(self, spellings: Sequence[str], steps: Steps, number: int) -> dict[str, tuple[Steps, str]]:
        """Folded spelling → (level, path) of all that the file has; of all there are if it has no rows."""
        has_rows = number in self._level(steps).spans
        found: dict[str, tuple[Steps, str]] = {}
        for spelling in spellings:
            level, parts = _place(spelling, len(steps))
            if level < 0 or not parts or '"' in spelling:  # a JSON path knows no quote within quotes
                continue
            keys = self._keys(steps[:level], number)
            path = _path([keys.get(fold(parts[0]), parts[0]), *parts[1:]])
            is_plain = len(parts) == 1 and "\\" not in path and parts[0] != "*"
            if not has_rows or (
                fold(parts[0]) in keys if is_plain else self._exists(steps[:level], path, number)
            ):
                found[fold(spelling)] = (steps[:level], path)
        return found

    def _exists(self, steps: Steps, path: str, number: int) -> bool:
        row = self._connection.execute(
            f"select 1 from {self._level(steps).table}"
            f" where file_no = {number} and json_exists(content, {path}) limit 1"
        ).fetchone()
        return row is not None

    def _rows(
        self,
        record: Record,
        spellings: Sequence[str],
        found: Mapping[str, tuple[Steps, str]],
        steps: Steps,
        number: int,
    ) -> Rows:
        """What messages and counts need of one file; the columns are only named, not yet placed."""
        asked = [_place(spelling, len(steps)) for spelling in spellings]
        used = {fold(parts[0]) for level, parts in asked if level == len(steps) and parts}
        unused = [key for folded, key in self._keys(steps, number).items() if folded not in used]
        known = [spelling for spelling in spellings if fold(spelling) in found]
        return Rows(
            relation="",
            columns={folded: folded for folded in found},
            headers=(*known, *unused),
            place=record.rows or "each document",
            file=self._names[number],
            row_count=self._level(steps).spans.get(number, (0, 0))[1],
        )

    # -------------------------------------------------------------------------------- relations

    def _values(self, steps: Steps, columns: Mapping[str, str]) -> str:
        """Table of a level with all texts that any record takes out of it."""
        level = self._level(steps).table
        table = level.replace("level", "values")
        # All paths in one call: each call parses the row again.
        texts = f"json_extract_string(content, [{', '.join(columns)}])"
        names = enumerate(columns.values(), start=1)
        taken = "".join(f", texts[{number}] as {name}" for number, name in names)
        self._connection.execute(
            f"create or replace temp table {table} as select id, parent_id, file_no{taken}"
            f" from (select id, parent_id, file_no, {texts} as texts from {level})"
        )
        return table

    def _opened(
        self,
        record: Record,
        steps: Steps,
        found: Mapping[str, tuple[Steps, str]],
        files: dict[int, Rows],
        bases: Mapping[Steps, str],
    ) -> RowGroup:
        """The rows of a group as a view; texts of parents are joined by number."""
        columns = {folded: self._columns[level][path] for folded, (level, path) in found.items()}
        depth = len(steps)
        highest = min((len(level) for level, _ in found.values()), default=depth)
        relations = [bases.get(steps[:level], self._level(steps[:level]).table) for level in range(depth + 1)]
        joins = " ".join(
            f"join {relations[level]} as at_{level} on at_{level + 1}.parent_id = at_{level}.id"
            for level in range(depth - 1, highest - 1, -1)
        )
        taken = {
            columns[folded]: f"at_{len(level)}.{columns[folded]}" for folded, (level, _) in found.items()
        }
        spans = self._level(steps).spans
        firsts = [spans.get(number, (1, 0))[0] for number in range(max(self._names) + 1)]
        relation = f"json_rows_{self._next()}"
        self._connection.execute(
            f"create or replace temp view {relation} as select at_{depth}.id as place, at_{depth}.file_no,"
            f" at_{depth}.id - {firsts}[at_{depth}.file_no + 1] + 1 as row_no"
            f"{''.join(', ' + column for column in taken.values())}"
            f" from {relations[depth]} as at_{depth} {joins}"
            f" where at_{depth}.file_no in ({', '.join(map(str, files))})"
        )
        placed = {
            number: replace(
                rows, relation=relation, columns={name: columns.get(name, name) for name in rows.columns}
            )
            for number, rows in files.items()
        }
        layout = next(iter(placed.values()))
        return RowGroup(layout, placed)


def _most_bytes(path: Path, mib: int) -> int:
    """The cap for one document; DuckDB reserves memory by it, so not more than a plain file can need."""
    cap = mib << 20
    if path.suffix.lower() in (".gz", ".zst") or not path.exists():
        return cap
    return min(cap, max(16 << 20, 2 * path.stat().st_size))


def _place(header: str, depth: int) -> tuple[int, list[str]]:
    """(level, keys) of a header; a level below 0 means more ``../`` than there are parents."""
    if header.startswith("/"):
        return 0, [key for key in header.split("/") if key]
    level = depth
    while header.startswith("../"):
        header, level = header[3:], level - 1
    return level, header.split(".")


def _reason(error: duckdb.Error, path: Path, mib: int) -> str:
    text = " ".join(str(error).split())
    if "maximum_object_size" in text:
        size = path.stat().st_size / (1 << 20)
        return (
            f"holds a JSON document larger than the cap of {mib} MiB (file: {size:.0f} MiB); "
            "set CCHC_MAX_JSON_MIB higher, or export it in parts"
        )
    reason = _POSITION.sub("", text.partition("Error: ")[2] or text).strip()
    hint = "the file seems to be cut off: " if "unexpected end" in text else ""
    return f"cannot be read as JSON ({reason}); {hint}export it again"
