"""Compiles the columns of one record into DuckDB SQL over its text rows.

A record becomes a stack of projections, each computed once per cell:
cell (NFC, trimmed, missing → NULL) → source text (strip) → extract → codes → parsed → canonical → reason,
then one value, one reason number and, on demand, the rejected text per column. Values go in as escaped
literals, columns as identifiers that the readers made. Rows are chosen in ``row_sql``, shapes in ``shapes``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dagster_project.errors import ReadError
from dagster_project.ingest.date_formats import DateFormat, parse_date_format
from dagster_project.ingest.grammar import ColumnSpec, Record, SourceMap
from dagster_project.ingest.landing import path_value
from dagster_project.ingest.readers.headers import RowGroup
from dagster_project.ingest.record_kinds import ColumnType
from dagster_project.ingest.shapes import (
    NUMBER_OF,
    canonical_text,
    clean_text,
    literal,
    misfit_reason,
    parsed_value,
    trimmed_text,
)

LATEST_BY = "latest_by"
"""Name under which the ordering cell of a record is listed in quarantine."""

_LATEST_TYPES: dict[str, ColumnType] = {"number": "decimal", "timestamp": "timestamp", "text": "label"}
_NULL = "cast(null as varchar)"
_ROW_VALUES = {
    "row_no": "cast(row_no as varchar)",
    "exploded": "exploded",
    "exploded_no": "cast(exploded_no as varchar)",
    "change_no": "cast(change_no as varchar)",
    "change_until": "change_until",
    "change_from": "change_from",
}
_OWN_CLOCK = ("change_until",)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class FileFacts:
    """What a file says outside its rows, and how its map wants it read."""

    file: str
    source_map: SourceMap
    titles: tuple[str, ...]
    has_date_cells: bool


@dataclass(frozen=True)
class _Rules:
    """How the text of one leaf is read: its own options, else those of the coalesce around it."""

    strip: str | None = None
    extract: str | None = None
    codes: dict[str, str | None] | None = None
    formats: tuple[str, ...] = ("iso",)
    missing: tuple[str, ...] = ()
    is_pseudonym: bool = False

    @classmethod
    def of(cls, spec: ColumnSpec, outer: _Rules | None = None) -> _Rules:
        """The options of ``spec``; what it leaves unsaid it takes from ``outer``."""
        own = {
            name: getattr(spec, name) for name in cls.__dataclass_fields__ if name in spec.model_fields_set
        }
        return cls(**{**(outer.__dict__ if outer else {}), **own})


@dataclass
class _Leaf:
    """One text to be typed: ``raw`` is what stood in the file, ``text`` the same before the leaf's rules."""

    raw: str
    text: str
    rules: _Rules


@dataclass
class _Column:
    name: str
    kind: ColumnType
    leaves: list[_Leaf] = field(default_factory=list)
    is_open: bool = False


