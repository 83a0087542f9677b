"""Whether there is anything new: one fingerprint of all that can change a result.

Runs before anything heavy is imported, so no dagster, dbt or duckdb here; reads a few hundred small files.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dagster_project.home import Home
from dagster_project.publish.files import write_json
from dagster_project.settings import Settings

PACKAGE = Path(__file__).resolve().parent.parent
_MODEL_FOLDERS = ("models", "macros", "tests", "snapshots", "analyses")
_CODE_SUFFIXES = {".py", ".yml", ".yaml", ".sql", ".json", ".j2", ".html", ".css"}
# Libraries that read, reckon or judge: another version may give another result.
_LIBRARIES = ("duckdb", "dlt", "dbt-core", "dbt-duckdb", "pyarrow", "fastexcel", "great-expectations")


@dataclass(frozen=True)
class Fingerprint:
    """``parts``: for files, maps, seeds, models, expectations, settings, as_of, code and libraries the items
    with their hash or value; ``digest``: one hash over all of them."""

    parts: Mapping[str, Mapping[str, str]]

    @property
    def digest(self) -> str:
        text = json.dumps(self.parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def for_manifest(self) -> dict[str, Any]:
        """Digest and parts without the list of files, which the manifest holds as its sources."""
        return {
            "digest": self.digest,
            "parts": {name: dict(items) for name, items in self.parts.items() if name != "files"},
        }


def project_fingerprint(settings: Settings, file_sha256s: Mapping[str, str]) -> Fingerprint:
    """Fingerprint of a refresh about to start. ``file_sha256s``: SHA-256 per file, by path below landing."""
    fields = settings.fingerprint_fields()
    as_of = fields.pop("as_of", str(settings.as_of))
    dbt = settings.dbt_project
    models = [*(dbt / name for name in _MODEL_FOLDERS), *sorted(dbt.glob("*.yml"))]
    return Fingerprint(
        {
            "files": dict(file_sha256s),
            "maps": _hashes(settings.sources, [settings.sources], {".yml", ".yaml"}),
            "seeds": _hashes(dbt, [dbt / "seeds"]),
            "models": _hashes(dbt, models),
            "expectations": _hashes(settings.expectations, [settings.expectations]),
            "settings": fields,
            "as_of": {"as_of": as_of},
            "code": _hashes(PACKAGE, [PACKAGE], _CODE_SUFFIXES),
            "libraries": _library_versions(),
        }
    )


def read_last(home: Home) -> Fingerprint | None:
    """The fingerprint of the last publication; None when there was none or its file is unreadable."""
    try:
        return Fingerprint(json.loads(_path(home).read_text(encoding="utf-8"))["parts"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def write_last(home: Home, fingerprint: Fingerprint) -> None:
    """Remember the fingerprint, atomically. Call it last, after publication and reports."""
    write_json(_path(home), {"digest": fingerprint.digest, "parts": fingerprint.parts})


def is_nothing_new(home: Home, current: Fingerprint) -> bool:
    """True when a refresh would reckon again what is published: same fingerprint, and it is all there."""
    last = read_last(home)
    is_complete = home.warehouse.exists() and home.marts.exists() and home.manifest.exists()
    return is_complete and last is not None and last.digest == current.digest


def changed_parts(
    old: Fingerprint | Mapping[str, Any] | None, new: Fingerprint | Mapping[str, Any], limit: int = 3
) -> list[str]:
    """What changed, a line per part: ``maps (~wabo.yml)``, ``files (+2024/q1.csv and 4 more)``.

    ``+`` added, ``-`` gone, ``~`` changed; at most ``limit`` items each. Takes fingerprints or the
    ``fingerprint`` of manifests. Without an old one everything is new: ``["first publication"]``.
    """
    if old is None:
        return ["first publication"]
    before, after = _parts(old), _parts(new)
    lines = []
    for part in dict.fromkeys([*after, *before]):
        items = _changed_items(before.get(part, {}), after.get(part, {}))
        if items:
            more = f" and {len(items) - limit} more" if len(items) > limit else ""
            lines.append(f"{part} ({', '.join(items[:limit])}{more})")
    return lines


def _parts(value: Fingerprint | Mapping[str, Any]) -> Mapping[str, Mapping[str, str]]:
    if isinstance(value, Fingerprint):
        return value.parts
    parts: Mapping[str, Mapping[str, str]] = value.get("parts", {})
    return parts


def _changed_items(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    added = [f"+{name}" for name in sorted(after.keys() - before.keys())]
    gone = [f"-{name}" for name in sorted(before.keys() - after.keys())]
    other = [f"~{name}" for name in sorted(after.keys() & before.keys()) if after[name] != before[name]]
    return added + gone + other


def _hashes(base: Path, places: Iterable[Path], suffixes: set[str] | None = None) -> dict[str, str]:
    """SHA-256 per file below the places, by path relative to ``base``; caches and hidden files left out."""
    found = {}
    for place in places:
        paths = sorted(place.rglob("*")) if place.is_dir() else [place]
        for path in paths:
            relative = path.relative_to(base)
            is_hidden = any(part.startswith(".") or part == "__pycache__" for part in relative.parts)
            if is_hidden or (suffixes is not None and path.suffix not in suffixes) or not path.is_file():
                continue
            found[relative.as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _library_versions() -> dict[str, str]:
    versions = {}
    for library in _LIBRARIES:
        try:
            versions[library] = version(library)
        except PackageNotFoundError:
            continue
    return versions


def _path(home: Home) -> Path:
    return home.build / "fingerprint.json"
