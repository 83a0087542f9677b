"""``cchc sources check``: what the source maps would make of the files, without loading anything.

``check_sources`` gives the findings as data, ``check_output`` shows them; the exit code is the caller's
business.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.errors import ConfigError
from dagster_project.ingest.grammar import ColumnSpec, Input, SourceMap
from dagster_project.ingest.landing import ClaimedFile, claim_file, plan_landing
from dagster_project.ingest.load_maps import read_map
from dagster_project.progress import Progress

if TYPE_CHECKING:
    from dagster_project.ingest.mapping import MappedFile

SAMPLE_ROWS = 3


@dataclass(frozen=True)
class CheckedColumn:
    """One mapped column: where it comes from, its first cells as they would load, is it always empty."""

    name: str
    comes_from: str
    cells: tuple[str | None, ...]
    is_always_empty: bool


@dataclass(frozen=True)
class CheckedRecord:
    """One record kind of one file: how its rows were counted and its columns."""

    kind: str
    rows_read: int
    rows_loaded: int
    rows_duplicate: int
    rows_quarantined: int
    rows_skipped: int
    row_numbers: tuple[int, ...]
    columns: tuple[CheckedColumn, ...]


@dataclass(frozen=True)
class Finding:
    """Cells or rows that would go to quarantine, by column (None: the whole row) and reason."""

    kind: str
    column: str | None
    reason: str
    count: int
    first_row: int


@dataclass(frozen=True)
class CheckedFile:
    """One file under one input; ``error`` says why it cannot be read and is None for a file that can."""

    name: str
    source: str
    input: str
    error: str | None
    ignored_headers: tuple[str, ...] = ()
    records: tuple[CheckedRecord, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class CheckReport:
    """All checked files, the files no map claims, and the inputs (``source.input``) that found no file."""

    files: tuple[CheckedFile, ...]
    unclaimed: tuple[str, ...]
    inputs_without_files: tuple[str, ...]

    @property
    def has_errors(self) -> bool:
        """Would any file be unreadable?"""
        return any(file.error for file in self.files)


def check_sources(
    maps: Sequence[SourceMap],
    folder: Path,
    files: Sequence[Path] | None = None,
    key: bytes | None = None,
    max_json_mib: int = 512,
    progress: Progress | None = None,
) -> CheckReport:
    """Map every claimed file of ``folder``, or only ``files``, and tell what came out.

    A file may lie outside landing: it is then claimed by its name, as it would be in landing. A source map
    among ``files`` stands for all files of its source. Without ``key`` the pseudonyms shown are throw-away
    ones. ConfigError for a file that is not there or a map with a mistake.
    """
    key = key or secrets.token_bytes(32)
    if files:
        claimed, unclaimed, idle = _claim_given(maps, folder, files)
    else:
        plan = plan_landing(maps, folder)
        claimed, unclaimed, idle = plan.claimed, plan.unclaimed, _idle(maps, plan.claimed)
    checked = _check_files(claimed, key, max_json_mib, progress)
    return CheckReport(tuple(checked), tuple(unclaimed), tuple(idle))


def _idle(maps: Sequence[SourceMap], claimed: Sequence[ClaimedFile]) -> list[str]:
    """The inputs (``source.input``) that found no file."""
    used = {(file.source_map.source, file.input.name) for file in claimed}
    return [
        f"{one.source}.{part.name}"
        for one in maps
        for part in one.inputs
        if (one.source, part.name) not in used
    ]


def _claim_given(
    maps: Sequence[SourceMap], folder: Path, files: Sequence[Path]
) -> tuple[list[ClaimedFile], list[str], list[str]]:
    claimed: list[ClaimedFile] = []
    unclaimed: list[str] = []
    idle: list[str] = []
    for file in files:
        if not file.is_file():
            raise ConfigError(f"{file}: no such file; name an export or a source map")
        if file.suffix in (".yml", ".yaml"):
            source_map, mistakes = read_map(file)
            if source_map is None:
                raise ConfigError(mistakes[0])
            found = plan_landing([source_map], folder).claimed
            claimed += found
            idle += _idle([source_map], found)
            continue
        claims = claim_file(maps, file, folder)
        claimed += claims
        if not claims:
            unclaimed.append(str(file))
    return claimed, unclaimed, idle


def _check_files(
    claimed: Sequence[ClaimedFile], key: bytes, max_json_mib: int, progress: Progress | None
) -> list[CheckedFile]:
    """Every file, in its order; read as a refresh reads them, and nothing is kept but what is told."""
    from dagster_project.ingest.batches import BatchMapper, plan_batches

    checked: dict[tuple[Path, str, str], CheckedFile] = {}
    with closing(BatchMapper(key, max_json_mib).results(plan_batches(claimed))) as results:
        for mapped in (one for batch in results for one in batch):
            checked[_place(mapped.claimed)] = _check_file(mapped)
            if progress:
                progress(mapped.claimed.name, len(checked), len(claimed))
    return [checked[_place(file)] for file in claimed]


def _place(file: ClaimedFile) -> tuple[Path, str, str]:
    # The path and not the name: two files outside landing may go by one name.
    return (file.path, file.source_map.source, file.input.name)


# ------------------------------------------------------------------------------------ one file


def _check_file(mapped: MappedFile) -> CheckedFile:
    claimed = mapped.claimed
    if mapped.error is not None:
        reason = mapped.error.removeprefix(f"{claimed.name}: ")
        return CheckedFile(claimed.name, claimed.source_map.source, claimed.input.name, reason)
    outcomes = mapped.outcomes.to_pylist()
    ignored = {header for row in outcomes for header in (row["ignored_columns"] or "").split("; ") if header}
    return CheckedFile(
        claimed.name,
        claimed.source_map.source,
        claimed.input.name,
        None,
        tuple(sorted(ignored)),
        tuple(_check_record(outcome, mapped, claimed.input) for outcome in outcomes),
        tuple(_findings(mapped.quarantine)),
    )


def _check_record(outcome: dict[str, Any], mapped: MappedFile, part: Input) -> CheckedRecord:
    kind = outcome["record_kind"]
    table = mapped.tables.get(kind)
    specs: dict[str, str] = {}
    for record in part.records:
        for name, spec in record.columns.items() if record.kind == kind else ():
            text = describe(spec)
            specs[name] = text if specs.get(name, text) == text else f"{specs[name]} | {text}"
    head = table.slice(0, SAMPLE_ROWS).to_pylist() if table is not None else []
    columns = tuple(
        CheckedColumn(
            name,
            comes_from,
            tuple(row[name] for row in head),
            table is not None and table.num_rows > 0 and table[name].null_count == table.num_rows,
        )
        for name, comes_from in specs.items()
    )
    counts = {name: outcome[name] for name in CheckedRecord.__dataclass_fields__ if name.startswith("rows_")}
    return CheckedRecord(kind, row_numbers=tuple(row["_row_no"] for row in head), columns=columns, **counts)


def _findings(quarantine: pa.Table) -> Iterator[Finding]:
    groups = quarantine.group_by(["record_kind", "column_name", "reason"]).aggregate(
        [("row_no", "count"), ("row_no", "min")]
    )
    order = pc.sort_indices(groups, sort_keys=[("row_no_count", "descending"), ("row_no_min", "ascending")])
    for row in groups.take(order).to_pylist():
        yield Finding(
            row["record_kind"], row["column_name"], row["reason"], row["row_no_count"], row["row_no_min"]
        )


def describe(spec: ColumnSpec) -> str:
    """In a few words where a column comes from, such as ``startdate`` or ``path ~ (\\d{4})``."""
    if spec.constant is not None:
        text = f"«{spec.constant}»"
    elif spec.coalesce:
        text = "first of " + ", ".join(map(describe, spec.coalesce))
    elif spec.concat:
        text = " + ".join(map(describe, spec.concat))
    else:
        text = spec.value or " / ".join(spec.headers)
    text += f" ~ {spec.extract}" if spec.extract else ""
    text += f" ({len(spec.codes)} codes)" if spec.codes else ""
    return text