class RecordColumns:
    """The SQL of one record; every column is a value ``v_<name>``, a reason number ``b_<name>``."""

    def __init__(
        self, record: Record, group: RowGroup, facts: FileFacts, only: Sequence[str] | None = None
    ) -> None:
        """Compile all mapped columns and ``latest_by``, or the columns ``only`` (used for ``changes_of``)."""
        self._rows = group.layout
        self._plain = group.plain
        self._facts = facts
        self._cells: dict[str, str] = {}
        kinds = record.record_kind.columns
        wanted = [name for name in kinds if name in record.columns and (only is None or name in only)]
        self._columns = [self._column(name, kinds[name], record.columns[name]) for name in wanted]
        self.has_latest_by = record.latest_by is not None
        if record.latest_by:
            cell = self._header_cell(record.latest_by.headers)
            leaf = _Leaf(cell, cell, _Rules(formats=record.latest_by.formats))
            kind = _LATEST_TYPES[record.latest_by.type]
            self._columns.append(_Column(LATEST_BY, kind, [leaf], is_open=kind == "label"))

    @property
    def names(self) -> list[str]:
        """The compiled columns in the order of the kind; ``latest_by`` last where the record has it."""
        return [column.name for column in self._columns]

    @property
    def open_labels(self) -> list[str]:
        """Columns that take short text as it stands in the file: in a shifted row it could be a name."""
        return [column.name for column in self._columns if column.is_open]

    # -------------------------------------------------------------------------------- compiling

    def cell_sql(self, spellings: Sequence[str]) -> str:
        """Inline SQL of a cleaned cell, NULL where the value is missing or the (optional) column is."""
        place = self._rows.find(spellings)
        return _NULL if place is None else self._cleaned(place)

    def _cleaned(self, place: str) -> str:
        cleaned = f"nullif({place}, '')" if place in self._plain else clean_text(place)
        return _without(cleaned, self._facts.source_map.missing)

    def _header_cell(self, spellings: Sequence[str]) -> str:
        place = self._rows.find(spellings)
        if place is None:
            return _NULL
        return self._cells.setdefault(place, f"n_{place}")

    def _column(self, name: str, kind: ColumnType, spec: ColumnSpec) -> _Column:
        column = _Column(name, kind)
        takes_label = kind == "label" or (kind == "person" and spec.is_pseudonym)
        for member, rules in _members(spec, None):
            raw, text = self._leaf_text(name, member, rules)
            column.leaves.append(_Leaf(raw, text, rules))
            column.is_open |= (
                takes_label and not rules.codes and (bool(member.headers) or member.concat is not None)
            )
        return column

    def _leaf_text(self, column: str, spec: ColumnSpec, rules: _Rules) -> tuple[str, str]:
        """(raw text, text that the leaf's rules apply to) of a leaf or a concat."""
        if spec.concat is None:
            sql = self._source(column, spec, rules)
            return sql, sql
        raws, texts = [], []
        for piece in spec.concat:
            raw_parts, text_parts = [], []
            for member, piece_rules in _members(piece, None):
                raw, text = self._leaf_text(column, member, piece_rules)
                cleaned = _extracted(_stripped(text, piece_rules, self._missing(piece_rules)), piece_rules)
                raw_parts.append(raw)
                text_parts.append(_coded(cleaned, piece_rules.codes))
            raws.append(_first(raw_parts))
            texts.append(_first(text_parts))
        return " || ".join(raws), " || ".join(texts)

    def _source(self, column: str, spec: ColumnSpec, rules: _Rules) -> str:
        if spec.headers:
            return self._header_cell(spec.headers)
        if spec.constant is not None:
            return literal(spec.constant.strip() or None)
        if spec.value == "path":
            return self._file_value(column, self._facts.file, rules, spec)
        if spec.value == "title":
            return self._file_value(column, "\n".join(self._facts.titles), rules, spec)
        return _ROW_VALUES[spec.value or ""]

    def _file_value(self, column: str, text: str, rules: _Rules, spec: ColumnSpec) -> str:
        """A text that holds for the whole file: where its pattern does not match, nothing can be read."""
        text = unicodedata.normalize("NFC", text)
        if rules.extract is not None and path_value(text, rules.extract) is None:
            if spec.optional:
                return _NULL
            raise ReadError(
                self._facts.file,
                f"{spec.value} does not match «{rules.extract}» for column {column}; correct the map",
            )
        return literal(text or None)

    def _missing(self, rules: _Rules) -> tuple[str, ...]:
        return (*self._facts.source_map.missing, *rules.missing)

    def _formats(self, leaf: _Leaf) -> list[DateFormat]:
        formats = [parse_date_format(text) for text in leaf.rules.formats]
        if leaf.text in _OWN_CLOCK:
            return [DateFormat("iso")]
        if self._facts.has_date_cells and not any(one.kind == "iso" for one in formats):
            # A date cell of a spreadsheet arrives as ISO, whatever format its text neighbours have.
            formats.append(DateFormat("iso"))
        return formats

    # -------------------------------------------------------------------------------- the query

    def select(self, relation: str, with_raw: bool = False) -> str:
        """The query over ``relation``: rid, file_no, row_no, ``v_…``, ``b_…`` and, if asked, ``raw_…``."""
        missing = self._facts.source_map.missing
        layers = [
            # Two layers: NULLIF and CASE repeat their argument, and cleaning is what costs.
            [
                f"{place if place in self._plain else trimmed_text(place)} as m_{place}"
                for place in self._cells
            ],
            [f"{_without(f'm_{place}', ('', *missing))} as {name}" for place, name in self._cells.items()],
        ]
        steps: list[list[str]] = [[], [], [], [], [], [], []]
        for number, (column, leaf) in enumerate(self._all_leaves()):
            timezone = self._facts.source_map.timezone
            rules = leaf.rules
            is_free = rules.extract is not None
            known = _known_codes(f"e{number}", rules.codes)
            steps[0].append(f"{_stripped(leaf.text, rules, self._missing(rules))} as s{number}")
            # Two layers again: what is extracted is looked at before it is cleaned.
            steps[1].append(f"{_found(f's{number}', rules)} as x{number}")
            cleaned = f"nullif({trimmed_text(f'x{number}')}, '')" if is_free else f"x{number}"
            steps[2].append(f"{cleaned} as e{number}")
            steps[3].append(f"{_coded(f'e{number}', rules.codes)} as t{number}")
            parsed = parsed_value(
                column.kind, f"t{number}", self._formats(leaf), timezone, rules.is_pseudonym
            )
            steps[4].append(f"{parsed} as p{number}")
            steps[5].append(
                f"{canonical_text(column.kind, f'p{number}', is_free, rules.is_pseudonym)} as v{number}"
            )
            unread = f"({leaf.raw}) is not null" if leaf.raw != leaf.text else "false"
            steps[6].append(
                f"cast(case when v{number} is not null then 0"
                f" when s{number} is null then case when {unread} then {NUMBER_OF['no_match']} else 0 end"
                f" when e{number} is null then {NUMBER_OF['no_match']}"
                f" when not ({known}) then {NUMBER_OF['unknown_code']}"
                f" when t{number} is null then 0"
                f" else {misfit_reason(column.kind, f't{number}')} end as utinyint) as b{number}"
            )
        query = f"select * from {relation}"
        for layer in [*layers, *steps]:
            if layer:
                query = f"select *, {', '.join(layer)} from ({query})"
        results = "".join(f", {sql}" for sql in self._results(with_raw))
        return f"select rid, file_no, row_no{results} from ({query})"

    def _all_leaves(self) -> list[tuple[_Column, _Leaf]]:
        return [(column, leaf) for column in self._columns for leaf in column.leaves]

    def _results(self, with_raw: bool) -> Iterator[str]:
        """Per column the first value; the first bad cell on the way to it; that cell's text."""
        number = 0
        for column in self._columns:
            numbers = list(range(number, number + len(column.leaves)))
            number += len(numbers)
            yield f"{_first([f'v{one}' for one in numbers])} as v_{column.name}"
            cases, raws = [], []
            for place, one in enumerate(numbers):
                earlier = " and ".join(f"v{before} is null" for before in numbers[:place]) or "true"
                cases.append(f"when {earlier} and b{one} > 0 then b{one}")
                raw = column.leaves[place].raw
                raws.append(f"when {earlier} and b{one} > 0 then coalesce({raw}, s{one})")
            yield f"cast(case {' '.join(cases)} else 0 end as utinyint) as b_{column.name}"
            if with_raw:
                yield f"case {' '.join(raws)} end as raw_{column.name}"


