"""Progress on a terminal as one bar per stage; on anything else one plain line per stage."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from dagster_project.progress import Reporter


@contextmanager
def reporter() -> Iterator[Reporter]:
    """A reporter for this process's standard error; the bars are gone when the block ends.

    It writes to a copy of the stream: Dagster sends the stream itself to a file while a step runs.
    """
    with os.fdopen(os.dup(2), "w", buffering=1, encoding="utf-8") as stream:
        if stream.isatty():
            with _bars(stream) as report:
                yield report
        else:
            yield _lines(stream)


@contextmanager
def _bars(stream: TextIO) -> Iterator[Reporter]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:<16}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[item]}", markup=False),
    )
    with Progress(*columns, console=Console(file=stream), transient=True) as bars:
        tasks: dict[str, int] = {}

        def report(stage: str, item: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total, item=item)
            bars.update(tasks[stage], completed=done, total=total, item=item)  # type: ignore[arg-type]

        yield report


def _lines(stream: TextIO) -> Reporter:
    seen: set[str] = set()

    def report(stage: str, item: str, done: int, total: int) -> None:
        if stage not in seen:
            seen.add(stage)
            print(f"{stage}: {total}", file=stream, flush=True)

    return report
