"""dbt in this process: one parse per change of the project, one runner, no connection left open.

The only importer of dbt. A call of dbt's command line costs six seconds and a parse ten; here the parsed
manifest is kept in ``<project>/target`` beside the hash of what it was parsed from.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagster_project.errors import CchcError, ConfigError
from dagster_project.home import Home

# dbt's own log and result files cost a tenth of a small build; what matters of them stands in the run folder.
_QUIET = ("--quiet", "--log-level-file", "none", "--no-write-json")
_PARSED_SUFFIXES = {".sql", ".yml", ".yaml", ".md", ".csv"}


@dataclass(frozen=True)
class NodeResult:
    """The outcome of one dbt node: its unique id, resource type, status, seconds and message."""

    unique_id: str
    resource_type: str
    status: str
    seconds: float
    message: str


def project_hash(project: Path) -> str:
    """A hash of every file that dbt parses, by relative path and content."""
    digest = hashlib.sha256()
    for path in sorted(project.rglob("*")):
        relative = path.relative_to(project)
        if path.suffix in _PARSED_SUFFIXES and relative.parts[0] not in {"target", "logs"}:
            digest.update(str(relative).encode())
            # A seed's rows are read when it is loaded; only its path is parsed.
            is_seed = path.suffix == ".csv" and relative.parts[0] == "seeds"
            digest.update(b"" if is_seed else path.read_bytes())
    return digest.hexdigest()


def manifest_path(project: Path) -> Path:
    """Where the parsed manifest of the project lies."""
    return project / "target" / "manifest.json"


def ensure_manifest(project: Path) -> Path:
    """Return manifest.json of the project, parsing it only when a parsed file changed since the last time.

    Processes that need it at the same time wait for the one that parses.
    """
    folder = project / "target"
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / "project.sha256"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        current = project_hash(project)
        if not (stamp.exists() and stamp.read_text() == current and manifest_path(project).exists()):
            stamp.unlink(missing_ok=True)
            _parse(project, folder)
            stamp.write_text(current)
    return manifest_path(project)


def _parse(project: Path, folder: Path) -> None:
    # dbt writes the database's name, the stem of the file, into every node: it must be the warehouse's.
    warehouse = folder / "parse" / "warehouse.duckdb"
    warehouse.parent.mkdir(exist_ok=True)
    with _environment(warehouse):
        from dbt.cli.main import dbtRunner

        result = dbtRunner().invoke(["parse", *_locations(project, folder), "--quiet"])
    if not result.success:
        raise ConfigError(f"{project}: dbt cannot parse the project: {_first_line(result.exception)}")


def build(
    project: Path, home: Home, progress: Callable[[str, int, int], None] | None = None
) -> list[NodeResult]:
    """Run ``dbt build`` (seeds, models, data tests) into the home's working warehouse.

    Returns a result per node, failed ones included. Raises CchcError only when dbt could not run at all.
    Every connection is closed at the end, so that other processes can open the file.
    """
    # Unit tests prove the rules, not the data: the test suite runs them, a refresh need not.
    return _invoke(project, home, ["build", "--exclude-resource-type", "unit_test"], progress)


def run_unit_tests(project: Path, home: Home) -> list[NodeResult]:
    """Run the dbt unit tests on a home that was built once (they read its column types, not its rows)."""
    return _invoke(project, home, ["test", "--select", "test_type:unit"])


def _invoke(
    project: Path,
    home: Home,
    command: list[str],
    progress: Callable[[str, int, int], None] | None = None,
) -> list[NodeResult]:
    ensure_manifest(project)
    with _environment(home.warehouse):
        from dbt.cli.main import dbtRunner
        from dbt.contracts.graph.manifest import Manifest

        manifest = Manifest.from_msgpack((project / "target" / "partial_parse.msgpack").read_bytes())
        total: int = _runnable_nodes(manifest)
        done = 0

        def on_event(event: Any) -> None:
            nonlocal done
            if progress and event.info.name == "NodeFinished":
                done += 1
                progress(str(event.data.node_info.node_name), done, total)

        runner = dbtRunner(manifest=manifest, callbacks=[on_event])
        try:
            result = runner.invoke([*command, *_locations(project, home.dbt_target), *_QUIET])
        finally:
            _close_connections()
    if result.exception is not None:
        raise CchcError(f"dbt could not run: {_first_line(result.exception)}")
    return [
        NodeResult(
            unique_id=run.node.unique_id,
            resource_type=str(run.node.resource_type),
            status=str(run.status),
            seconds=float(run.execution_time),
            message=_first_line(run.message),
        )
        for run in getattr(result.result, "results", [])
    ]


def write_docs(project: Path, home: Home, path: Path) -> Path:
    """Write dbt's documentation of the home's working warehouse as one page to ``path``.

    Raises CchcError when dbt could not write it.
    """
    ensure_manifest(project)
    with _environment(home.warehouse), tempfile.TemporaryDirectory() as folder:
        from dbt.cli.main import dbtRunner

        try:
            result = dbtRunner().invoke(
                ["docs", "generate", "--static", *_locations(project, Path(folder)), "--quiet"]
            )
        finally:
            _close_connections()
        if not result.success:
            raise CchcError(f"dbt could not write its pages: {_first_line(result.exception)}")
        shutil.copyfile(Path(folder) / "static_index.html", path)
    return path


def warm_up() -> None:
    """Import dbt and its adapter (three seconds), so that it is there when the build begins."""
    import dbt.adapters.duckdb
    import dbt.cli.main  # noqa: F401


def failures(results: list[NodeResult]) -> list[NodeResult]:
    """The nodes that failed by themselves (skipped ones are only their consequence)."""
    return [node for node in results if node.status in {"error", "fail", "runtime error"}]


def _runnable_nodes(manifest: Any) -> int:
    kinds = {"model", "seed", "test"}
    return sum(node.resource_type in kinds and node.config.enabled for node in manifest.nodes.values())


def _locations(project: Path, target: Path) -> list[str]:
    return [
        "--project-dir",
        str(project),
        "--profiles-dir",
        str(project),
        "--target-path",
        str(target),
        "--log-path",
        str(target / "logs"),
    ]


def _first_line(message: object) -> str:
    lines = [line.strip() for line in str(message or "").splitlines() if line.strip()]
    return " ".join(lines[:3])[:500]


@contextmanager
def _environment(warehouse: Path) -> Iterator[None]:
    changes = {"CCHC_WAREHOUSE": str(warehouse), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _close_connections() -> None:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()
