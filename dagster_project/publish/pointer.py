"""Which release analysts see: publish one, go back to one, mend what a killed run left half done.

``published/PENDING`` names the release that is to be published. It is written before the release folder
gets its name and removed when every published file is that release's, so a run killed anywhere in between
is finished by ``recover``. All functions expect the caller to hold the lock of the home.
"""

from __future__ import annotations

from pathlib import Path

from dagster_project.errors import CchcError
from dagster_project.failpoints import failpoint
from dagster_project.home import Home
from dagster_project.publish.files import (
    fsync,
    is_same_file,
    read_json,
    remove_scratch,
    replace_file,
    sha256,
    write_json,
)
from dagster_project.publish.manifest import (
    FILE_NAME,
    Manifest,
    published_manifest,
    release_ids,
    release_manifest,
)

PARQUET = "parquet"


def publish(home: Home, release_id: str) -> bool:
    """Make ``published/`` the given release; return False when it already was and nothing was touched.

    marts.duckdb is replaced first, at once and whole: readers that have the old file open go on reading it.
    Then Parquet, then the manifest. Raises ConfigError for an unknown release, CchcError for a broken one.
    """
    failpoint("publish.before")
    is_changed = _point_to(home, release_id)
    failpoint("publish.after")
    return is_changed


def rollback(home: Home, release_id: str) -> Manifest:
    """Publish an older release again, after proving that its files are those its manifest names.

    Raises ConfigError for an unknown release and CchcError for a damaged one; then nothing changes.
    """
    manifest = release_manifest(home, release_id)
    check_files(home, manifest)
    publish(home, release_id)
    return manifest


def check_files(home: Home, manifest: Manifest) -> None:
    """Raise CchcError when a file of the release is not the one its manifest names."""
    for name, facts in manifest.files.items():
        path = home.releases / manifest.release_id / name
        if not path.is_file() or sha256(path) != facts["sha256"]:
            raise CchcError(f"{path}: missing or not as released; choose another release")


def recover(home: Home) -> str | None:
    """Finish or mend a publication that was cut short; return the release it published, None if all was well.

    Writes nothing when nothing is wrong. Afterwards ``published/`` is one complete release or empty.
    """
    for folder in (home.published, home.published / PARQUET, home.releases):
        remove_scratch(folder)
    intended = _pending(home)
    known = release_ids(home)
    if intended is None:
        # Somebody may have deleted or replaced a published file by hand.
        now = published_manifest(home)
        intended = now.release_id if now else (known[-1] if known else None)
    if intended is not None and intended in known:
        return intended if _point_to(home, intended) else None
    # Killed after the announcement, before the release folder got its name: the old release stays.
    _clear_pending(home)
    return None


def mark_pending(home: Home, release_id: str) -> None:
    """Announce that ``release_id`` is going to be published; ``recover`` keeps the promise."""
    if _pending(home) != release_id:
        write_json(_marker(home), {"release_id": release_id})


def _point_to(home: Home, release_id: str) -> bool:
    manifest = release_manifest(home, release_id)
    pairs = _file_pairs(home, manifest)
    for source, _ in pairs:
        if not source.is_file():
            raise CchcError(f"{source}: missing, release {release_id} is damaged; run cchc refresh --force")
    stale = _stale_parquet(home, manifest)
    changed = [(source, target) for source, target in pairs if not is_same_file(source, target)]
    if changed or stale:
        mark_pending(home, release_id)
        (home.published / PARQUET).mkdir(exist_ok=True)
        _replace(home, changed, stale)
    _clear_pending(home)
    return bool(changed or stale)


def _replace(home: Home, changed: list[tuple[Path, Path]], stale: list[Path]) -> None:
    """Marts first, then Parquet without what is stale, the manifest last."""
    tables = [(source, target) for source, target in changed if target != home.manifest]
    for source, target in tables:
        replace_file(source, target)
        if target == home.marts:
            fsync(home.published)
            failpoint("publish.marts_renamed")
    for path in stale:
        path.unlink(missing_ok=True)
    fsync(home.published / PARQUET)
    for source, target in changed[len(tables) :]:
        replace_file(source, target)
    fsync(home.published)


def _file_pairs(home: Home, manifest: Manifest) -> list[tuple[Path, Path]]:
    """Release file and published file, in the order in which they are replaced."""
    folder = home.releases / manifest.release_id
    parquet = [
        (folder / name, home.published / name) for name in sorted(manifest.files) if name.startswith(PARQUET)
    ]
    return [(folder / home.marts.name, home.marts), *parquet, (folder / FILE_NAME, home.manifest)]


def _stale_parquet(home: Home, manifest: Manifest) -> list[Path]:
    wanted = {Path(name).name for name in manifest.files if name.startswith(PARQUET)}
    return [path for path in sorted((home.published / PARQUET).glob("*.parquet")) if path.name not in wanted]


def _marker(home: Home) -> Path:
    return home.published / "PENDING"


def _pending(home: Home) -> str | None:
    marker = _marker(home)
    return str(read_json(marker)["release_id"]) if marker.exists() else None


def _clear_pending(home: Home) -> None:
    marker = _marker(home)
    if marker.exists():
        marker.unlink()
        fsync(home.published)
