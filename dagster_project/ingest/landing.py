"""What lies in landing and which map claims it. Reads bytes only to hash them; writes nothing, ever."""

from __future__ import annotations

import hashlib
import json
import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from dagster_project.errors import ConfigError
from dagster_project.ingest.grammar import ColumnSpec, Input, SourceMap
from dagster_project.ingest.synthetic import synthetic_names

_TEMPORARY = re.compile(
    r"^(\.|~\$)|(\.(part|partial|crdownload|download|tmp|swp)|~)$|^(thumbs\.db|desktop\.ini)$"
)
_BLOCK = 1 << 20


@dataclass(frozen=True)
class ClaimedFile:
    """One file of landing and the input that reads it.

    ``name`` is the path relative to landing with ``/``. ``error`` says why the file could not even be
    hashed (``sha256`` is then empty); None for every readable file. ``is_synthetic``: part of the sample.
    """

    path: Path
    name: str
    source_map: SourceMap = field(repr=False)
    input: Input = field(repr=False)
    sha256: str = ""
    size: int = 0
    error: str | None = None
    is_synthetic: bool = False

    @cached_property
    def path_values(self) -> tuple[str, ...]:
        """What the map takes out of the path: the extraction moment and every column with ``value: path``."""
        at = self.source_map.extract.at
        patterns = [at.path] if at and at.path else []
        for record in self.input.records:
            leaves = [leaf for spec in record.columns.values() for leaf in _leaves_with_extract(spec)]
            patterns += [extract or "(.*)" for value, extract in leaves if value == "path"]
        return tuple(path_value(self.name, pattern) or "" for pattern in patterns)

    @cached_property
    def file_id(self) -> str:
        """Identity of what the file says: its content, and what the map reads from its path.

        The same bytes under two dates are two extracts; the same bytes twice otherwise are one.
        """
        if not self.sha256:
            return f"unreadable:{self.name}"
        if not any(self.path_values):
            return self.sha256
        text = json.dumps([self.sha256, *self.path_values], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class LandingPlan:
    """Every file of landing once: what will be read (sorted by name), and what no map claims."""

    claimed: list[ClaimedFile]
    unclaimed: list[str]

    def of_source(self, source: str) -> list[ClaimedFile]:
        """The claimed files of one source, by name."""
        return [file for file in self.claimed if file.source_map.source == source]


def _leaves_with_extract(
    spec: ColumnSpec, outer: str | None = None
) -> Iterator[tuple[str | None, str | None]]:
    """(value, regex that applies to it) of every leaf; one around a coalesce counts for its members."""
    own = spec.extract or outer
    if not spec.members:
        yield spec.value, own
    for member in spec.members:
        yield from _leaves_with_extract(member, own)


def path_value(name: str, pattern: str) -> str | None:
    """Group 1 (else the whole match) of ``pattern`` in a relative file name; None where it does not match."""
    match = re.search(pattern, unicodedata.normalize("NFC", name))
    if match is None:
        return None
    return match.group(1) if match.re.groups else match.group()


@cache
def glob_pattern(glob: str) -> re.Pattern[str]:
    """A glob below landing as a regular expression: ``**/`` any folders, ``*`` and ``?`` within one name.

    Case does not matter: the same export comes as ``.XLSX`` from one clerk and ``.xlsx`` from the next.
    """
    parts: list[str] = []
    for token in re.findall(r"\*\*/|\*\*|\*|\?|\[!?[^\]]+\]|.", glob, re.DOTALL):
        if token == "**/":
            parts.append("(?:.*/)?")
        elif token == "**":
            parts.append(".*")
        elif token == "*":
            parts.append("[^/]*")
        elif token == "?":
            parts.append("[^/]")
        elif len(token) > 1:
            inner = token[1:-1].replace("\\", r"\\")
            parts.append(f"[^{inner[1:]}]" if inner.startswith("!") else f"[{inner}]")
        else:
            parts.append(re.escape(token))
    return re.compile("".join(parts), re.IGNORECASE)


def matches(name: str, globs: Sequence[str]) -> bool:
    """Does a relative file name match one of the globs (compared in NFC, without regard to case)?"""
    name = unicodedata.normalize("NFC", name)
    return any(glob_pattern(glob).fullmatch(name) for glob in globs)


def landing_files(folder: Path) -> list[tuple[str, Path]]:
    """(relative name, path) of all files below ``folder``, sorted; follows links, skips temporary files."""
    found: list[tuple[str, Path]] = []
    pending: list[tuple[Path, tuple[str, ...]]] = [(folder, (os.path.realpath(folder),))]
    while pending:
        here, above = pending.pop()
        try:
            entries = list(os.scandir(here))
        except OSError as error:
            raise ConfigError(f"{here}: cannot be listed ({error.strerror}); check its permissions") from None
        for entry in entries:
            if _TEMPORARY.search(entry.name.lower()):
                continue
            path = Path(entry.path)
            if entry.is_dir():
                real = os.path.realpath(path)
                if real not in above:  # a link to a folder above itself would never end
                    pending.append((path, (*above, real)))
            else:
                found.append((path.relative_to(folder).as_posix(), path))
    return sorted(found)


@cache
def _hash_once(path: Path, size: int, mtime_ns: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def file_sha256(path: Path) -> tuple[str, int]:
    """(SHA-256, size) of a file, streamed; remembered in this process while size and time stay."""
    status = path.stat()
    return _hash_once(path, status.st_size, status.st_mtime_ns), status.st_size


def _claims(name: str, maps: Sequence[SourceMap]) -> list[tuple[SourceMap, Input]]:
    claims = [(one, part) for one in maps for part in one.inputs if matches(name, part.files)]
    sources = sorted({one.source for one, _ in claims})
    if len(sources) > 1:
        raise ConfigError(
            f"{name}: claimed by the source maps {' and '.join(sources)}; narrow the files of one of them"
        )
    return claims


def _claimed(
    path: Path, name: str, claims: Sequence[tuple[SourceMap, Input]], is_synthetic: bool = False
) -> list[ClaimedFile]:
    sha256, size, error = "", 0, None
    try:
        sha256, size = file_sha256(path)
    except OSError as reason:
        error = f"cannot be opened ({reason.strerror}); check the link or its permissions"
    return [ClaimedFile(path, name, one, part, sha256, size, error, is_synthetic) for one, part in claims]


def plan_landing(maps: Sequence[SourceMap], folder: Path) -> LandingPlan:
    """Which map reads which file of ``folder``; a folder that does not exist holds nothing.

    Two inputs of one map may share a file (two sheets of one workbook); two maps may not: ConfigError.
    A file that cannot be opened stays in the plan with its ``error``, so that the others still load.
    """
    claimed: list[ClaimedFile] = []
    unclaimed: list[str] = []
    files = landing_files(folder) if folder.is_dir() else []
    synthetic, notes = synthetic_names(files)
    for name, path in files:
        if name in notes:
            continue
        claims = _claims(name, maps)
        claimed += _claimed(path, name, claims, name in synthetic) if claims else []
        unclaimed += [] if claims else [name]
    return LandingPlan(claimed, unclaimed)


def claim_file(maps: Sequence[SourceMap], path: Path, folder: Path) -> list[ClaimedFile]:
    """The claims on one file; outside ``folder`` it goes by the longest end of its path that matches."""
    whole = path.absolute()
    if whole.is_relative_to(folder.absolute()):
        name = whole.relative_to(folder.absolute()).as_posix()
        return _claimed(path, name, _claims(name, maps))
    for start in range(1, len(whole.parts)):
        name = "/".join(whole.parts[start:])
        claims = _claims(name, maps)
        if claims:
            return _claimed(path, name, claims)
    return []
