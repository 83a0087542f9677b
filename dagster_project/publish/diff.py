"""What changed between two releases and why: tables by rows and hash, figures down to files and dossiers.

Reads manifests and Parquet of the releases, and for the files of a dossier the loaded rows of the working
warehouse, where it is at hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from dagster_project.home import Home
from dagster_project.publish.causes import FIGURE_KEYS
from dagster_project.publish.fingerprint import changed_parts
from dagster_project.publish.literals import text
from dagster_project.publish.manifest import Manifest, release_manifest
from dagster_project.publish.pointer import PARQUET
from dagster_project.publish.restatements import explain
from dagster_project.publish.sides import Side, Sides


@dataclass(frozen=True)
class TableChange:
    """Rows before and after (None: the table is not there) of a table whose content differs."""

    table: str
    old_rows: int | None
    new_rows: int | None


@dataclass(frozen=True)
class Cause:
    """One cause of a changed figure: what it adds to numerator and denominator, and where it comes from.

    ``code`` as in fct_restatements; ``new_file`` is a late file of a period that was still open.
    """

    code: str
    numerator_change: float | None
    denominator_change: float | None
    case_count: int
    files: str | None


@dataclass(frozen=True)
class ValueChange:
    """An indicator whose value or counts (numerator, denominator) differ; ``key`` holds its key columns."""

    key: Mapping[str, str]
    old_value: float | None
    new_value: float | None
    old_counts: tuple[float | None, float | None]
    new_counts: tuple[float | None, float | None]
    causes: tuple[Cause, ...] = ()


@dataclass(frozen=True)
class DossierChange:
    """A dossier that counts otherwise: ``figures``: how many verdicts it changed."""

    dossier_code: str
    cause: str
    changes: str | None
    files: str | None
    figures: int


@dataclass(frozen=True)
class ReleaseDiff:
    """All differences from release ``old`` to release ``new``.

    ``reasons``: what went into the build and differs (files, maps, models, as-of, …). Figures that are gone
    are among ``values``, without a value now; those that only the new release has are counted (``added``).
    """

    old: str
    new: str
    reasons: list[str]
    tables: list[TableChange]
    values: list[ValueChange]
    dossiers: list[DossierChange]
    added: int
    removed: int

    @property
    def is_equal(self) -> bool:
        return not self.tables


def diff_releases(home: Home, old: str, new: str) -> ReleaseDiff:
    """Compare two releases by their ids. Raises ConfigError for an unknown id."""
    before, after = release_manifest(home, old), release_manifest(home, new)
    sides = Sides(home, Side.of(after), home.releases / new / PARQUET)
    with duckdb.connect() as connection:
        added, removed = _select_figures(connection, sides, old)
        values: list[ValueChange] = []
        dossiers: list[DossierChange] = []
        if connection.execute("from figures limit 1").fetchone():
            explain(connection, sides, None, _raw(connection, home))
            values, dossiers = _values(connection), _dossiers(connection)
    return ReleaseDiff(
        old, new, _reasons(before, after), _table_changes(before, after), values, dossiers, added, removed
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


def _select_figures(connection: duckdb.DuckDBPyConnection, sides: Sides, old: str) -> tuple[int, int]:
    """``figures``: what the old release has and the new one says otherwise; returns how many came and went.

    A rule version that took the place of another is compared with that one.
    """
    connection.execute(
        f"""
        create or replace temp table in_both as
        with register as (select * from {sides.table("dim_indicators")}),
        successors as (
            select successors.indicator_code, successors.rule_version, successors.replaces_version
            from register as successors
            left join register as replaced
                on successors.indicator_code = replaced.indicator_code
                and successors.replaces_version = replaced.rule_version
            where successors.replaces_version is not null and not coalesce(replaced.is_reckoned, false)
        ),
        earlier as (
            select figures.* exclude (rule_version), figures.rule_version as reference_version,
                coalesce(successors.rule_version, figures.rule_version) as rule_version
            from {sides.older("fct_indicators", [old])} as figures
            left join successors
                on figures.indicator_code = successors.indicator_code
                and figures.rule_version = successors.replaces_version
        ),
        present as (select *, true as is_there from {sides.table("fct_indicators")})
        select {FIGURE_KEYS}, earlier.reference_version, {text(old)} as reference_id,
            earlier.numerator as published_numerator, earlier.denominator as published_denominator,
            earlier.value as published_value, present.numerator, present.denominator, present.value,
            earlier.status = 'provisional' as was_open, present.is_there
        from earlier full join present using ({FIGURE_KEYS})
        where earlier.reference_version is null or present.is_there is null
            or (earlier.numerator, earlier.denominator, earlier.value)
            is distinct from (present.numerator, present.denominator, present.value);
        create or replace temp table figures as
        select * exclude (was_open, is_there) from in_both where reference_version is not null;
        """
    )
    found = connection.execute(
        "select count(*) filter (reference_version is null), count(*) filter (is_there is null) from in_both"
    ).fetchone()
    assert found is not None
    return int(found[0]), int(found[1])


def _raw(connection: duckdb.DuckDBPyConnection, home: Home) -> str | None:
    """The loaded rows; None where there are none, or a run holds the file."""
    if not home.warehouse.exists():
        return None
    try:
        connection.execute(f"attach {text(home.warehouse)} as warehouse (read_only)")
        connection.execute("select 1 from warehouse.raw.dossiers limit 0")
    except duckdb.Error:
        return None
    return "warehouse.raw"


def _values(connection: duckdb.DuckDBPyConnection) -> list[ValueChange]:
    """Changed figures with their causes; those of periods that were closed come first."""
    keys = FIGURE_KEYS.split(", ")
    found = connection.execute(
        f"""
        select {FIGURE_KEYS}, any_value(published_value), any_value(value), any_value(published_numerator),
            any_value(published_denominator), any_value(numerator), any_value(denominator),
            list({{
                'code': case when was_open and cause_code = 'late_file' then 'new_file' else cause_code end,
                'numerator_change': numerator_change::double,
                'denominator_change': denominator_change::double,
                'case_count': case_count, 'files': files
            }} order by case_count desc, cause_code)
        from restatements inner join (select {FIGURE_KEYS}, was_open from in_both) using ({FIGURE_KEYS})
        group by {FIGURE_KEYS} order by bool_or(was_open), {FIGURE_KEYS}
        """
    ).fetchall()
    changes = []
    for row in found:
        old_value, new_value, *counts = (
            None if cell is None else float(cell) for cell in row[len(keys) : len(keys) + 6]
        )
        changes.append(
            ValueChange(
                dict(zip(keys, row, strict=False)),
                old_value,
                new_value,
                (counts[0], counts[1]),
                (counts[2], counts[3]),
                tuple(Cause(**cause) for cause in row[-1]),
            )
        )
    return changes


def _dossiers(connection: duckdb.DuckDBPyConnection) -> list[DossierChange]:
    """Dossiers behind them; those that moved a period that was closed come first."""
    found = connection.execute(
        """
        with periods as (
            select period_key, bool_and(coalesce(was_open, true)) as was_open from in_both group by period_key
        ),
        moved as (
            select coalesce(dossier_code, '?') as dossier_code, changes, files,
                case when was_open and cause_code = 'late_file' then 'new_file' else cause_code end as cause,
                was_open
            from restatement_dossiers inner join periods using (period_key)
        )
        select dossier_code, cause, changes, files, count(*) from moved
        group by dossier_code, cause, changes, files order by bool_and(was_open), dossier_code, cause, changes
        """
    ).fetchall()
    return [DossierChange(*row) for row in found]
