"""The places of one home folder (``CCHC_HOME``) and the one lock on it. Public names: docs/contract.md."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dagster_project.errors import CchcError


@dataclass(frozen=True)
class Home:
    """Paths below one home; nothing is created until ``prepare`` is called."""

    root: Path

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def build(self) -> Path:
        return self.root / "build"

    @property
    def warehouse(self) -> Path:
        return self.build / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def marts(self) -> Path:
        return self.published / "marts.duckdb"

    @property
    def manifest(self) -> Path:
        return self.published / "manifest.json"

    @property
    def releases(self) -> Path:
        return self.published / "releases"

    @property
    def sign_offs(self) -> Path:
        return self.root / "sign-offs"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def docs(self) -> Path:
        return self.root / "docs"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def dlt(self) -> Path:
        return self.root / "dlt"

    @property
    def dbt_target(self) -> Path:
        return self.root / "build" / "dbt"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    def prepare(self) -> None:
        """Create the folders that a run writes to; ``secrets`` is for the owner only."""
        for folder in (
            self.landing,
            self.build,
            self.published,
            self.runs,
            self.reports,
            self.dagster,
            self.dlt,
        ):
            folder.mkdir(parents=True, exist_ok=True)
        self.secrets.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def lock(self, wait_seconds: float = 0.0) -> Iterator[None]:
        """Hold the home's lock (flock, freed by the system when the process dies).

        Waits ``wait_seconds``, then raises one line naming the process that holds it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            deadline = time.monotonic() + wait_seconds
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() >= deadline:
                        holder = os.pread(handle, 200, 0).decode(errors="replace").strip() or "another run"
                        raise CchcError(
                            f"{self.root}: another run holds this home ({holder}); try again later"
                        ) from None
                    time.sleep(0.2)
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"process {os.getpid()}".encode(), 0)
            yield
        finally:
            os.close(handle)
