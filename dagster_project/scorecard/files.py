"""Writes the report files of closed periods into ``reports/<calendar>-<period>/``.

``scorecard.csv`` for every closed period with figures; the page, the workbook and the annex for those that
are asked for (see ``write_reports``). A file appears whole or not at all; one that would not change is not
touched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import pyarrow as pa

from dagster_project.errors import ConfigError
from dagster_project.home import Home
from dagster_project.publish.privacy import PUBLIC, Privacy
from dagster_project.scorecard.editions import at_release
from dagster_project.scorecard.period_rows import period_rows
from dagster_project.scorecard.query import closed_periods, newest_closed_quarters
from dagster_project.spreadsheet import MARK, csv_bytes

__all__ = ["closed_periods", "write_reports"]

# Columns that change with every release although no figure does.
_OF_THE_RELEASE = ("release_id", "as_of_on")
PAGE = "scorecard.html"


def write_reports(
    home: Home,
    periods: Iterable[str] | None = None,
    privacy: Privacy = PUBLIC,
    release_id: str | None = None,
) -> list[Path]:
    """Write the reports of closed periods, by key (``rep:2024Q1``), or those that a refresh owes.

    Named periods get every file. A refresh writes the CSV of all closed periods with figures; page, workbook
    and annex of the newest closed quarter of each calendar, and again those of every older period that has a
    page whose figures changed. ``release_id``: from that release instead of the published one. Returns the
    paths, changed or not. Raises ConfigError for a period that is unknown or open, or an unknown release.
    """
    source = home if release_id is None else at_release(home, release_id)
    closed = closed_periods(source)
    wanted = closed if periods is None else list(periods)
    for key in wanted:
        if key not in closed:
            raise ConfigError(f"{key}: not a closed period of the published release; see table dim_periods")
    rows = period_rows(source, wanted)
    spans = _spans(rows["period_key"].to_pylist())
    if periods is None:
        wanted = [key for key in wanted if key in spans]
    newest = set(newest_closed_quarters(source))
    written = []
    for key in wanted:
        figures = rows.slice(*spans.get(key, (0, 0))).drop_columns(["period_key"])
        folder = home.reports / key.replace(":", "-")
        written.append(_write(folder / "scorecard.csv", MARK + csv_bytes(figures)))
        digest = _digest(figures)
        if periods is not None or key in newest or _is_outdated(folder / PAGE, digest):
            written += _write_documents(source, folder, key, privacy, digest)
    return written


def _write_documents(home: Home, folder: Path, key: str, privacy: Privacy, digest: str) -> list[Path]:
    from dagster_project.scorecard.annex import render_annex
    from dagster_project.scorecard.page import render_page
    from dagster_project.scorecard.report.read import read_report
    from dagster_project.scorecard.workbook import render_workbook

    report = read_report(home, key, privacy)
    return [
        _write(folder / "scorecard.xlsx", render_workbook(report)),
        _write(folder / "scorecard.docx", render_annex(report)),
        # The page names the figures it shows: written last, it vouches for the files beside it.
        _write(folder / PAGE, render_page(report, digest).encode()),
    ]


def _spans(keys: list[str]) -> dict[str, tuple[int, int]]:
    """Offset and length per key of a sorted column."""
    spans: dict[str, tuple[int, int]] = {}
    for key, group in groupby(range(len(keys)), keys.__getitem__):
        places = list(group)
        spans[key] = places[0], len(places)
    return spans


def _digest(figures: pa.Table) -> str:
    """A name for the figures of a period: another release with the same figures has the same."""
    return hashlib.sha256(MARK + csv_bytes(figures.drop_columns(list(_OF_THE_RELEASE)))).hexdigest()[:16]


def _is_outdated(page: Path, digest: str) -> bool:
    """Does a page stand there that shows other figures?"""
    if not page.exists():
        return False
    with page.open(encoding="utf-8") as handle:
        return f'content="{digest}"' not in handle.read(2_000)


def _write(target: Path, content: bytes) -> Path:
    if target.exists() and target.read_bytes() == content:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f".{target.name}.new")
    scratch.write_bytes(content)
    scratch.replace(target)
    return target
