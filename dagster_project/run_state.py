"""One run of the refresh: its id, its folder under ``runs/``, and what its steps leave for each other there.

Steps talk through small JSON files, so that a step started alone from the web UI finds what an earlier
run left, and so that every run, published or not, can be read afterwards.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from dagster_project.ingest.grammar import SourceMap
from dagster_project.ingest.landing import LandingPlan, plan_landing
from dagster_project.ingest.load_maps import load_maps
from dagster_project.ingest.synthetic import refuse_mixture
from dagster_project.publish.files import write_json
from dagster_project.publish.fingerprint import Fingerprint, project_fingerprint
from dagster_project.settings import Settings


def current_fingerprint(settings: Settings, plan: LandingPlan) -> Fingerprint:
    """What a refresh would see now: files, maps, seeds, models, expectations, settings, as-of, own code."""
    return project_fingerprint(settings, {file.name: file.sha256 for file in plan.claimed})


@dataclass
class RunState:
    """A started run. ``maps`` and ``plan`` are read once; every step of the run sees the same landing."""

    settings: Settings
    run_id: str
    started_at: datetime

    @property
    def folder(self) -> Path:
        return self.settings.place.runs / self.run_id

    @cached_property
    def maps(self) -> list[SourceMap]:
        return load_maps(self.settings.sources)

    @cached_property
    def plan(self) -> LandingPlan:
        return plan_landing(self.maps, self.settings.landing_folder)

    @cached_property
    def is_synthetic(self) -> bool:
        """Is this home the sample department's? ConfigError when sample and other data would mix."""
        from dagster_project.ingest.pipeline import Ledger

        return refuse_mixture(self.plan.claimed, Ledger(self.settings.place.warehouse).is_synthetic)

    @cached_property
    def fingerprint(self) -> Fingerprint:
        """What this run saw: reckoned once, for the manifest and for the note of the last publication."""
        return current_fingerprint(self.settings, self.plan)

    def write(self, name: str, content: Any) -> Path:
        """Write ``<run folder>/<name>.json`` atomically."""
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.folder / f"{name}.json"
        write_json(target, content)
        return target

    def read(self, name: str) -> Any:
        """The JSON this run wrote under ``name``; None when it did not."""
        source = self.folder / f"{name}.json"
        return json.loads(source.read_text()) if source.exists() else None

    def log(self, line: str) -> None:
        """Append one line to the run's log."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log").open("a") as handle:
            handle.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}\n")


def new_run(settings: Settings, token: str, now: datetime | None = None) -> RunState:
    """Start a run; its id sorts by time and ends in ``token`` (Dagster's run id, shortened)."""
    started = now or datetime.now(UTC)
    return RunState(settings, f"{started:%Y%m%dT%H%M%S}-{token[:8]}", started)
