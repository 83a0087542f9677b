"""Dagster's own folder below the home, and the web UI on it. Imports no dagster."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from dagster_project.settings import PROJECT_ROOT, Settings

_INSTANCE = """\
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
event_log_storage:
  module: dagster_project.defs.event_log
  class: SqliteEventLog
  config:
    base_dir: {folder}
"""


def prepare_instance(folder: Path) -> None:
    """Make ``folder`` a DAGSTER_HOME without telemetry and with one run at a time, and set it."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "dagster.yaml"
    # Written again when the home was moved: the log needs its whole path.
    instance = _INSTANCE.format(folder=json.dumps(str(folder / "events")))
    if not config.exists() or config.read_text() != instance:
        config.write_text(instance)
    os.environ["DAGSTER_HOME"] = str(folder)


def open_web_ui(settings: Settings, port: int) -> None:
    """Replace this process by Dagster's web UI and daemon on 127.0.0.1 (it has no login: never wider)."""
    prepare_instance(settings.place.dagster)
    os.environ["CCHC_HOME"] = str(settings.place.root)
    program = str(Path(sys.executable).with_name("dagster"))
    workspace = str(PROJECT_ROOT / "workspace.yaml")
    os.execv(program, [program, "dev", "-w", workspace, "-h", "127.0.0.1", "-p", str(port)])
