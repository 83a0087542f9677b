"""``cchc`` in a process forked from one that has the heavy libraries imported already.

Importing Dagster, dbt and Great Expectations costs more than a refresh of a handful of dossiers. A fork
keeps every run a process of its own (it can be killed, it exits with a code) without that cost.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PRELOAD = [
    "dagster_project.cli",
    "dagster_project.defs.in_process",
    "dagster_project.quality.run",
    "dbt.cli.main",
    "dbt.adapters.duckdb",
    "great_expectations",
    "dlt.destinations",
    "tests.forked",
]

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(PRELOAD)


def _child(arguments: list[str], environment: dict[str, str], folder: Path, out: str, err: str) -> None:
    for path, stream in ((out, 1), (err, 2)):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(handle, stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["cchc", *arguments]
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", closefd=False)
    from dagster_project.cli import main

    try:
        main()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def run(
    arguments: list[str], environment: dict[str, str], folder: Path, timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run ``cchc`` with the arguments; like ``subprocess.run(capture_output=True, text=True)``."""
    with tempfile.TemporaryDirectory() as scratch:
        out, err = f"{scratch}/out", f"{scratch}/err"
        process = _context.Process(target=_child, args=(arguments, environment, folder, out, err))
        process.start()
        process.join(timeout)
        if process.is_alive():
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(["cchc", *arguments], timeout, Path(out).read_text())
        code = process.exitcode
        assert code is not None
        text = [Path(path).read_text() if Path(path).exists() else "" for path in (out, err)]
        return subprocess.CompletedProcess(["cchc", *arguments], code, *text)
