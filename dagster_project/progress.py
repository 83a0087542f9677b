"""Progress of long work: bars on a terminal, plain lines elsewhere. The command line installs a reporter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Progress = Callable[[str, int, int], None]
"""What one stage tells whoever listens: the item at hand, how many are done, how many there are."""


class Reporter(Protocol):
    """Receives ``stage`` (say "read exports"), the item at hand, and how many of ``total`` are done."""

    def __call__(self, stage: str, item: str, done: int, total: int) -> None: ...


def _silent(stage: str, item: str, done: int, total: int) -> None:
    return None


_reporter: Reporter = _silent


def install(reporter: Reporter | None) -> None:
    """Send progress of this process to ``reporter``; None makes it silent again."""
    global _reporter
    _reporter = reporter or _silent


def report(stage: str, item: str, done: int, total: int) -> None:
    """Tell the installed reporter where this process is."""
    _reporter(stage, item, done, total)
