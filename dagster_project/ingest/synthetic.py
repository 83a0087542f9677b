"""The sample department never mixes with real data: which files are synthetic, and the refusal.

A sample is known by its marker, ``sample.json`` beside what was written, which lists its files. A file is
synthetic when a marker names it; an export that merely lies among the sample's files is not.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.errors import ConfigError

if TYPE_CHECKING:
    from dagster_project.ingest.landing import ClaimedFile

MARKER = "sample.json"
TRUTH = "truth.json"


def synthetic_names(files: Iterable[tuple[str, Path]]) -> tuple[frozenset[str], frozenset[str]]:
    """(names of the sample's exports, names of its own notes) among the files of landing.

    ``files`` are (name relative to landing, path). A marker that cannot be read is a ConfigError.
    """
    exports: set[str] = set()
    notes: set[str] = set()
    for name, path in files:
        folder, _, base = name.rpartition("/")
        if base != MARKER:
            continue
        prefix = f"{folder}/" if folder else ""
        try:
            marker = json.loads(path.read_text(encoding="utf-8"))
            exports |= {prefix + one for one in marker["files"]}
        except (OSError, ValueError, KeyError, TypeError):
            raise ConfigError(f"{name}: damaged marker of a sample; write the sample again") from None
        notes |= {name, f"{prefix}{TRUTH}"}
    return frozenset(exports), frozenset(notes)


def refuse_mixture(files: Iterable[ClaimedFile], home_is_synthetic: bool | None) -> bool:
    """Whether the files are synthetic; ConfigError when they mix with real ones or with what a home holds.

    ``home_is_synthetic`` is None for a home without data.
    """
    synthetic: str | None = None
    real: str | None = None
    for file in files:
        if file.is_synthetic:
            synthetic = synthetic or file.name
        else:
            real = real or file.name
    if synthetic and real:
        raise ConfigError(
            f"{real}: not part of the sample department that lies in the same landing;"
            " keep the sample in a home of its own (--home)"
        )
    if real and home_is_synthetic:
        raise ConfigError(
            f"{real}: this home holds the sample department and takes no other data; choose another --home"
        )
    if synthetic and home_is_synthetic is False:
        raise ConfigError(
            f"{synthetic}: this home holds data of its own and takes no sample; choose another --home"
        )
    return synthetic is not None or home_is_synthetic is True
