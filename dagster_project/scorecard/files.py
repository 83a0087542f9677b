"""Writes the report files of closed periods: ``reports/<calendar>-<period>/scorecard.csv``.

The figures come from ``query``. A file appears whole or not at all; one that would not change is not touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from dagster_project.errors import ConfigError
from dagster_project.home import Home
from dagster_project.scorecard.query import closed_periods, period_rows

__all__ = ["closed_periods", "write_reports"]

# Spreadsheets on Windows take a CSV for UTF-8 only when it begins with this mark.
_MARK = b"\xef\xbb\xbf"


def write_reports(home: Home, periods: Iterable[str] | None = None) -> list[Path]:
    """Write the scorecard of closed periods, by key (``rep:2024Q1``); default: all that have figures.

    Returns the paths of the files, changed or not. Raises ConfigError for a period that is unknown or open.
    """
    closed = closed_periods(home)
    wanted = closed if periods is None else list(periods)
    for key in wanted:
        if key not in closed:
            raise ConfigError(f"{key}: not a closed period of the published release; see table dim_periods")
    rows = period_rows(home, wanted)
    spans = _spans(rows["period_key"].to_pylist())
    if periods is None:
        wanted = [key for key in wanted if key in spans]
    return [_write_period(home, key, rows.slice(*spans.get(key, (0, 0)))) for key in wanted]


def _spans(keys: list[str]) -> dict[str, tuple[int, int]]:
    """Offset and length per key of a sorted column."""
    spans: dict[str, tuple[int, int]] = {}
    for key, group in groupby(range(len(keys)), keys.__getitem__):
        places = list(group)
        spans[key] = places[0], len(places)
    return spans


def _write_period(home: Home, key: str, rows: pa.Table) -> Path:
    target = home.reports / key.replace(":", "-") / "scorecard.csv"
    sink = pa.BufferOutputStream()
    options = csv.WriteOptions(quoting_style="needed", quoting_header="none")
    csv.write_csv(rows.drop_columns(["period_key"]), sink, options)
    content = _MARK + sink.getvalue().to_pybytes()
    if target.exists() and target.read_bytes() == content:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f".{target.name}.new")
    scratch.write_bytes(content)
    scratch.replace(target)
    return target
