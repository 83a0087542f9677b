"""What changed between two releases and why: tables by rows and hash, indicators value by value.

Reads manifests and Parquet of the releases only; the printing functions need a terminal library, lazily.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.home import Home
from dagster_project.publish.fingerprint import changed_parts
from dagster_project.publish.literals import text
from dagster_project.publish.manifest import Manifest, list_releases, release_manifest

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["ReleaseDiff", "diff_releases", "list_releases", "print_diff", "print_releases"]

_INDICATOR_KEYS = ("period_key", "unit_id", "scope", "field_code", "indicator_code", "rule_version")


@dataclass(frozen=True)
class TableChange:
    """Rows before and after (None: the table is not there) of a table whose content differs."""

    table: str
    old_rows: int | None
    new_rows: int | None


@dataclass(frozen=True)
class ValueChange:
    """An indicator whose value or counts (numerator, denominator) differ; ``key`` holds its key columns."""

    key: Mapping[str, str]
    old_value: float | None
    new_value: float | None
    old_counts: tuple[float | None, float | None]
    new_counts: tuple[float | None, float | None]


@dataclass(frozen=True)
class ReleaseDiff:
    """All differences from release ``old`` to release ``new``.

    ``reasons``: what went into the build and differs (files, maps, models, as-of, …). Indicator rows that
    only one release has are counted (``added``, ``removed``), not listed.
    """

    old: str
    new: str
    reasons: list[str]
    tables: list[TableChange]
    values: list[ValueChange]
    added: int
    removed: int

    @property
    def is_equal(self) -> bool:
        return not self.tables


def diff_releases(home: Home, old: str, new: str) -> ReleaseDiff:
    """Compare two releases by their ids. Raises ConfigError for an unknown id."""
    before, after = release_manifest(home, old), release_manifest(home, new)
    values, added, removed = _indicator_changes(home, old, new)
    return ReleaseDiff(
        old, new, _reasons(before, after), _table_changes(before, after), values, added, removed
    )


def _reasons(before: Manifest, after: Manifest) -> list[str]:
    def files(manifest: Manifest) -> dict[str, str]:
        return {str(source["file"]): str(source["sha256"]) for source in manifest.sources}

    reasons = changed_parts({"parts": {"files": files(before)}}, {"parts": {"files": files(after)}})
    reasons += changed_parts(before.fingerprint, after.fingerprint)
    if before.as_of_on != after.as_of_on:
        reasons.append(f"as-of day ({before.as_of_on} to {after.as_of_on})")
    return reasons


def _table_changes(before: Manifest, after: Manifest) -> list[TableChange]:
    def rows(manifest: Manifest, table: str) -> int | None:
        return int(manifest.tables[table]["rows"]) if table in manifest.tables else None

    def content(manifest: Manifest, table: str) -> Any:
        return manifest.tables.get(table, {}).get("content_hash")

    return [
        TableChange(table, rows(before, table), rows(after, table))
        for table in sorted(before.tables.keys() | after.tables.keys())
        if content(before, table) != content(after, table)
    ]


def _indicator_changes(home: Home, old: str, new: str) -> tuple[list[ValueChange], int, int]:
    before, after = (_parquet(home, each) for each in (old, new))
    if not before.exists() or not after.exists():
        return [], 0, 0
    keys = ", ".join(_INDICATOR_KEYS)
    with duckdb.connect() as connection:
        compared = connection.sql(
            f"""
            select {keys},
                old_rows.is_here is not null as was_there, new_rows.is_here is not null as is_there,
                old_rows.value, new_rows.value,
                old_rows.numerator, old_rows.denominator, new_rows.numerator, new_rows.denominator
            from (select *, true as is_here from read_parquet({text(before)})) as old_rows
            full join (select *, true as is_here from read_parquet({text(after)})) as new_rows
                using ({keys})
            where old_rows.is_here is null or new_rows.is_here is null
                or old_rows.value is distinct from new_rows.value
                or old_rows.numerator is distinct from new_rows.numerator
                or old_rows.denominator is distinct from new_rows.denominator
            order by {keys}
            """
        ).fetchall()
    width = len(_INDICATOR_KEYS)
    changed = []
    added = removed = 0
    for row in compared:
        was_there, is_there, *cells = row[width:]
        if was_there and is_there:
            old_value, new_value, *counts = (None if cell is None else float(cell) for cell in cells)
            pairs = (counts[0], counts[1]), (counts[2], counts[3])
            changed.append(
                ValueChange(dict(zip(_INDICATOR_KEYS, row, strict=False)), old_value, new_value, *pairs)
            )
        added += not was_there
        removed += not is_there
    return changed, added, removed


def print_releases(home: Home, console: Console | None = None) -> None:
    """Print all releases, newest first; the published one is marked."""
    from rich.console import Console
    from rich.table import Table

    out = console or Console()
    entries = list_releases(home)
    if not entries:
        out.print("no release yet; run cchc refresh", highlight=False)
        return
    table = Table(box=None, pad_edge=False)
    for label in ("", "release", "released at", "as of", "rows", "content"):
        table.add_column(label, no_wrap=True, justify="right" if label == "rows" else "left")
    for entry in reversed(entries):
        synthetic = " (synthetic)" if entry.is_synthetic else ""
        table.add_row(
            "▶" if entry.is_current else "",
            entry.release_id,
            entry.created_at[:16].replace("T", " "),
            f"{entry.as_of_on}{synthetic}",
            f"{entry.row_count:,}",
            entry.content_hash[:8],
        )
    out.print(table)


def print_diff(home: Home, old: str, new: str, console: Console | None = None, limit: int = 50) -> None:
    """Print what changed between two releases; at most ``limit`` indicator values."""
    from rich.console import Console
    from rich.table import Table

    out = console or Console()
    diff = diff_releases(home, old, new)
    out.print(
        f"because of: {'; '.join(diff.reasons) or 'nothing that is recorded'}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    if diff.is_equal:
        out.print("equal content in every table")
        return
    tables = Table("table", "rows before", "rows after", box=None, pad_edge=False)
    for change in diff.tables:
        tables.add_row(change.table, _count(change.old_rows), _count(change.new_rows))
    out.print(tables)
    out.print(
        f"indicators: {len(diff.values)} changed, {diff.added} added, {diff.removed} gone", highlight=False
    )
    if not diff.values:
        return
    values = Table("period", "unit", "scope", "indicator", "before", "after", box=None, pad_edge=False)
    for value in diff.values[:limit]:
        key = value.key
        indicator = f"{key['indicator_code']} {key['rule_version']}"
        if key["field_code"] != "all":
            indicator += f" {key['field_code']}"
        values.add_row(
            key["period_key"],
            key["unit_id"],
            key["scope"],
            indicator,
            _value(value.old_value, value.old_counts),
            _value(value.new_value, value.new_counts),
        )
    out.print(values)
    if len(diff.values) > limit:
        out.print(f"and {len(diff.values) - limit} more", highlight=False)


def _parquet(home: Home, release_id: str) -> Path:
    return home.releases / release_id / "parquet" / "fct_indicators.parquet"


def _count(rows: int | None) -> str:
    return "–" if rows is None else f"{rows:,}"


def _value(value: float | None, counts: tuple[float | None, float | None]) -> str:
    shown = "–" if value is None else f"{value:.4f}"
    if counts[0] is None or counts[1] is None:
        return shown
    return f"{shown} ({counts[0]:g}/{counts[1]:g})"