# ------------------------------------------------------------------------------------ small SQL


def _members(spec: ColumnSpec, outer: _Rules | None) -> list[tuple[ColumnSpec, _Rules]]:
    """The leaves of nested coalesces in their order, each with the rules that hold for it."""
    rules = _Rules.of(spec, outer)
    if spec.coalesce is None:
        return [(spec, rules)]
    return [leaf for member in spec.coalesce for leaf in _members(member, rules)]


def _without(sql: str, missing: Sequence[str]) -> str:
    tokens = dict.fromkeys(unicodedata.normalize("NFC", token).strip() for token in missing)
    if not tokens:
        return sql
    # A date cell of a spreadsheet carries a time, although the map names the day only.
    days = [f"{token} 00:00:00" for token in tokens if _DAY.fullmatch(token)]
    listed = ", ".join(literal(token) for token in [*tokens, *days])
    return f"case when {sql} in ({listed}) then null else {sql} end"


def _stripped(sql: str, rules: _Rules, missing: Sequence[str]) -> str:
    if rules.strip:
        # Missing values may stand inside or outside the characters that are stripped.
        sql = f"nullif(trim({_without(sql, missing)}, {literal(rules.strip)}), '')"
        return _without(sql, missing)
    return _without(sql, rules.missing)


def _extracted(sql: str, rules: _Rules) -> str:
    return sql if rules.extract is None else clean_text(_found(sql, rules))


def _found(sql: str, rules: _Rules) -> str:
    if rules.extract is None:
        return sql
    group = 1 if re.compile(rules.extract).groups else 0
    return f"regexp_extract({sql}, {literal(rules.extract)}, {group})"


def _coded(sql: str, codes: dict[str, str | None] | None) -> str:
    if not codes:
        return sql
    cases = " ".join(f"when {_code(code)} then {literal(value)}" for code, value in codes.items())
    return f"case lower({sql}) {cases} else null end"


def _known_codes(sql: str, codes: dict[str, str | None] | None) -> str:
    return "true" if not codes else f"lower({sql}) in ({', '.join(_code(code) for code in codes)})"


def _code(text: str) -> str:
    return f"lower({clean_text(literal(text))})"


def _first(parts: Sequence[str]) -> str:
    return f"coalesce({', '.join(parts)})" if len(parts) > 1 else parts[0]
