"""The grammar of a source map as frozen models: one map describes one source system and its exports.

Here stands what a map may say and the shape of each part. What parts mean together (does the column exist,
is the key mapped) is checked in ``map_rules``, files and line numbers in ``load_maps``.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import re
import unicodedata
from functools import cached_property
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from dagster_project.ingest.date_formats import DateFormat, parse_date_format
from dagster_project.ingest.record_kinds import RecordKind, record_kinds

READER_VERSION = 2
"""Raise it when the readers would read the same bytes under the same map differently: files load again."""

_SPACES = re.compile(r"\s+")


def fold(text: str) -> str:
    """The form in which headers are compared: NFC, inner whitespace one space, trimmed, case folded."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip().casefold()


# ------------------------------------------------------------------------------------ small types


def _as_list(value: object) -> object:
    return value if isinstance(value, (list, tuple)) else [value]


def _as_column(value: object) -> object:
    return {"header": value} if isinstance(value, str) else value


def _regex(pattern: str) -> str:
    """Patterns run in RE2 (Arrow, DuckDB) and in Python: they must be valid in both."""
    # Imported here, because whoever only loads the definitions validates no map.
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        re.compile(pattern)
        pc.match_substring_regex(pa.array([""]), pattern)
    except (re.error, pa.ArrowInvalid) as error:
        raise ValueError(f"regular expression «{pattern}»: {error}") from None
    return pattern


def _date_format(text: str) -> str:
    parse_date_format(text)
    return text


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError(f"unknown time zone «{name}»; write it like Asia/Ho_Chi_Minh") from None
    return name


def _encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError:
        raise ValueError(f"unknown encoding «{name}»; usual ones are utf-8, utf-16, windows-1258") from None
    return name


def _glob(pattern: str) -> str:
    if pattern.startswith("/") or ".." in pattern.split("/") or "\\" in pattern:
        raise ValueError(f"«{pattern}» must be a path below landing with / between its parts")
    return unicodedata.normalize("NFC", pattern)


_ROWS = re.compile(r"\$(\.[^.\[\]\s]+(\[\*\])?|\[\*\])*")


def _rows(path: str) -> str:
    if not _ROWS.fullmatch(path) or not path.endswith("[*]"):
        raise ValueError(f"«{path}» is not a path to rows; write it like $.data[*] or $.data[*].items[*]")
    return path


def _pointer(path: str) -> str:
    return path if path.startswith("/") else "/" + path


Text = Annotated[str, Field(min_length=1)]
Header = Text
Regex = Annotated[Text, AfterValidator(_regex)]
Format = Annotated[Text, AfterValidator(_date_format)]
Headers = Annotated[tuple[Header, ...], Field(min_length=1)]


class Part(BaseModel):
    """What every part of a map has in common: it never changes and refuses what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class ByHeader(Part):
    """A part that finds one column of the export, by one header or by several spellings of it."""

    header: Header | None = None
    any_of: Headers | None = None

    @model_validator(mode="after")
    def _one_header(self) -> ByHeader:
        if type(self) is not ColumnSpec and (self.header is None) == (self.any_of is None):
            raise ValueError("needs exactly one of header, any_of")
        return self

    @property
    def headers(self) -> tuple[str, ...]:
        """The spellings to look for, best first; empty when the part reads no header."""
        return (self.header,) if self.header is not None else (self.any_of or ())


# ------------------------------------------------------------------------------------ columns

SOURCES = ("header", "any_of", "constant", "coalesce", "concat", "value")
Value = Literal[
    "path", "title", "row_no", "exploded", "exploded_no", "change_no", "change_until", "change_from"
]


class ColumnSpec(ByHeader):
    """Where one column of a record comes from (exactly one of SOURCES) and how its cells are read."""

    constant: str | None = None
    coalesce: Annotated[tuple[Column, ...], Field(min_length=1)] | None = None
    concat: Annotated[tuple[Column, ...], Field(min_length=1)] | None = None
    value: Value | None = None
    extract: Regex | None = None
    strip: Text | None = None
    codes: dict[str, str | None] | None = None
    formats: Annotated[tuple[Format, ...], BeforeValidator(_as_list), Field(min_length=1)] = ("iso",)
    missing: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    is_pseudonym: bool = False
    optional: bool = False

    @model_validator(mode="after")
    def _one_source(self) -> ColumnSpec:
        given = [name for name in SOURCES if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"needs exactly one of {', '.join(SOURCES)}; has {', '.join(given) or 'none'}")
        return self

    @property
    def members(self) -> tuple[ColumnSpec, ...]:
        """The parts of a coalesce or concat; empty for every other spec."""
        return self.coalesce or self.concat or ()

    @property
    def date_formats(self) -> tuple[DateFormat, ...]:
        """``formats``, parsed."""
        return tuple(parse_date_format(text) for text in self.formats)

    def leaves(self) -> tuple[ColumnSpec, ...]:
        """All specs below this one that read a cell, a constant or a value; itself when it is one."""
        return tuple(leaf for part in self.members for leaf in part.leaves()) if self.members else (self,)


Column = Annotated[ColumnSpec, BeforeValidator(_as_column)]


# ------------------------------------------------------------------------------------ records


class Where(ByHeader):
    """Keeps the rows for which the column's cell passes exactly one test; several in a list must all pass."""

    equals: str | None = None
    in_: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(None, alias="in")
    not_in: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    is_missing: bool | None = None
    matches: Regex | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Where:
        tests = (self.equals, self.in_, self.not_in, self.is_missing, self.matches)
        if sum(test is not None for test in tests) != 1:
            raise ValueError("needs exactly one of equals, in, not_in, is_missing, matches")
        return self


