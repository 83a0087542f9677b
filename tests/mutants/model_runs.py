"""One rule model changed in memory, and what notices: its unit tests, or the histories reckoned apart."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dagster_project import dbt_runner
from tests.conftest import ROOT

PROJECT = ROOT / "dbt"
KINDS = {"comparison", "boundary", "join", "coalesce", "calendar", "pause"}


@dataclass(frozen=True)
class Mutation:
    """A change of one model; ``because`` explains one that nobody can notice."""

    model: str
    kind: str
    was: str
    becomes: str
    because: str | None = None


class UnfitMutationError(Exception):
    """A mutation whose text no longer stands in its model exactly once."""


def read_mutations(path: Path) -> list[Mutation]:
    """The list of mutations, in order."""
    listed: dict[str, list[dict[str, str]]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    found = [Mutation(model=model, **entry) for model, entries in listed.items() for entry in entries]
    strange = sorted({one.kind for one in found} - KINDS)
    if strange:
        raise UnfitMutationError(f"{path.name}: unknown kinds {', '.join(strange)}")
    return found


class ModelRuns:
    """The parsed project and a built warehouse, on which changed models are tried.

    The project's files are never touched: a change is made in the manifest that dbt is given.
    """

    def __init__(self, warehouse: Path, target: Path) -> None:
        self.warehouse = warehouse
        self.target = target
        dbt_runner.ensure_manifest(PROJECT)
        self._parsed = (PROJECT / "target" / "partial_parse.msgpack").read_bytes()

    def failing_without_change(self, models: list[str]) -> list[str]:
        """Unit tests of the models that fail although nothing was changed."""
        results = self._invoke(
            None, self.warehouse, ["test", "--select", *(f"{one},test_type:unit" for one in models)]
        )
        return sorted(name for name, status in results if status != "pass")

    def check(self, mutation: Mutation) -> None:
        """Raise UnfitMutationError where the text does not stand exactly once in the model."""
        self._manifest(mutation)

    def failing_cases(self, mutation: Mutation) -> tuple[list[str], int]:
        """Names of the model's unit tests that notice the change, and how many there are."""
        results = self._invoke(
            mutation, self.warehouse, ["test", "--select", f"{mutation.model},test_type:unit"]
        )
        broken = [name for name, status in results if status not in ("pass", "fail")]
        if broken:
            # what no database can run is no wrong rule: it proves nothing that it is noticed
            raise UnfitMutationError(f"{mutation.model}: cannot run as «{mutation.becomes}» ({broken[0]})")
        failing = [name.rsplit(".", 1)[-1] for name, status in results if status == "fail"]
        return sorted(failing), len(results)

    def build(self, mutation: Mutation, warehouse: Path) -> bool:
        """Build the changed model and what follows from it in ``warehouse``; False if that fails."""
        results = self._invoke(mutation, warehouse, ["run", "--select", f"{mutation.model}+"])
        return bool(results) and all(status == "success" for _, status in results)

    def _manifest(self, mutation: Mutation | None) -> Any:
        from dbt.contracts.graph.manifest import Manifest

        manifest = Manifest.from_msgpack(self._parsed)
        if mutation is None:
            return manifest
        node = manifest.nodes.get(f"model.cchc.{mutation.model}")
        if node is None:
            raise UnfitMutationError(f"{mutation.model}: no such model")
        code = node.raw_code + "\n"
        if code.count(mutation.was) != 1:
            raise UnfitMutationError(
                f"{mutation.model}: stands {code.count(mutation.was)} times, not once: {mutation.was}"
            )
        node.raw_code = code.replace(mutation.was, mutation.becomes)
        return manifest

    def _invoke(
        self, mutation: Mutation | None, warehouse: Path, command: list[str]
    ) -> list[tuple[str, str]]:
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        os.environ["CCHC_WAREHOUSE"] = str(warehouse)
        os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
        places = ["--project-dir", PROJECT, "--profiles-dir", PROJECT, "--target-path", self.target]
        quiet = ["--quiet", "--log-level", "none", "--log-level-file", "none", "--no-write-json"]
        try:
            done = dbtRunner(manifest=self._manifest(mutation)).invoke([*command, *map(str, places), *quiet])
        finally:
            DuckDBConnectionManager.close_all_connections()
        if done.exception is not None:
            return [(f"dbt cannot run: {done.exception}", "error")]
        return [(run.node.unique_id, str(run.status)) for run in done.result.results]
