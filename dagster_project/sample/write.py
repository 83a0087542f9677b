"""Writes the sample department into a folder: exports, ``truth.json`` and the marker ``sample.json``.

Everything is made in a temporary folder beside the target and put into place by renaming: a run that is
interrupted leaves either what was there before or nothing, and can be repeated.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson

from dagster_project.errors import CchcError, ConfigError
from dagster_project.sample.exports import all_exports
from dagster_project.sample.exports.words import PROVINCE_FOLDER
from dagster_project.sample.world import Options, World, make_world

MARKER, TRUTH = "sample.json", "truth.json"
_FILES_BEFORE_TRUTH = 250

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class SampleSummary:
    """What was written: files, bytes, dossiers and letters in them, numbers in truth.json; seconds taken."""

    folder: Path
    files: int
    bytes: int
    dossiers: int
    documents: int
    truth_numbers: int
    seconds: float


def write_sample(
    out: Path, options: Options, world: World | None = None, on_progress: Progress | None = None
) -> SampleSummary:
    """Write the sample into ``out``; an older sample there is replaced.

    ``world`` saves making it again. ``on_progress`` is told a title, how many files are done, and about how
    many there will be. ConfigError when ``out`` holds anything else, CchcError when it cannot be written.
    """
    start = perf_counter()
    out = out.resolve()
    _refuse_other_files(out)
    tell = on_progress or (lambda title, done, total: None)
    work = out.parent / f".{out.name}.new"
    try:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        tell("department", 0, _FILES_BEFORE_TRUTH)
        world = world or make_world(options)
        files = _write_exports(world, work, tell)
        tell("truth", len(files), len(files) + 1)
        numbers = _write_truth(world, work / TRUTH)
        _write_marker(world.options, work, files)
        size = sum(path.stat().st_size for path in (*files, work / TRUTH, work / MARKER))
        _put_in_place(work, out)
    except OSError as error:
        raise CchcError(f"{out}: the sample cannot be written ({error.strerror or error})") from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    tell("done", len(files) + 1, len(files) + 1)
    return SampleSummary(
        folder=out,
        files=len(files) + 2,
        bytes=size,
        dossiers=len(world.dossiers),
        documents=len(world.documents),
        truth_numbers=numbers,
        seconds=perf_counter() - start,
    )


def _refuse_other_files(out: Path) -> None:
    """Only an empty folder, or one with nothing but an older sample, may be written to."""
    if out.exists() and not out.is_dir():
        raise ConfigError(f"{out}: is a file; name a folder for the sample")
    if not out.is_dir():
        return
    try:
        listed = json.loads((out / MARKER).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        listed = []
    own = {MARKER, TRUTH, *map(str, listed)}
    found = (path.relative_to(out) for path in out.rglob("*") if path.is_file())
    others = sorted(path.as_posix() for path in found if not path.name.startswith("."))
    foreign = [name for name in others if name not in own]
    if foreign:
        more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
        raise ConfigError(
            f"{out}: holds other files ({foreign[0]}{more}); the sample needs a folder of its own"
        )


def _write_exports(world: World, folder: Path, tell: Progress) -> list[Path]:
    files: list[Path] = []
    for export in all_exports(world):
        for path in export.write(folder / PROVINCE_FOLDER):
            files.append(path)
            tell(export.title, len(files), max(_FILES_BEFORE_TRUTH, len(files) + 1))
    return files


def _write_truth(world: World, path: Path) -> int:
    """Reckon and write ``truth.json``; gives the number of numbers in it."""
    from dagster_project.sample import truth

    reckoned: dict[str, Any] = truth.reckon(world)
    truth.write(reckoned, path)
    return int(reckoned["count"])


def _write_marker(options: Options, folder: Path, files: list[Path]) -> None:
    marker = {
        "synthetic": True,
        "seed": options.seed,
        "scale": options.scale,
        "faults": options.faults,
        "as_of": options.last_on.isoformat(),
        "files": sorted(path.relative_to(folder).as_posix() for path in files),
    }
    (folder / MARKER).write_bytes(orjson.dumps(marker, option=orjson.OPT_INDENT_2) + b"\n")


def _put_in_place(work: Path, out: Path) -> None:
    """Swap the finished folder in; the older sample goes only when the new one stands."""
    old = out.parent / f".{out.name}.old"
    shutil.rmtree(old, ignore_errors=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.exists():
        out.rename(old)
    work.rename(out)
    shutil.rmtree(old, ignore_errors=True)
