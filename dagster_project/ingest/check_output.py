"""How ``cchc sources check`` is read: per input one file whole, of the others only what is their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from dagster_project.ingest.check import CheckedFile, CheckedRecord, CheckReport

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_COUNTS = ("rows_read", "rows_loaded", "rows_duplicate", "rows_quarantined", "rows_skipped")


def render(report: CheckReport, console: Console, is_every_file_shown: bool = False) -> None:
    """Print the report: a block per input, then what is left over. A pipe gets the same as plain text.

    The first readable file of an input is shown with its first rows, with ``is_every_file_shown`` each is.
    Whatever is wrong with a file is always told under its name.
    """
    for files in _by_input(report.files):
        for part in _input_block(files, is_every_file_shown):
            console.print(part)
        console.print()
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


def _by_input(files: Iterable[CheckedFile]) -> Iterable[list[CheckedFile]]:
    """The files of each input together, inputs in the order of their first file."""
    inputs: dict[tuple[str, str], list[CheckedFile]] = {}
    for file in files:
        inputs.setdefault((file.source, file.input), []).append(file)
    return inputs.values()


def _input_block(files: Sequence[CheckedFile], is_every_file_shown: bool) -> Iterator[RenderableType]:
    readable = [file for file in files if not file.error]
    never_filled = _never_filled(readable)
    alike: list[CheckedFile] = []
    for file in files:
        if file.error:
            yield _title(file)
            yield f"  [red]unreadable[/] {_plain(file.error)}"
        elif file is readable[0] or is_every_file_shown:
            yield _title(file)
            for record in file.records:
                yield f"  {_counts([record])}"
                yield _record_table(record, never_filled)
            yield from _remarks(file)
        elif file.findings or file.ignored_headers != readable[0].ignored_headers:
            yield _title(file)
            yield from (f"  {_counts([record])}" for record in file.records)
            yield from _remarks(file)
        else:
            alike.append(file)
    if alike:
        yield f"[bold]and {len(alike)} more like the first[/], the last {_plain(alike[-1].name)}"
        for records in zip(*(file.records for file in alike), strict=True):
            yield f"  {_counts(records)}"


def _never_filled(files: Sequence[CheckedFile]) -> frozenset[tuple[str, str]]:
    """(record kind, column) that no file fills, though some file has rows."""
    filled: set[tuple[str, str]] = set()
    empty: set[tuple[str, str]] = set()
    for file in files:
        for record in file.records:
            for column in record.columns if record.rows_loaded else ():
                (empty if column.is_always_empty else filled).add((record.kind, column.name))
    return frozenset(empty - filled)


def _title(file: CheckedFile) -> str:
    return f"[bold]{_plain(file.name)}[/]  ({file.source}.{file.input})"


def _counts(records: Sequence[CheckedRecord]) -> str:
    """The rows of one record kind in one or more files."""
    read, loaded, duplicate, quarantined, skipped = (
        sum(getattr(record, name) for record in records) for name in _COUNTS
    )
    parts = f"{loaded} loaded + {duplicate} duplicate + {quarantined} quarantined"
    return f"{records[0].kind}: {read} read = {parts}; {skipped} skipped"


def _remarks(file: CheckedFile) -> Iterator[str]:
    if file.ignored_headers:
        yield f"  ignored headers: {_plain(', '.join(file.ignored_headers))}"
    for finding in file.findings:
        yield (
            f"  [yellow]{finding.reason}[/] {finding.kind}.{finding.column or '(whole row)'}: "
            f"{finding.count}, first in row {finding.first_row}"
        )


def _record_table(record: CheckedRecord, never_filled: frozenset[tuple[str, str]]) -> RenderableType:
    """Columns downwards and rows sideways: records are wide, and three rows are few."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("    column", no_wrap=True)
    for title in ("from", *(f"row {number}" for number in record.row_numbers)):
        table.add_column(title, overflow="fold")
    for column in record.columns:
        note = " [yellow](always empty)[/]" if (record.kind, column.name) in never_filled else ""
        cells = ("[dim]–[/]" if cell is None else _plain(cell) for cell in column.cells)
        table.add_row(f"    {column.name}", _plain(column.comes_from) + note, *cells)
    return table


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
