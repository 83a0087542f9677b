"""An older release of a home in place of the published one, so that it can be rendered again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dagster_project.home import Home
from dagster_project.publish.manifest import FILE_NAME, release_manifest


@dataclass(frozen=True)
class Edition(Home):
    """A home whose marts and manifest are those of one immutable release."""

    release_id: str

    @property
    def marts(self) -> Path:
        return self.releases / self.release_id / "marts.duckdb"

    @property
    def manifest(self) -> Path:
        return self.releases / self.release_id / FILE_NAME


def at_release(home: Home, release_id: str) -> Edition:
    """The home as one release has it. Raises ConfigError, naming the newest ones, for an unknown release."""
    return Edition(home.root, release_manifest(home, release_id).release_id)
