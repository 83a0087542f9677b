"""Looks for canaries wherever a home may keep text: plain bytes in several encodings, gzip, zip and zlib, SQLite,
DuckDB and Parquet. A database is opened as a copy, because opening it would tidy up what a kill left.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import re
import shutil
import sqlite3
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tests.integration.canaries import NUMBERS, WORDS


@dataclass(frozen=True)
class Found:
    """A canary where none may be: the file, the place in it, and what was found."""

    file: str
    place: str
    what: str


_SEPARATORS = "[ .\\-]?"


def _spellings() -> dict[bytes, str]:
    """Bytes to look for in text whose ASCII letters are small → which canary it is."""
    spellings: dict[bytes, str] = {}
    for word in WORDS:
        for form in ("NFC", "NFD"):
            for cased in (word, word.upper(), word.capitalize()):
                text = unicodedata.normalize(form, cased)
                texts = {text, json.dumps(text)[1:-1]}
                for one in texts:
                    for encoding in ("utf-8", "utf-16-le"):
                        # Without its last zero byte the little-endian text is found in big-endian text too.
                        spellings[one.encode(encoding).rstrip(b"\0").lower()] = word
        bare = without_accents(word)
        spellings[bare.encode()] = word
    for number in NUMBERS:
        groups = {number}
        for separator in " .-":
            groups.add(_grouped(number, separator))
        for one in groups:
            for encoding in ("utf-8", "utf-16-le"):
                spellings[one.encode(encoding).rstrip(b"\0")] = number
    return spellings


def _grouped(number: str, separator: str) -> str:
    """Groups of three from the right, as people write telephone numbers."""
    return separator.join(
        number[max(end - 3, 0) : end] for end in range(len(number) % 3 or 3, len(number) + 1, 3)
    )


def without_accents(text: str) -> str:
    """Small letters without any mark; đ stays."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


SPELLINGS = _spellings()
_BARE_WORDS = tuple(without_accents(word) for word in WORDS)
_TEXT = re.compile(
    "|".join([*map(re.escape, _BARE_WORDS), *(_SEPARATORS.join(number) for number in NUMBERS)])
)


def in_bytes(data: bytes) -> set[str]:
    """Canaries in bytes: UTF-8, UTF-16, escaped as in JSON; composed or not, small or capital."""
    small = data.lower()
    return {what for spelling, what in SPELLINGS.items() if spelling in small}


def in_text(text: str) -> set[str]:
    """Canaries in a text, whatever its accents and case."""
    return set(_TEXT.findall(without_accents(text)))


def find_canaries(root: Path, leave_out: Iterable[str] = ("landing",)) -> list[Found]:
    """Everything below ``root`` that shows a canary; folders of ``leave_out`` directly below are skipped."""
    skipped = {root / name for name in leave_out}
    found: list[Found] = []
    for path in sorted(root.rglob("*")):
        if not path.is_file() or any(folder in path.parents for folder in skipped):
            continue
        name = path.relative_to(root).as_posix()
        found += [Found(name, "file name", what) for what in in_text(name)]
        found += [Found(name, place, what) for place, what in _in_file(path)]
    return found


def _in_file(path: Path) -> Iterator[tuple[str, str]]:
    data = path.read_bytes()
    yield from (("bytes", what) for what in in_bytes(data))
    yield from _in_packed(data)
    if data.startswith(b"SQLite format 3\0"):
        yield from _in_copy(path, _in_sqlite)
    elif data[8:12] == b"DUCK":
        yield from _in_copy(path, _in_duckdb)
    elif data.startswith(b"PAR1"):
        with duckdb.connect() as connection:
            yield from _in_relation(connection, "Parquet", f"read_parquet('{path}')")


def _in_packed(data: bytes) -> Iterator[tuple[str, str]]:
    if data.startswith(b"\x1f\x8b"):
        yield from (("gzip", what) for what in in_bytes(gzip.decompress(data)))
    elif data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield from ((f"zip member {name}", what) for what in in_bytes(archive.read(name)))
    elif data[:1] == b"\x78":
        with contextlib.suppress(zlib.error):
            yield from (("zlib", what) for what in in_bytes(zlib.decompress(data)))


def _in_copy(path: Path, search: Callable[[Path], Iterator[tuple[str, str]]]) -> Iterator[tuple[str, str]]:
    """Search a copy of a database with its log."""
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("", ".wal", "-wal", "-shm", "-journal"):
            beside = path.with_name(path.name + suffix)
            if beside.exists():
                shutil.copy(beside, Path(folder) / beside.name)
        yield from search(Path(folder) / path.name)


def _in_sqlite(path: Path) -> Iterator[tuple[str, str]]:
    connection = sqlite3.connect(path)
    connection.text_factory = bytes
    tables = [
        row[0].decode() for row in connection.execute("select name from sqlite_master where type = 'table'")
    ]
    for table in tables:
        seen: set[tuple[str, str]] = set()
        cursor = connection.execute(f'select * from "{table}"')
        names = [column[0] for column in cursor.description]
        for row in cursor:
            for name, value in zip(names, row, strict=True):
                data = value if isinstance(value, bytes) else str(value).encode()
                hits = in_bytes(data) | {what for _, what in _in_packed(data)}
                seen |= {(name, what) for what in hits}
        yield from ((f"{table}.{name}", what) for name, what in seen)
    connection.close()


def _in_duckdb(path: Path) -> Iterator[tuple[str, str]]:
    with duckdb.connect(str(path)) as connection:
        tables = connection.execute(
            "select database_name, schema_name, table_name from duckdb_tables() where not temporary"
        ).fetchall()
        for database, schema, table in tables:
            yield from _in_relation(connection, f"{schema}.{table}", f'"{database}"."{schema}"."{table}"')
        for catalog in ("duckdb_views()", "duckdb_types()", "duckdb_columns()", "duckdb_tables()"):
            yield from _in_relation(connection, catalog, catalog)


def _in_relation(
    connection: duckdb.DuckDBPyConnection, place: str, relation: str
) -> Iterator[tuple[str, str]]:
    """Canaries in any column of a relation, numbers and nested values too, read as text."""
    names = [row[0] for row in connection.execute(f"describe from {relation}").fetchall()]
    quoted = [name.replace('"', '""') for name in names]
    texts = [f"""strip_accents(lower(cast("{name}" as varchar)))""" for name in quoted]
    hits = ", ".join(f"count(*) filter (regexp_matches({text}, $1))" for text in texts)
    counts = connection.execute(f"select {hits} from {relation}", [_TEXT.pattern]).fetchone() or ()
    for name, text, count in zip(names, texts, counts, strict=True):
        if count:
            example = connection.execute(
                f"select regexp_extract({text}, $1) from {relation} where regexp_matches({text}, $1) limit 1",
                [_TEXT.pattern],
            ).fetchone()
            yield f"{place}.{name} ({count} rows)", str(example[0] if example else "")
