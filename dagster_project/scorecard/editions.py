"""An older release of a home in place of the published one, so that it can be rendered again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dagster_project.errors import ConfigError
from dagster_project.home import Home
from dagster_project.publish.literals import text, texts
from dagster_project.publish.manifest import FILE_NAME, release_ids, release_manifest
from dagster_project.scorecard.marts import open_marts


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


def release_of_period(home: Home, period_key: str) -> str:
    """The id of the release whose report of a closed period is the official one.

    That is the first one in which its figures were final; while none is final, the newest one. Only releases
    that the home still has are asked. Raises ConfigError for a period that no release knows.
    """
    with open_marts(home) as connection:
        found = connection.execute(
            "select coalesce(min_by(release_id, released_at) filter (status in ('final', 'restated')),"
            " max_by(release_id, released_at)) from published_indicators"
            f" where period_key = {text(period_key)}"
            f" and list_contains({texts(release_ids(home))}, release_id)"
        ).fetchone()
    if found is None or found[0] is None:
        raise ConfigError(f"{period_key}: no release has figures of this period; see table dim_periods")
    return str(found[0])
