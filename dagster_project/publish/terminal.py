"""``cchc releases list`` and ``diff``, on the terminal."""

from __future__ import annotations

import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from dagster_project.errors import ConfigError
from dagster_project.home import Home
from dagster_project.publish.diff import Cause, ReleaseDiff, diff_releases
from dagster_project.publish.manifest import list_releases
from dagster_project.publish.sign_offs import sign_offs


def print_releases(home: Home, console: Console | None = None) -> None:
    """Print all releases, newest first; the published one is marked."""
    out = console or Console()
    entries = list_releases(home)
    if not entries:
        out.print("no release yet; run cchc refresh", highlight=False)
        return
    table = Table(box=None, pad_edge=False)
    for label in ("", "release", "released at", "as of", "rows"):
        # An identifier is copied from here, so it is never cut.
        table.add_column(
            label,
            no_wrap=True,
            justify="right" if label == "rows" else "left",
            min_width=24 if label == "release" else None,
        )
    for entry in reversed(entries):
        synthetic = " (synthetic)" if entry.is_synthetic else ""
        table.add_row(
            "▶" if entry.is_current else "",
            entry.release_id,
            entry.created_at[:16].replace("T", " "),
            f"{entry.as_of_on}{synthetic}",
            f"{entry.row_count:,}",
        )
    out.print(table)
    for entry in reversed(entries):
        for each in sign_offs(home, entry.release_id):
            out.print(
                f"signed off: {entry.release_id} by {each.label}",
                highlight=False,
                markup=False,
                soft_wrap=True,
            )


def print_diff(
    home: Home,
    old: str,
    new: str,
    console: Console | None = None,
    limit: int = 50,
    output: str = "table",
) -> None:
    """Print what changed between two releases: a table with at most ``limit`` rows, or all of it as JSON."""
    if output not in ("table", "json"):
        raise ConfigError(f"--format {output}: table or json")
    out = console or Console()
    diff = diff_releases(home, old, new)
    if output == "json":
        out.print_json(json.dumps(asdict(diff), ensure_ascii=False))
        return
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
        f"indicators: {len(diff.values) - diff.removed} changed, {diff.added} added, {diff.removed} gone",
        highlight=False,
    )
    if not diff.values:
        return
    values = Table(
        "period", "unit", "scope", "indicator", "before", "after", "because of", box=None, pad_edge=False
    )
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
            "; ".join(_cause(cause) for cause in value.causes),
        )
    out.print(values)
    if len(diff.values) > limit:
        out.print(f"and {len(diff.values) - limit} more (--format json has all)", highlight=False)
    _print_dossiers(out, diff, limit)


def _print_dossiers(out: Console, diff: ReleaseDiff, limit: int) -> None:
    if not diff.dossiers:
        return
    out.print(f"dossiers: {len({each.dossier_code for each in diff.dossiers})}", highlight=False)
    dossiers = Table("dossier", "cause", "what changed", "files", "verdicts", box=None, pad_edge=False)
    for each in diff.dossiers[:limit]:
        dossiers.add_row(
            each.dossier_code, each.cause, each.changes or "–", each.files or "–", str(each.figures)
        )
    out.print(dossiers)
    if len(diff.dossiers) > limit:
        out.print(f"and {len(diff.dossiers) - limit} more (--format json has all)", highlight=False)


def _cause(cause: Cause) -> str:
    counts = [cause.numerator_change, cause.denominator_change]
    moved = "/".join(f"{count:+g}" for count in counts if count is not None)
    return f"{cause.code} {moved}" + (f" ({cause.files})" if cause.files else "")


def _count(rows: int | None) -> str:
    return "–" if rows is None else f"{rows:,}"


def _value(value: float | None, counts: tuple[float | None, float | None]) -> str:
    shown = "–" if value is None else f"{value:.4f}"
    if counts[0] is None or counts[1] is None:
        return shown
    return f"{shown} ({counts[0]:g}/{counts[1]:g})"
