"""Fixtures every test may use: fresh homes, the command line as a user calls it, the real data beside the project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from tests import forked

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"


def shared_data(name: str) -> Path:
    """A folder of real data beside the checkout; skips with one line where it is absent."""
    folder = SHARED_DATA / name
    if not folder.exists():
        pytest.skip(f"../shared/data/{name} is absent: real data is not part of the checkout")
    return folder


@dataclass
class Warehouse:
    """One home, and ``cchc`` called on it as a user would, in a process of its own."""

    home: Path
    sources: Path = ROOT / "sources"
    landing: Path | None = None
    env: dict[str, str] = field(default_factory=dict)
    is_forked: bool = True

    @property
    def landing_folder(self) -> Path:
        folder = self.landing or self.home / "landing"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def marts(self) -> Path:
        return self.home / "published" / "marts.duckdb"

    @property
    def build(self) -> Path:
        return self.home / "build" / "warehouse.duckdb"

    def run(self, *arguments: str, timeout: float = 300, **env: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CCHC_")},
            "CCHC_HOME": str(self.home),
            "CCHC_SOURCES": str(self.sources),
            "PYTHONWARNINGS": "ignore",
            "COLUMNS": "160",
            **self.env,
            **env,
        }
        if self.landing:
            environment["CCHC_LANDING"] = str(self.landing)
        if self.is_forked:
            return forked.run(list(arguments), environment, ROOT, timeout)
        return subprocess.run(
            [sys.executable, "-m", "dagster_project.cli", *arguments],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def refresh(
        self, *arguments: str, expect: int = 0, timeout: float = 300, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Refresh and insist on the exit code; the output stands in the failure message."""
        done = self.run("refresh", *arguments, timeout=timeout, **env)
        assert done.returncode == expect, (
            f"exit {done.returncode}, expected {expect}\n{done.stdout}\n{done.stderr}"
        )
        return done

    def query(self, sql: str, published: bool = True) -> list[tuple]:
        with duckdb.connect(str(self.marts if published else self.build), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def state(self) -> str:
        """The content hashes of all state tables of the published release, as one text."""
        done = self.run("content-hash", "--published")
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def new_home(tmp_path: Path) -> Callable[..., Warehouse]:
    """A function that makes an empty home; options are those of ``Warehouse``."""
    count = 0

    def make(**options: object) -> Warehouse:
        nonlocal count
        count += 1
        home = tmp_path / f"home{count}"
        home.mkdir()
        return Warehouse(home, **options)  # type: ignore[arg-type]

    return make


def copy_home(source: Path, target: Path) -> None:
    """Copy a home with its links and modes; the copy's files are its own."""
    shutil.copytree(source, target, symlinks=True)
