"""JSON (one document, or one per line; also gzipped) → one relation of text columns per record.

The documents become a table; every ``[*]`` of a record's path makes the next level from it, and each level
keeps only a number of its parent: a large document is never copied to its rows. Headers are keys of the row
(``a.b`` nested), of its parents (``../x``) or of the document (``/x``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import duckdb

from dagster_project.errors import ReadError
from dagster_project.ingest.grammar import Record, fold
from dagster_project.ingest.readers.headers import Need, Rows
from dagster_project.ingest.shapes import literal

_GLOB_CHARACTERS = re.compile(r"([\[*?])")
_POSITION = re.compile(r'(in file )?"[^"]*"(, )?')
_MOST_MIB = 4095  # DuckDB counts the size of one object in 32 bits


def _path(keys: Sequence[str], ending: str = "") -> str:
    """A DuckDB JSON path; keys are quoted, so that dots and spaces in them mean nothing."""
    return literal("$" + "".join(f'."{key}"' for key in keys) + ending)


class JsonFile:
    """One open JSON export: its documents as table ``level_0`` of the connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, file: str, max_mib: int) -> None:
        """Parse the whole file once; ReadError where it is cut off, not JSON, or above the cap."""
        self._connection = connection
        self._file = file
        self._levels: dict[tuple[str, ...], str] = {}
        self._count = 0
        mib = min(max_mib, _MOST_MIB)
        try:
            connection.execute(
                "create or replace temp table level_0 as"
                " select row_number() over () as id, 0::bigint as parent_id, json as content"
                " from read_json_objects(?, format = 'unstructured', maximum_object_size = ?)",
                [_GLOB_CHARACTERS.sub(r"[\1]", str(path)), mib << 20],
            )
        except duckdb.Error as error:
            raise ReadError(file, self._reason(error, path, mib)) from None
        documents = self._one("select count(*) from level_0")
        if not documents:
            raise ReadError(file, "is empty; expected a JSON document")

    @staticmethod
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

    def _one(self, query: str) -> int:
        row = self._connection.execute(query).fetchone()
        return int(row[0] or 0) if row else 0

    def document_text(self, pointer: str) -> str | None:
        """The text at ``/a/b`` of the first document that has it; None where none has."""
        path = _path([key for key in pointer.split("/") if key])
        row = self._connection.execute(
            f"select json_extract_string(content, {path}) as found from level_0"
            " where found is not null order by id limit 1"
        ).fetchone()
        return None if row is None else str(row[0])

    # -------------------------------------------------------------------------------- levels

    def _steps(self, rows: str | None) -> list[str]:
        if rows is not None:
            return rows.removeprefix("$").split("[*]")[:-1]
        is_array = self._one("select count(*) from level_0 where json_type(content) = 'ARRAY'")
        return [""] if is_array else []

    def _level(self, steps: tuple[str, ...]) -> str:
        """Table of the elements that the steps lead to: id, parent_id (in the level above), content."""
        if not steps:
            return "level_0"
        if steps not in self._levels:
            parent = self._level(steps[:-1])
            self._count += 1
            table = f"level_{self._count}"
            path = _path([key for key in steps[-1].split(".") if key], "[*]")
            self._connection.execute(
                f"create or replace temp table {table} as"
                " with lists as ("
                f" select id as parent_id, json_extract(content, {path}) as elements from {parent}"
                "), elements as ("
                " select parent_id, unnest(elements) as content,"
                " generate_subscripts(elements, 1) as position from lists"
                ") select row_number() over (order by parent_id, position) as id, parent_id, content"
                " from elements"
            )
            self._levels[steps] = table
        return self._levels[steps]

    # -------------------------------------------------------------------------------- headers

    def _place(self, header: str, depth: int) -> tuple[int, list[str]]:
        """(level, keys) of a header; a level below 0 means more ``../`` than there are parents."""
        if header.startswith("/"):
            return 0, [key for key in header.split("/") if key]
        level = depth
        while header.startswith("../"):
            header, level = header[3:], level - 1
        return level, header.split(".")

    def rows(self, record: Record, needs: Sequence[Need]) -> Rows:
        """The rows of one record as relation ``json_rows``, a text column per header that the file has."""
        steps = tuple(self._steps(record.rows))
        tables = [self._level(steps[:count]) for count in range(len(steps) + 1)]
        keys = [self._keys(table) for table in tables]
        depth = len(steps)
        has_rows = self._one(f"select count(*) from {tables[depth]}") > 0
        found: dict[str, tuple[int, str]] = {}
        for spelling in dict.fromkeys(spelling for need in needs for spelling in need.spellings):
            level, parts = self._place(spelling, depth)
            if level < 0 or not parts or '"' in spelling:  # a JSON path knows no quote within quotes
                continue
            real = [keys[level].get(fold(parts[0]), parts[0]), *parts[1:]]
            if not has_rows or self._exists(tables[level], _path(real)):
                found[fold(spelling)] = (level, _path(real))
        columns = {folded: f"c{index}" for index, folded in enumerate(found)}
        self._build(tables, {columns[folded]: place for folded, place in found.items()})
        asked = [self._place(spelling, depth) for need in needs for spelling in need.spellings]
        used = {fold(parts[0]) for level, parts in asked if level == depth and parts}
        unused = [key for folded, key in keys[depth].items() if folded not in used]
        known = [spelling for need in needs for spelling in need.spellings if fold(spelling) in found]
        return Rows(
            relation="json_rows",
            columns=columns,
            headers=(*known, *unused),
            place=record.rows or "each document",
            file=self._file,
        )

    def _keys(self, table: str) -> dict[str, str]:
        """Keys of the objects of a level, folded → as written, in the order of their names."""
        rows = self._connection.execute(
            f"select distinct unnest(json_keys(content)) as name from {table} order by name"
        ).fetchall()
        return {fold(str(name)): str(name) for (name,) in rows}

    def _exists(self, table: str, path: str) -> bool:
        return (
            self._one(f"select count(*) from (from {table} where json_exists(content, {path}) limit 1)") > 0
        )

    def _build(self, tables: Sequence[str], places: dict[str, tuple[int, str]]) -> None:
        """Values are taken out of each level once and travel down by number."""
        depth = len(tables) - 1
        ctes, joined = [], []
        for level, table in enumerate(tables):
            own = {name: path for name, (at, path) in places.items() if at == level}
            # All paths in one call: each call parses the row again.
            texts = f"json_extract_string(content, [{', '.join(own.values())}])" if own else "null"
            taken = "".join(f", texts[{number}] as {name}" for number, name in enumerate(own, start=1))
            ctes.append(
                f"values_{level} as materialized (select id, parent_id{taken}"
                f" from (select id, parent_id, {texts} as texts from {table}))"
            )
            if level < depth:
                joined.append(level)
        joins = " ".join(
            f"join values_{level} on values_{level + 1}.parent_id = values_{level}.id"
            for level in reversed(joined)
        )
        selected = [f"values_{level}.{name}" for name, (level, _) in places.items()]
        self._connection.execute(
            f"create or replace temp table json_rows as with {', '.join(ctes)}"
            f" select values_{depth}.id as row_no{''.join(', ' + column for column in selected)}"
            f" from values_{depth} {joins} order by row_no"
        )
