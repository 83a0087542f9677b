"""What the parts of a source map must mean together: columns exist, keys are mapped, options fit the format.

Each rule yields (place in the map, what is wrong and what to do); ``load_maps`` adds file and line.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator

from dagster_project.ingest.grammar import ColumnSpec, Input, Record, SourceMap
from dagster_project.ingest.record_kinds import ColumnType, RecordKind, record_kinds

Place = tuple[str | int, ...]
Problem = tuple[Place, str]

_FORMAT_OPTIONS = {
    "encoding": ("csv",),
    "delimiter": ("csv",),
    "sheet": ("xlsx",),
    "header": ("csv", "xlsx"),
    "totals": ("csv", "xlsx"),
}
_DATES = ("timestamp", "date")


def did_you_mean(name: str, known: Collection[str]) -> str:
    """``; did you mean x?`` for a near name, else the list of what is known."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known)}"


def problems(source_map: SourceMap) -> Iterator[Problem]:
    """All problems of a map whose shape is right, in the order of the map."""
    names: set[str] = set()
    for number, part in enumerate(source_map.inputs):
        place: Place = ("inputs", number)
        if part.name in names:
            yield (*place, "name"), f"two inputs are called {part.name}; give each its own name"
        names.add(part.name)
        yield from _input_problems(place, part)
        for ordinal, record in enumerate(part.records):
            yield from _record_problems((*place, "records", ordinal), record, part)
    at = source_map.extract.at
    if at and at.json_ and not any(part.format == "json" for part in source_map.inputs):
        yield ("extract", "at", "json"), "no input has format json; use path, title or column"
    if at and at.title and not any(part.format in ("csv", "xlsx") for part in source_map.inputs):
        yield ("extract", "at", "title"), "only csv and xlsx have title cells; use path, column or json"


def _input_problems(place: Place, part: Input) -> Iterator[Problem]:
    for option, formats in _FORMAT_OPTIONS.items():
        if option in part.model_fields_set and part.format not in formats:
            yield (*place, option), f"is for format {' and '.join(formats)}, this input is {part.format}"


def _record_problems(place: Place, record: Record, part: Input) -> Iterator[Problem]:
    kinds = record_kinds()
    if record.kind not in kinds:
        yield (*place, "kind"), f"unknown record kind {record.kind}{did_you_mean(record.kind, kinds)}"
        return
    kind = kinds[record.kind]
    yield from _row_problems(place, record, part)
    yield from _key_problems(place, record, kind)
    for name, spec in record.columns.items():
        here = (*place, "columns", name)
        if name not in kind.columns:
            yield here, f"unknown column for {kind.name}{did_you_mean(name, kind.columns)}"
            continue
        yield from _spec_problems(here, spec, kind.columns[name], record, part)


def _row_problems(place: Place, record: Record, part: Input) -> Iterator[Problem]:
    if part.format != "json" and record.rows is not None:
        yield (*place, "rows"), f"is for format json, this input is {part.format}"
    if record.changes_within and not record.changes_of:
        yield (*place, "changes_within"), "goes with changes_of, which is missing"
    if record.changes_of and record.explode:
        yield (*place, "explode"), "cannot stand beside changes_of; write two records"
    for name in record.change_columns if record.changes_of else ():
        if name not in record.columns:
            yield (
                (*place, "changes_within"),
                f"column {name} is not mapped{did_you_mean(name, record.columns)}",
            )


def _key_problems(place: Place, record: Record, kind: RecordKind) -> Iterator[Problem]:
    for name in record.key or ():
        if name not in kind.columns:
            yield (*place, "key"), f"unknown column {name} for {kind.name}{did_you_mean(name, kind.columns)}"
    missing = [name for name in record.key_columns if name in kind.columns and name not in record.columns]
    if missing:
        rest = ", ".join(name for name in record.key_columns if name in record.columns) or "…"
        hint = "" if record.key else f", or say what the key of this source is, like key: [{rest}]"
        yield (
            (*place, "key" if record.key else "columns"),
            (f"key column {', '.join(missing)} of {kind.name} is not mapped; map it{hint}"),
        )
    if kind.place_in_time and not set(kind.place_in_time) & set(record.columns):
        yield (
            (*place, "columns"),
            (f"{kind.name} need a place in time; map at least one of {', '.join(kind.place_in_time)}"),
        )


def _spec_problems(
    place: Place, spec: ColumnSpec, column_type: ColumnType, record: Record, part: Input
) -> Iterator[Problem]:
    if "formats" in spec.model_fields_set and column_type not in _DATES:
        yield (*place, "formats"), f"is for timestamps and dates, this column is a {column_type}"
    if spec.is_pseudonym and column_type != "person":
        yield (*place, "is_pseudonym"), f"is for persons, this column is a {column_type}"
    if spec.value:
        yield from _value_problems((*place, "value"), spec, record, part)
    for header in spec.headers if part.format == "json" else ():
        levels = (record.rows or "").count("[*]")
        if header.count("../") > levels:
            field = "header" if spec.header else "any_of"
            yield (*place, field), f"«{header}» climbs higher than the document; rows has {levels} levels"
    which = "coalesce" if spec.coalesce else "concat"
    for number, member in enumerate(spec.members):
        yield from _spec_problems((*place, which, number), member, column_type, record, part)


def _value_problems(place: Place, spec: ColumnSpec, record: Record, part: Input) -> Iterator[Problem]:
    value = spec.value or ""
    if value.startswith("exploded") and record.explode is None:
        yield place, f"{value} needs explode, which this record does not have"
    if value.startswith("change_") and record.changes_of is None:
        yield place, f"{value} needs changes_of, which this record does not have"
    if value == "change_until" and record.changes_of and record.latest_by is None:
        yield (
            place,
            "change_until is the moment of the next change: say by latest_by which column holds moments",
        )
    if value == "title" and part.format not in ("csv", "xlsx"):
        yield place, f"only csv and xlsx have title cells, this input is {part.format}"
