"""Progress on a terminal as one bar per stage; on anything else one plain line per stage."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from dagster_project.progress import Reporter


@contextmanager
def reporter() -> Iterator[Reporter]:
    """A reporter for this process's standard error; the bars are gone when the block ends."""
    if sys.stderr.isatty():
        with _bars() as report:
            yield report
    else:
        yield _lines()


@contextmanager
def _bars() -> Iterator[Reporter]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:<16}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[item]}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, int] = {}

        def report(stage: str, item: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total, item=item)
            bars.update(tasks[stage], completed=done, total=total, item=item)  # type: ignore[arg-type]

        yield report


def _lines() -> Reporter:
    seen: set[str] = set()

    def report(stage: str, item: str, done: int, total: int) -> None:
        if stage not in seen:
            seen.add(stage)
            print(f"{stage}: {total}", file=sys.stderr, flush=True)

    return report
