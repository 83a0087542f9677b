"""How the home stands: what is published, how the last run ended, how fresh each source is, what is missing.

Reads only; works before the first run, after a blocked one, and while another run builds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.errors import CchcError
from dagster_project.home import Home
from dagster_project.publish.manifest import Manifest, published_manifest, release_ids

if TYPE_CHECKING:
    from rich.console import Console

    from dagster_project.settings import Settings


@dataclass(frozen=True)
class LastRun:
    """The newest run folder: ``outcome`` is one line, ``findings`` the blocking ones, a line each."""

    run_id: str
    outcome: str
    findings: list[str]


@dataclass(frozen=True)
class Status:
    """All that ``cchc status`` shows. ``data_through``: newest extraction moment per source, None if none."""

    published: Manifest | None
    is_rolled_back: bool
    last_run: LastRun | None
    data_through: dict[str, str | None] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


def status(home: Home, sources: Mapping[str, bool] | None = None) -> Status:
    """Collect the status. ``sources``: every source with a map, True where it is required."""
    published = published_manifest(home)
    releases = release_ids(home)
    fresh, unreadable = _from_warehouse(home)
    if fresh is None:
        fresh = dict(published.data_through) if published else {}
    data_through: dict[str, str | None] = dict.fromkeys(sorted({*fresh, *(sources or {})}))
    data_through.update(fresh)
    missing = [
        f"{source}: {'required, ' if is_required else ''}no file loaded yet"
        for source, is_required in sorted((sources or {}).items(), key=lambda each: (not each[1], each[0]))
        if data_through[source] is None
    ]
    return Status(
        published=published,
        is_rolled_back=published is not None and bool(releases) and published.release_id != releases[-1],
        last_run=_last_run(home),
        data_through=data_through,
        missing=missing + unreadable,
    )


def _last_run(home: Home) -> LastRun | None:
    folders = sorted(path for path in home.runs.glob("*") if path.is_dir())
    if not folders:
        return None
    folder = folders[-1]
    verdict = _json(folder / "verdict.json")
    errors = (_json(folder / "ingest.json") or {}).get("errors", [])
    lines = [
        f"{each.get('file')}: {each.get('reason') or each.get('error') or 'unreadable'}" for each in errors
    ]
    if verdict is None:
        return LastRun(folder.name, f"ended before the verdict; see {folder / 'log'}", lines)
    blocking = [_finding(each) for each in verdict.get("blocking", [])]
    release = _json(folder / "release.json")
    if verdict.get("is_publishable"):
        published = f"published {release['release_id']}" if release else "good, not published"
        return LastRun(folder.name, f"{published}; {verdict.get('summary', '')}", lines)
    return LastRun(folder.name, str(verdict.get("summary", "blocked")), blocking + lines)


def _finding(result: Mapping[str, Any]) -> str:
    place = ".".join(str(each) for each in (result.get("table_name"), result.get("column_name")) if each)
    return f"{place} ({result.get('suite')}.{result.get('expectation_id')}): {result.get('message')}"


def _from_warehouse(home: Home) -> tuple[dict[str, str] | None, list[str]]:
    """Newest extraction moment per source, and unreadable files; None while a run holds the file."""
    if not home.warehouse.exists():
        return None, []
    committed = "_dlt_load_id in (select load_id from raw._dlt_loads where status = 0)"
    try:
        with duckdb.connect(str(home.warehouse), read_only=True) as connection:
            fresh = connection.execute(
                f"""
                select source, max(extracted_at) from raw.ingest_outcomes
                where status = 'loaded' and extracted_at is not null and {committed} group by source
                """
            ).fetchall()
            # Only what is still unreadable: a file that was read later, or replaced, is mended.
            unreadable = connection.execute(
                f"""
                select file, error from raw.ingest_outcomes where {committed}
                qualify row_number() over (partition by file order by _dlt_load_id desc) = 1
                    and status = 'unreadable'
                order by file
                """
            ).fetchall()
    except duckdb.Error:
        return None, []
    return dict(fresh), [f"{file}: unreadable ({error})" for file, error in unreadable]


def print_status(settings: Settings, console: Console | None = None) -> None:
    """Print the status of the home of ``settings``, with the source maps of its folder."""
    from rich.console import Console

    out = console or Console()
    sources: dict[str, bool] = {}
    problems: list[str] = []
    try:
        from dagster_project.ingest.load_maps import load_maps

        sources = {each.source: each.required for each in load_maps(settings.sources)}
    except CchcError as error:
        problems.append(str(error))
    found = status(settings.place, sources)
    for line in render_status(found, problems):
        out.print(line, highlight=False, markup=False, soft_wrap=True)


def render_status(found: Status, problems: list[str] | None = None) -> list[str]:
    """The lines of ``cchc status``; ``problems`` are shown among what is missing."""
    lines = [_published_line(found)]
    if found.last_run is None:
        lines.append("last run:  none; run cchc refresh")
    else:
        lines.append(f"last run:  {found.last_run.run_id}: {found.last_run.outcome}")
        lines += [f"           - {finding}" for finding in found.last_run.findings]
    lines.append("data through:" if found.data_through else "data through: no source known")
    width = max((len(source) for source in found.data_through), default=0)
    lines += [
        f"           {source:<{width}}  {moment[:16] if moment else '–'}"  # to the minute
        for source, moment in found.data_through.items()
    ]
    missing = [*found.missing, *(problems or [])]
    lines.append("missing:" if missing else "missing:   nothing")
    lines += [f"           - {each}" for each in missing]
    return lines


def _published_line(found: Status) -> str:
    if found.published is None:
        return "published: nothing yet"
    manifest = found.published
    line = f"published: {manifest.release_id}, as of {manifest.as_of_on}"
    if manifest.is_synthetic:
        line += ", SYNTHETIC data"
    if found.is_rolled_back:
        line += ", rolled back (newer releases exist)"
    return line


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
