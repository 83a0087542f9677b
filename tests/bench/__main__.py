"""``make bench``: how long a refresh of the sample takes, and the same question asked by hand in one DuckDB script.

Figures are wall seconds of whole processes on this machine, noisy ones: compare the ratios, not the seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

BY_HAND = Path(__file__).with_name("by_hand.sql")


def timed(action: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def cchc(home: Path, *arguments: str) -> None:
    """One command of ``cchc`` in a process of its own; its output goes to stderr."""
    command = [sys.executable, "-m", "dagster_project.cli", *arguments]
    subprocess.run(command, env={**os.environ, "CCHC_HOME": str(home)}, stdout=sys.stderr, check=True)


def by_hand(home: Path) -> None:
    """The hand-written script on the loaded raw tables."""
    with duckdb.connect(str(home / "build" / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute(BY_HAND.read_text()).fetchall()


def dbt_seconds(home: Path) -> float:
    """Seconds of work of all dbt nodes in the newest run."""
    newest = max((home / "runs").iterdir())
    return float(sum(node["seconds"] for node in json.loads((newest / "dbt.json").read_text())))


def main() -> None:
    """Print one line per figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="1 is 25,000 dossiers a year (default)")
    scale = parser.parse_args().scale
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        figures = {
            "write the sample": timed(
                lambda: cchc(home, "sample", "--scale", str(scale), "--out", str(home / "landing"))
            ),
            "first refresh": timed(lambda: cchc(home, "refresh")),
            "second refresh, nothing new": timed(lambda: cchc(home, "refresh")),
            "one rate by hand on the raw tables": timed(lambda: by_hand(home)),
        }
        figures["of the first refresh: work of all dbt nodes (two threads)"] = dbt_seconds(home)
        for name, seconds in figures.items():
            print(f"{seconds:8.2f} s  {name}")
        ratio = figures["of the first refresh: work of all dbt nodes (two threads)"] / max(
            figures["one rate by hand on the raw tables"], 0.001
        )
        print(f"{ratio:8.1f} ×  all models, tests and history against one rate by hand")


if __name__ == "__main__":
    main()
