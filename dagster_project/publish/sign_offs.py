"""Who signed a release off, and when: beside the releases, which never change, and bound to their content.

A sign-off names the SHA-256 of the manifest, and the manifest that of every file; so it holds for what was
signed and for nothing else. Sign-offs are only added.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from dagster_project.errors import ConfigError
from dagster_project.home import Home
from dagster_project.publish.files import read_json, sha256, write_json
from dagster_project.publish.manifest import FILE_NAME, release_manifest
from dagster_project.publish.pointer import check_files
from dagster_project.publish.release import VIETNAM


@dataclass(frozen=True)
class SignOff:
    """One signature; ``is_valid``: the release still is the one that was signed."""

    name: str
    signed_on: str
    recorded_at: str
    manifest_sha256: str
    is_valid: bool = True

    @property
    def label(self) -> str:
        """How a list shows it."""
        label = f"{self.name}, {self.signed_on}"
        return label if self.is_valid else f"{label} (NOT THE RELEASE THAT WAS SIGNED)"


def sign(home: Home, release_id: str, name: str, on: date | None = None) -> SignOff:
    """Record that ``name`` signed the release off on a day (default: today), after checking its files.

    Raises ConfigError for an unknown release, an empty name, a second signature of one name, or a day before
    the release or to come; CchcError when a file of the release is not as released. Expects the home's lock.
    """
    manifest = release_manifest(home, release_id)
    now = datetime.now(VIETNAM)
    day = on or max(now.date(), manifest.released_at.date())
    known = sign_offs(home, release_id)
    if not name.strip():
        raise ConfigError("--name: who signs the release off? give a name")
    if name.strip() in {each.name for each in known}:
        raise ConfigError(f"{release_id}: {name.strip()} has signed it off already (cchc releases list)")
    if day < manifest.released_at.date():
        raise ConfigError(f"--date {day}: before the release of {manifest.created_at[:10]}; give a later day")
    if day > max(now.date(), manifest.released_at.date()):
        raise ConfigError(f"--date {day}: this day is still to come")
    check_files(home, manifest)
    made = SignOff(
        name.strip(), day.isoformat(), now.isoformat(timespec="seconds"), _digest(home, release_id)
    )
    content = [
        {key: cell for key, cell in asdict(each).items() if key != "is_valid"} for each in [*known, made]
    ]
    write_json(home.sign_offs / f"{release_id}.json", content)
    return made


def sign_offs(home: Home, release_id: str) -> list[SignOff]:
    """The signatures of one release, in the order in which they were given."""
    path = home.sign_offs / f"{release_id}.json"
    if not path.exists():
        return []
    digest = _digest(home, release_id)
    return [SignOff(**each, is_valid=each["manifest_sha256"] == digest) for each in read_json(path)]


def _digest(home: Home, release_id: str) -> str:
    return sha256(home.releases / release_id / FILE_NAME)
