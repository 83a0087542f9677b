"""``cchc sources check``: what the source maps would make of the files, without loading anything.

``check_sources`` gives the findings as data, ``render`` shows them; the exit code is the caller's business.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.errors import CchcError, ConfigError
from dagster_project.ingest.grammar import ColumnSpec, Input, SourceMap
from dagster_project.ingest.landing import ClaimedFile, claim_file, plan_landing
from dagster_project.ingest.load_maps import read_map

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

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
    checked = tuple(_check_file(file, key, max_json_mib) for file in claimed)
    return CheckReport(checked, tuple(unclaimed), tuple(idle))


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


# ------------------------------------------------------------------------------------ one file


def _check_file(claimed: ClaimedFile, key: bytes, max_json_mib: int) -> CheckedFile:
    from dagster_project.ingest.mapping import map_file

    def unreadable(reason: str) -> CheckedFile:
        return CheckedFile(claimed.name, claimed.source_map.source, claimed.input.name, reason)

    if claimed.error:
        return unreadable(claimed.error)
    try:
        mapped = map_file(claimed, key, max_json_mib)
    except CchcError as error:
        return unreadable(getattr(error, "reason", str(error)))
    if mapped.error is not None:
        return unreadable(mapped.error.removeprefix(f"{claimed.name}: "))
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


# ------------------------------------------------------------------------------------ rendering


def render(report: CheckReport, console: Console) -> None:
    """Print the report: a block per file, then what is left over. A pipe gets the same as plain text."""
    for file in report.files:
        for part in _file_block(file):
            console.print(part)
    if report.unclaimed:
        console.print("[bold]unclaimed[/] (no map reads them; that is no error)")
        for name in report.unclaimed:
            console.print(f"  {_plain(name)}")
    for name in report.inputs_without_files:
        console.print(f"[dim]no file yet for {name}[/]")
    if not report.files and not report.unclaimed:
        console.print("landing holds no files")
    unreadable = sum(1 for file in report.files if file.error)
    console.print(
        f"{len(report.files)} checked, {unreadable} unreadable, {len(report.unclaimed)} unclaimed; "
        "nothing loaded"
    )


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _file_block(file: CheckedFile) -> Iterator[RenderableType]:
    yield f"[bold]{_plain(file.name)}[/]  ({file.source}.{file.input})"
    if file.error:
        yield f"  [red]unreadable[/] {_plain(file.error)}"
        yield ""
        return
    for record in file.records:
        yield (
            f"  {record.kind}: {record.rows_read} read = {record.rows_loaded} loaded + "
            f"{record.rows_duplicate} duplicate + {record.rows_quarantined} quarantined; "
            f"{record.rows_skipped} skipped"
        )
        yield _record_table(record)
    if file.ignored_headers:
        yield f"  ignored headers: {_plain(', '.join(file.ignored_headers))}"
    for finding in file.findings:
        yield (
            f"  [yellow]{finding.reason}[/] {finding.kind}.{finding.column or '(whole row)'}: "
            f"{finding.count}, first in row {finding.first_row}"
        )
    yield ""


def _record_table(record: CheckedRecord) -> RenderableType:
    """Columns downwards and rows sideways: records are wide, and three rows are few."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("    column", "from", *(f"row {number}" for number in record.row_numbers)):
        table.add_column(title, overflow="fold", no_wrap=title == "column")
    for column in record.columns:
        note = " [yellow](always empty)[/]" if column.is_always_empty else ""
        cells = ("[dim]–[/]" if cell is None else _plain(cell) for cell in column.cells)
        table.add_row(f"    {column.name}", _plain(column.comes_from) + note, *cells)
    return table