class Explode(ByHeader):
    """One record per part of a multi-valued cell; ``by`` is the text between the parts."""

    by: Text = ";"


class LatestBy(ByHeader):
    """What orders versions of one key within one extract; typed, because as text '9' beats '10'."""

    type: Literal["number", "timestamp", "text"]
    formats: Annotated[tuple[Format, ...], BeforeValidator(_as_list), Field(min_length=1)] = ("iso",)

    @property
    def date_formats(self) -> tuple[DateFormat, ...]:
        """``formats``, parsed."""
        return tuple(parse_date_format(text) for text in self.formats)


class Record(Part):
    """One kind of record that the rows of an input fill.

    ``rows`` is for JSON: the path to the rows; without it each document, or each element of an array, is one.
    """

    kind: Text
    rows: Annotated[str, AfterValidator(_rows)] | None = None
    where: Annotated[tuple[Where, ...], BeforeValidator(_as_list)] = ()
    explode: Explode | None = None
    changes_of: Annotated[Headers, BeforeValidator(_as_list)] | None = None
    changes_within: Annotated[Headers, BeforeValidator(_as_list)] | None = None
    key: Annotated[Headers, BeforeValidator(_as_list)] | None = None
    latest_by: LatestBy | None = None
    columns: Annotated[dict[str, Column], Field(min_length=1)]

    @property
    def record_kind(self) -> RecordKind:
        """The definition of ``kind``; KeyError for an unknown one, which no loaded map has."""
        return record_kinds()[self.kind]

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The key: this map's, else the kind's."""
        return self.key or self.record_kind.key

    @property
    def change_columns(self) -> tuple[str, ...]:
        """The columns within which ``changes_of`` compares neighbouring rows."""
        return self.changes_within or tuple(name for name in self.key_columns if name != "step_no")


class Input(Part):
    """One sort of file of the source: where it lies, how it is read, which records it holds."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    files: Annotated[
        tuple[Annotated[Text, AfterValidator(_glob)], ...], BeforeValidator(_as_list), Field(min_length=1)
    ]
    format: Literal["csv", "xlsx", "json", "parquet"]
    encoding: Annotated[Text, AfterValidator(_encoding)] = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    sheet: Text | None = None
    header: Annotated[Headers, BeforeValidator(_as_list)] | None = None
    totals: Annotated[tuple[Text, ...], BeforeValidator(_as_list)] = ()
    records: Annotated[tuple[Record, ...], Field(min_length=1)]


# ------------------------------------------------------------------------------------ the map


class ExtractAt(Part):
    """Where a file says when it was taken from its source: exactly one place."""

    path: Regex | None = None
    title: Regex | None = None
    column: Header | None = None
    json_: Annotated[str, AfterValidator(_pointer)] | None = Field(None, alias="json")
    formats: Annotated[tuple[Format, ...], BeforeValidator(_as_list), Field(min_length=1)] = ("iso",)

    @model_validator(mode="after")
    def _one_place(self) -> ExtractAt:
        if sum(place is not None for place in (self.path, self.title, self.column, self.json_)) != 1:
            raise ValueError("needs exactly one of path, title, column, json")
        return self

    @property
    def date_formats(self) -> tuple[DateFormat, ...]:
        """``formats``, parsed."""
        return tuple(parse_date_format(text) for text in self.formats)


class Extract(Part):
    """Is every file the whole stock (``full``: a key that is gone was deleted) or only news (``delta``)?"""

    mode: Literal["full", "delta"] = "full"
    at: ExtractAt | None = None


class SourceMap(Part):
    """One source: its identity, how far it is trusted, and its inputs."""

    source: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
    title: str | None = None
    namespace: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)] = ""
    precedence: Annotated[int, Field(ge=1, le=1000)] = 1
    required: bool = False
    timezone: Annotated[str, AfterValidator(_timezone)] = "Asia/Ho_Chi_Minh"
    missing: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    extract: Extract
    inputs: Annotated[tuple[Input, ...], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _own_namespace(cls, content: Any) -> Any:
        """A source that shares its numbers with no other is its own namespace."""
        if isinstance(content, dict) and not content.get("namespace"):
            return {**content, "namespace": content.get("source", "")}
        return content

    @cached_property
    def missing_tokens(self) -> tuple[str, ...]:
        """What means "no value" in every column of this source; the empty cell always does."""
        return tuple(dict.fromkeys(("", *self.missing)))

    @cached_property
    def fingerprint(self) -> str:
        """Hash of everything that decides how a file is read: content without title, kinds used, reader.

        Defaults are left out, so that a new option of the grammar does not load every file again.
        """
        content = self.model_dump(mode="json", by_alias=True, exclude={"title"}, exclude_defaults=True)
        mapped: dict[str, set[str]] = {}
        for record in (record for part in self.inputs for record in part.records):
            mapped.setdefault(record.kind, set()).update(record.columns)
        known = record_kinds()
        versions = {kind: known[kind].version(mapped[kind]) for kind in sorted(mapped) if kind in known}
        text = json.dumps([READER_VERSION, versions, content], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()
