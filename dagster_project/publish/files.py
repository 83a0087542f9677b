"""Durable file operations for publication: whole files appear at once and survive a power cut.

Knows nothing of releases. Published files are read-only (0444) for everybody.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from dagster_project.errors import CchcError

READ_ONLY = 0o444
SCRATCH_PREFIX = ".writing-"
# A file system without hard links (FAT, some network shares), another device, or too many links.
_NO_LINK = {
    errno.EPERM,
    errno.EXDEV,
    errno.EMLINK,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
    errno.ENOSYS,
    errno.EACCES,
}


def fsync(path: Path) -> None:
    """Make the content of a file, or the entries of a folder, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_json(path: Path, content: Any, mode: int = 0o644) -> None:
    """Write JSON so that a reader sees the old file or the whole new one; durable when this returns."""
    write_text(path, json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n", mode)


def write_text(path: Path, text: str, mode: int = 0o644, encoding: str = "utf-8") -> None:
    """Write text atomically and durably; the folder is created when missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f"{SCRATCH_PREFIX}{path.name}")
    with scratch.open("w", encoding=encoding, newline="") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    scratch.chmod(mode)
    scratch.replace(path)
    fsync(path.parent)


def read_json(path: Path) -> Any:
    """The content of a JSON file. Raises CchcError with one line when it is missing or damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CchcError(f"{path}: no such file; run cchc refresh first") from None
    except ValueError as error:
        raise CchcError(f"{path}: not valid JSON ({error}); run cchc refresh --force") from None


def replace_file(source: Path, target: Path) -> None:
    """Make ``target`` the same file as ``source`` at once: a hard link where possible, a copy elsewhere.

    The caller flushes the folder afterwards.
    """
    scratch = target.with_name(f"{SCRATCH_PREFIX}{target.name}")
    scratch.unlink(missing_ok=True)
    try:
        os.link(source, scratch)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        shutil.copy2(source, scratch)
        scratch.chmod(READ_ONLY)
        fsync(scratch)
    scratch.replace(target)
    # rename(2) between two links of one file does nothing and leaves both names.
    scratch.unlink(missing_ok=True)


def is_same_file(source: Path, target: Path) -> bool:
    """True when ``replace_file`` has nothing to do: one inode, or a copy with equal size and time."""
    try:
        ours, theirs = source.stat(), target.stat()
    except FileNotFoundError:
        return False
    if (ours.st_dev, ours.st_ino) == (theirs.st_dev, theirs.st_ino):
        return True
    return (ours.st_size, ours.st_mtime_ns) == (theirs.st_size, theirs.st_mtime_ns)


def remove_scratch(folder: Path) -> None:
    """Remove what a killed writer left in ``folder``; nothing else starts with the prefix."""
    if not folder.is_dir():
        return
    for path in folder.glob(f"{SCRATCH_PREFIX}*"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
