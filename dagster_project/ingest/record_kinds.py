"""Typed access to ``record_kinds.yml``: what kinds of records there are and the shape of their columns.

What the shapes mean cell by cell is the readers' business; this module only says which column has which.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, cast, get_args

import yaml

from dagster_project.yaml_loader import Loader

ColumnType = Literal["code", "label", "person", "timestamp", "date", "integer", "decimal", "boolean"]
COLUMN_TYPES: tuple[str, ...] = get_args(ColumnType)
RECORD_KINDS_FILE = Path(__file__).with_name("record_kinds.yml")


@dataclass(frozen=True)
class RecordKind:
    """One kind of record; ``columns`` keeps the order of the file, which is the order of the raw table.

    ``key`` is the default natural key, ``place_in_time`` the columns of which one must be filled (empty: a
    row needs no place in time), ``moments`` those that can date an extract without a date of its own.
    ``later`` names the columns that were added after the first release.
    """

    name: str
    key: tuple[str, ...]
    place_in_time: tuple[str, ...]
    moments: tuple[str, ...]
    columns: Mapping[str, ColumnType]
    later: frozenset[str] = frozenset()

    def version(self, mapped: Iterable[str] = ()) -> str:
        """Hash of the definition for a map that fills the columns ``mapped``; part of the map's fingerprint.

        A column added later counts only where it is mapped: else every home would read all its files again.
        """
        counted = [
            (name, shape) for name, shape in self.columns.items() if name not in self.later - set(mapped)
        ]
        content = [self.name, self.key, self.place_in_time, self.moments, counted]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _record_kind(name: str, content: dict[str, object]) -> RecordKind:
    later = cast(dict[str, ColumnType], content.get("later", {}))
    columns = {**cast(dict[str, ColumnType], content["columns"]), **later}
    wrong_types = {str(shape) for shape in columns.values() if shape not in COLUMN_TYPES}
    names = {field: tuple(cast(list[str], content[field])) for field in ("key", "place_in_time", "moments")}
    unknown = {column for group in names.values() for column in group} - set(columns)
    if (
        wrong_types or unknown or set(content) - {"later"} != {*names, "columns"}
    ):  # our own file: a bug, not a user error
        raise AssertionError(f"record_kinds.yml: {name}: {sorted(wrong_types | unknown) or sorted(content)}")
    return RecordKind(name=name, columns=MappingProxyType(columns), later=frozenset(later), **names)


@cache
def record_kinds() -> Mapping[str, RecordKind]:
    """All record kinds by name, in the order of the file; read once per process."""
    content = yaml.load(RECORD_KINDS_FILE.read_text(encoding="utf-8"), Loader=Loader)
    return MappingProxyType({name: _record_kind(name, kind) for name, kind in content.items()})
