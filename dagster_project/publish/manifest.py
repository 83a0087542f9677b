"""What a release says about itself (``manifest.json``) and which releases a home holds. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from dagster_project.errors import CchcError, ConfigError
from dagster_project.home import Home
from dagster_project.publish.files import read_json

FILE_NAME = "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """The content of one ``manifest.json``; all values are plain JSON.

    ``content_hash`` covers the state tables (equal content, equal hash, in every home); ``tables`` has rows
    and the full hash of every table; ``files`` has size and SHA-256 of every file of the release but this;
    ``privacy`` says whether officers and small groups were left out (public).
    """

    release_id: str
    created_at: str
    as_of_on: str
    is_synthetic: bool
    run_id: str
    run_started_at: str
    content_hash: str
    verdict: Mapping[str, Any]
    sources: list[dict[str, Any]]
    data_through: Mapping[str, str]
    tables: Mapping[str, Mapping[str, Any]]
    files: Mapping[str, Mapping[str, Any]]
    fingerprint: Mapping[str, Any]
    versions: Mapping[str, str] = field(default_factory=dict)
    privacy: str = "internal"

    @property
    def released_at(self) -> datetime:
        """The moment of the release as local wall time, as the marts write it."""
        return datetime.fromisoformat(self.created_at).replace(tzinfo=None)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class ReleaseEntry:
    """One line of ``cchc releases list``."""

    release_id: str
    created_at: str
    as_of_on: str
    is_current: bool
    is_synthetic: bool
    content_hash: str
    row_count: int


def read_manifest(path: Path) -> Manifest:
    """Read one manifest; fields of a newer program are ignored. Raises CchcError when damaged."""
    content = read_json(path)
    known = [each.name for each in fields(Manifest)]
    try:
        return Manifest(**{name: content[name] for name in known if name in content})
    except TypeError as error:
        raise CchcError(f"{path}: not a manifest ({error}); run cchc refresh --force") from None


def release_ids(home: Home) -> list[str]:
    """Ids of the complete releases, oldest first (ids sort by time)."""
    if not home.releases.is_dir():
        return []
    return sorted(
        folder.name
        for folder in home.releases.iterdir()
        if not folder.name.startswith(".") and (folder / FILE_NAME).is_file()
    )


def release_manifest(home: Home, release_id: str) -> Manifest:
    """The manifest of one release. Raises ConfigError with the known ids when there is no such release."""
    known = release_ids(home)
    if release_id not in known:
        newest = ", ".join(reversed(known[-5:])) or "none yet"
        raise ConfigError(f"{release_id}: no such release; newest known: {newest} (cchc releases list)")
    return read_manifest(home.releases / release_id / FILE_NAME)


def published_manifest(home: Home) -> Manifest | None:
    """The manifest of what analysts see now; None before the first publication."""
    return read_manifest(home.manifest) if home.manifest.exists() else None


def list_releases(home: Home) -> list[ReleaseEntry]:
    """All complete releases, oldest first; ``is_current`` marks the one that is published now."""
    published = published_manifest(home)
    current = published.release_id if published else None
    entries = []
    for release_id in release_ids(home):
        manifest = read_manifest(home.releases / release_id / FILE_NAME)
        entries.append(
            ReleaseEntry(
                release_id=release_id,
                created_at=manifest.created_at,
                as_of_on=manifest.as_of_on,
                is_current=release_id == current,
                is_synthetic=manifest.is_synthetic,
                content_hash=manifest.content_hash,
                row_count=sum(int(table["rows"]) for table in manifest.tables.values()),
            )
        )
    return entries
