"""``cchc refresh``: decide whether anything is new, run the job in this process, say how it ended."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagster_project.errors import BlockedError, ConfigError, of_exit_code
from dagster_project.ingest.landing import landing_files, plan_landing
from dagster_project.ingest.load_maps import load_maps
from dagster_project.ingest.synthetic import refuse_mixture
from dagster_project.publish.fingerprint import changed_parts, is_nothing_new, read_last
from dagster_project.run_state import current_fingerprint
from dagster_project.settings import Settings


@dataclass(frozen=True)
class RefreshOutcome:
    """What a refresh did: ``release_id`` (None when nothing was published), the run folder, why it ran."""

    release_id: str | None
    run_folder: Path | None
    changed: list[str]


def refresh(settings: Settings) -> RefreshOutcome:
    """Refresh the home of ``settings``.

    Returns the outcome when published, nothing new, or ``--no-publish``. Raises BlockedError (gate or
    unreadable required source), ConfigError, or CchcError for any other failure, each one line.
    """
    plan = plan_landing(load_maps(settings.sources), settings.landing_folder)
    if not plan.claimed and not settings.place.warehouse.exists():
        raise ConfigError(
            f"{settings.landing_folder}: no file that a source map reads; drop exports there, or look at"
            " cchc sources check"
        )
    refuse_mixture(plan.claimed, None)  # with what the home already holds: the run itself, under the lock
    current = current_fingerprint(settings, plan)
    if settings.publish and not settings.force and is_nothing_new(settings.place, current):
        return RefreshOutcome(None, None, [])
    changed = changed_parts(read_last(settings.place), current)

    from dagster_project.defs.in_process import run_refresh_job

    outcome = run_refresh_job(settings)
    folder = run_folder(settings, outcome.run_id)
    if outcome.success:
        release = _read(folder, "release")
        return RefreshOutcome(release["release_id"] if release else None, folder, changed)
    verdict = _read(folder, "verdict")
    if verdict and not verdict["is_publishable"]:
        raise BlockedError(blocked_line(verdict))
    reason = outcome.reason or "the refresh failed; see the newest folder in runs/"
    raise of_exit_code(outcome.exit_code, reason)


def landing_is_empty(settings: Settings) -> bool:
    """Is there nothing at all in landing, and no data in the home yet?"""
    folder = settings.landing_folder
    return not settings.place.warehouse.exists() and not (folder.is_dir() and landing_files(folder))


def blocked_line(verdict: dict[str, Any]) -> str:
    """One line for a blocked run: the first blocking finding and how many there are."""
    return f"nothing published, the last publication stays: {verdict['summary']}"


def run_folder(settings: Settings, dagster_run_id: str) -> Path | None:
    """The folder under ``runs/`` of a Dagster run, None when the run never opened one."""
    runs = settings.place.runs
    found = sorted(runs.glob(f"*-{dagster_run_id[:8]}")) if runs.is_dir() else []
    return found[-1] if found else None


def _read(folder: Path | None, name: str) -> Any:
    path = folder / f"{name}.json" if folder else None
    return json.loads(path.read_text()) if path and path.exists() else None
