"""The Dagster side: what is defined, that it loads quickly, and that the job runs when the web asks for it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Warehouse
from tests.integration.small import write_files, write_maps

SNAPSHOT = ROOT / "tests" / "integration" / "definitions.snapshot.txt"

LAUNCH = """
mutation($selector: JobOrPipelineSelector!) {
  launchRun(executionParams: {selector: $selector, runConfigData: {}}) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message }
  }
}
"""
STATUS = "query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"


def describe() -> str:
    """Keys, dependencies, checks, jobs, schedules and sensors, one line each."""
    from dagster_project.definitions import build_defs
    from dagster_project.settings import Settings

    repository = build_defs(Settings()).get_repository_def()
    graph = repository.asset_graph
    lines = []
    for node in sorted(graph.asset_nodes, key=lambda node: node.key):
        own = node.key.path[0]
        deps = sorted("/".join(key.path) for key in node.parent_keys)
        # dbt's own lineage is dbt's to test: here it is enough that each layer hangs on the one before.
        shown = (
            sorted({dep.split("/")[0] for dep in deps})
            if own in {"staging", "events", "facts", "marts"}
            else deps
        )
        if len(shown) > 6:
            shown = [f"{len(deps)} assets of {', '.join(sorted({dep.split('/')[0] for dep in deps}))}"]
        lines.append(f"asset {'/'.join(node.key.path)} <- {', '.join(shown)}".rstrip(" <-"))
    for key in sorted(graph.asset_check_keys, key=str):
        if key.name == "verdict" or key.name.startswith("quality_"):
            lines.append(
                f"check {'/'.join(key.asset_key.path)}:{key.name} blocking={graph.get(key).blocking}"
            )
    lines += [f"job {job.name}" for job in sorted(repository.get_all_jobs(), key=lambda job: job.name)]
    lines += [
        f"schedule {one.name} {one.cron_schedule} {one.execution_timezone} -> {one.job_name}"
        for one in repository.schedule_defs
    ]
    lines += [f"sensor {one.name} -> {one.job_name}" for one in repository.sensor_defs]
    return "\n".join(lines) + "\n"


def test_definitions_are_what_the_snapshot_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CCHC_HOME", str(tmp_path))
    got = describe()
    if os.environ.get("UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(got)
    assert got == SNAPSHOT.read_text(), "definitions changed: look, then run with UPDATE_SNAPSHOT=1"


def test_definitions_validate(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("dagster")), "definitions", "validate", "-w", "workspace.yaml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "CCHC_HOME": str(tmp_path), "DAGSTER_HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_loading_costs_little_more_than_importing_dagster(tmp_path: Path) -> None:
    """Least of four, each in a fresh process, in turn; the first pair also parses and compiles.

    Processor time, of the process and of what it starts: seconds by the clock also measure whatever else the
    machine does just then, which here is another test.
    """
    code = {
        "imports": "import dagster, dagster_dbt, dagster_dlt",
        "location": "from dagster_project.definitions import defs; defs.load_fn()"
        " if hasattr(defs, 'load_fn') else defs()",
    }
    seconds: dict[str, list[float]] = {name: [] for name in code}
    for _ in range(4):
        for name, text in code.items():
            timed = f"import os; before = sum(os.times()[:4]); {text}; print(sum(os.times()[:4]) - before)"
            done = subprocess.run(
                [sys.executable, "-W", "ignore", "-c", timed],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=True,
                env={**os.environ, "CCHC_HOME": str(tmp_path)},
            )
            seconds[name].append(float(done.stdout.strip().splitlines()[-1]))
    ratio = min(seconds["location"]) / min(seconds["imports"])
    print(
        f"location {min(seconds['location']):.2f} s / imports {min(seconds['imports']):.2f} s = {ratio:.2f}"
    )
    assert ratio <= 1.5


def post(port: int, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps({"query": query, "variables": variables}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return dict(json.load(answer))["data"]


@pytest.fixture
def web_ui(tmp_path: Path) -> Iterator[tuple[int, Warehouse]]:
    warehouse = Warehouse(tmp_path / "home", sources=write_maps(tmp_path / "maps"))
    write_files(warehouse.landing_folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "CCHC_HOME": str(warehouse.home), "CCHC_SOURCES": str(warehouse.sources)}
    server = subprocess.Popen(
        [sys.executable, "-m", "dagster_project.cli", "dev", "--port", str(port)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield port, warehouse
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, 9)


def test_refresh_launched_over_graphql(web_ui: tuple[int, Warehouse]) -> None:
    port, warehouse = web_ui
    selector = {
        "repositoryLocationName": "cchc_warehouse",
        "repositoryName": "__repository__",
        "jobName": "refresh",
    }
    deadline = time.monotonic() + 240
    run_id = None
    while run_id is None and time.monotonic() < deadline:
        time.sleep(1)
        try:
            answer = post(port, LAUNCH, {"selector": selector})["launchRun"]
        except OSError:
            continue
        run_id = answer.get("run", {}).get("runId")
    assert run_id
    status = ""
    while status not in {"SUCCESS", "FAILURE", "CANCELED"} and time.monotonic() < deadline:
        time.sleep(1)
        status = post(port, STATUS, {"id": run_id})["runOrError"]["status"]
    assert status == "SUCCESS"
    assert warehouse.query("select count(*) from marts.fct_dossiers") == [(5,)]
