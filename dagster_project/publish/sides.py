"""The releases that a comparison looks at, as SQL: tables of older releases and of the one that is now.

Tables and columns that an old release lacks read as empty, so that releases of every version compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dagster_project.home import Home
from dagster_project.publish.fingerprint import changed_parts
from dagster_project.publish.literals import text
from dagster_project.publish.manifest import Manifest, release_manifest
from dagster_project.publish.pointer import PARQUET

# Columns that a comparison reads, with their types.
_TABLES = """
fct_dossier_verdicts: dossier_key bigint, indicator_code varchar, rule_version varchar, period_key
  varchar, in_numerator bigint, in_denominator bigint;
fct_dossiers: dossier_key bigint, dossier_code varchar, source varchar, unit_id varchar, unit_code
  varchar, field_code varchar, procedure_code varchar, channel varchar, submitted_at timestamp,
  received_at timestamp, original_due_at timestamp, due_at timestamp, finished_at timestamp, paused_days
  double, supplement_count bigint, reappointment_count bigint, is_counted boolean;
fct_documents: document_key bigint, unit_id varchar, direction varchar, registered_on date, due_on date,
  answered_on date;
fct_results: result_key bigint, unit_id varchar, field_code varchar, issued_on date, valid_to_on date,
  is_electronic boolean, is_digitized boolean, digitized_on date, is_deleted_at_source boolean;
fct_petitions: petition_key bigint, unit_id varchar, due_on date, answered_at timestamp, is_satisfied
  boolean, is_transferred_out boolean, is_deleted_at_source boolean;
fct_restatements: period_key varchar, unit_id varchar, scope varchar, field_code varchar, indicator_code
  varchar, rule_version varchar, cause_code varchar, published_release_id varchar,
  published_rule_version varchar, published_numerator bigint, published_denominator bigint,
  published_value double, numerator bigint, denominator bigint, value double, numerator_change bigint,
  denominator_change bigint, case_count bigint, files varchar;
fct_restatement_dossiers: dossier_key bigint, dossier_code varchar, period_key varchar, indicator_code
  varchar, rule_version varchar, published_release_id varchar, cause_code varchar, changes varchar,
  files varchar, since_release_id varchar, published_unit_id varchar, published_field_code varchar,
  published_in_numerator bigint, published_in_denominator bigint, unit_id varchar, field_code varchar,
  in_numerator bigint, in_denominator bigint;
fct_indicators: period_key varchar, unit_id varchar, scope varchar, field_code varchar, indicator_code
  varchar, rule_version varchar, numerator bigint, denominator bigint, value double, status varchar,
  published_release_id varchar, published_rule_version varchar;
dim_indicators: indicator_code varchar, rule_version varchar, is_reckoned boolean, rule_model varchar,
  replaces_version varchar, definition_fingerprint varchar;
dim_periods: period_key varchar, starts_on date, ends_on date;
bridge_unit_ancestors: ancestor_unit_id varchar, descendant_unit_id varchar, valid_from_on date,
  valid_to_on date;
bridge_unit_successions: old_unit_id varchar, new_unit_id varchar;
ingest_outcomes: sha256 varchar, source varchar, record_kind varchar;
"""
COLUMNS: Mapping[str, Mapping[str, str]] = {
    table.strip(): dict(column.split() for column in columns.split(","))
    for table, columns in (line.split(":") for line in _TABLES.strip().rstrip(";").split(";"))
}


@dataclass(frozen=True)
class Side:
    """One release: what it rests on. ``parts``: the parts of its fingerprint; ``files``: name and SHA-256."""

    release_id: str
    files: Sequence[Mapping[str, Any]]
    parts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, manifest: Manifest) -> Side:
        return cls(manifest.release_id, manifest.sources, manifest.fingerprint.get("parts", {}))

    def changed_since(self, old: Side, parts: Iterable[str]) -> bool:
        """Does any of these parts of the fingerprint differ?"""
        chosen = tuple(parts)

        def content(side: Side) -> dict[str, Any]:
            return {"parts": {part: side.parts.get(part, {}) for part in chosen}}

        return bool(changed_parts(content(old), content(self)))


@dataclass(frozen=True)
class Sides:
    """Older releases of a home beside the one that is ``now``.

    ``place`` says where the tables of ``now`` are: a schema of the open connection, or the folder of its
    Parquet files.
    """

    home: Home
    now: Side
    place: str | Path

    def old(self, release_id: str) -> Side:
        return Side.of(release_manifest(self.home, release_id))

    def has(self, release_id: str, table: str) -> bool:
        """Has that older release this table?"""
        return (self.home.releases / release_id / PARQUET / f"{table}.parquet").exists()

    def table(self, name: str) -> str:
        """SQL of a table as it is now, in parentheses."""
        if isinstance(self.place, Path):
            return _read(name, {self.place: None})
        return f"(select {', '.join(COLUMNS[name])} from {self.place}.{name})"

    def older(self, name: str, release_ids: Iterable[str]) -> str:
        """SQL of a table in each of these releases, with ``release_id``, in parentheses."""
        folders = {self.home.releases / each / PARQUET: each for each in sorted(set(release_ids))}
        return _read(name, folders, with_release=True)


def _read(table: str, folders: Mapping[Path, str | None], with_release: bool = False) -> str:
    """Rows of a table in some folders, with the columns wanted; those that a folder lacks are NULL."""
    columns = {**COLUMNS[table], **({"release_id": "varchar"} if with_release else {})}
    typed = ", ".join(f"null::{kind} as {name}" for name, kind in columns.items())
    found = {folder / f"{table}.parquet": release for folder, release in folders.items()}
    found = {path: release for path, release in found.items() if path.exists()}
    rows = "" if not found else f"union all by name {_parquet(found)}"
    return f"(select {', '.join(columns)} from (select {typed} where false {rows}))"


def _parquet(found: Mapping[Path, str | None]) -> str:
    files = f"[{', '.join(text(path) for path in found)}]"
    if None in found.values():
        return f"(from read_parquet({files}))"
    names = ", ".join(f"({text(path)}, {text(release)})" for path, release in found.items())
    return f"""(
        select rows_of_all.* exclude (filename), releases.release_id
        from read_parquet({files}, union_by_name = true, filename = true) as rows_of_all
        inner join (values {names}) as releases (filename, release_id) using (filename)
    )"""
