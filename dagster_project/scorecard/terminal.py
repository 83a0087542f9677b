"""Shows a scorecard, or any result, on the terminal: as a table, as JSON, as CSV.

Numbers for people are written the Vietnamese way (90,08 %; 1.234); JSON and CSV carry plain numbers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TextIO

import pyarrow as pa

from dagster_project.errors import ConfigError
from dagster_project.home import Home
from dagster_project.scorecard.numbers import (
    NOTHING,
    format_change,
    format_day,
    format_measure,
    format_number,
    format_ratio,
)
from dagster_project.scorecard.period_rows import period_rows
from dagster_project.scorecard.query import Scorecard, ScorecardRow, read_scorecard
from dagster_project.spreadsheet import csv_bytes

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_BARS = "▁▂▃▄▅▆▇█"
_CALENDAR_NAMES = {"rep": "Kỳ báo cáo (15–14)", "cal": "Theo tháng, quý dương lịch"}
_MET_NAMES = {True: "Đạt", False: "Không đạt", None: ""}
_MET_STYLES = {True: "green", False: "red", None: ""}
_STATUS_NAMES = {"provisional": "tạm tính", "final": "chốt", "restated": "điều chỉnh"}


def print_scorecard(
    home: Home,
    period: str | None = None,
    calendar: str = "rep",
    unit: str | None = None,
    output: str = "table",
    console: Console | None = None,
) -> None:
    """Print the scorecard of one period as ``table``, ``json`` or ``csv``. Raises ConfigError for others."""
    if output not in {"table", "json", "csv"}:
        raise ConfigError(f"--format {output}: unknown; choose table, json or csv")
    card = read_scorecard(home, period, calendar, unit)
    if output == "json":
        write_json(as_json(card), sys.stdout)
    elif output == "csv":
        write_csv(period_rows(home, [card.period.period_key], card.unit_id, card.scope), sys.stdout)
    else:
        from rich.console import Console

        out = console or Console()
        for line in heading(card):
            out.print(line, highlight=False, markup=False)
        shown = [row for row in card.rows if not row.is_empty and row.is_headline]
        out.print(as_table(card, shown) if shown else "Không có số liệu trong kỳ.")
        if details := sum(not row.is_empty and not row.is_headline for row in card.rows):
            out.print(f"Còn {details} chỉ số chi tiết: cchc scorecard --format csv", highlight=False)
        if hidden := sorted({row.indicator_code for row in card.rows if row.is_empty}):
            out.print(f"Chưa có số liệu: {', '.join(hidden)}", highlight=False, markup=False)


def heading(card: Scorecard) -> list[str]:
    """The lines above the table: unit, period, as-of day, release, and whether the data are synthetic."""
    period = card.period
    running = "" if period.is_closed else " (kỳ chưa kết thúc)"
    lines = [
        f"{card.unit_name} · {_CALENDAR_NAMES[period.calendar]} · {period.period}"
        f" ({format_day(period.starts_on)}–{format_day(period.ends_on)}){running}",
        f"Số liệu{_statuses(card)} đến {format_day(card.as_of_on)} · bản công bố {card.release_id}",
    ]
    if card.is_synthetic:
        lines.append("DỮ LIỆU MÔ PHỎNG – synthetic data, not a real department")
    return lines


def _statuses(card: Scorecard) -> str:
    found = sorted({row.status for row in card.rows})
    named = ", ".join(_STATUS_NAMES.get(status, status) for status in found)
    return f" {named}" if named else ""


def as_table(card: Scorecard, rows: Sequence[ScorecardRow]) -> Table:
    """A rich table with an entry per indicator and rule; the closed years stand at the right."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("Chỉ số", ratio=1)
    for label in ("Giá trị", "Chỉ tiêu"):
        table.add_column(label, justify="right", no_wrap=True)
    table.add_column("Xu hướng", no_wrap=True)
    for year in card.years:
        table.add_column(year, justify="right", no_wrap=True)
    for row in rows:
        # Two lines a row, so that the table fits a plain terminal.
        table.add_row(
            Text(f"{row.name_vi}{_where(card, row)}\n{row.indicator_code} {row.rule_version}"),
            f"{format_value(row)}\n{format_counts(row)}",
            Text(
                f"{format_measure(row.target, row.measure_type)}\n{_MET_NAMES[row.is_met]}",
                style=_MET_STYLES[row.is_met],
            ),
            format_trend(row),
            *(format_measure(value, row.measure_type) for value in row.years),
        )
    return table


def _where(card: Scorecard, row: ScorecardRow) -> str:
    """The field and, for a target of a unit above, the unit that a row is about."""
    parts = [row.field_name or "" if row.field_code != "all" else ""]
    parts.append(row.unit_name if row.unit_id != card.unit_id else "")
    named = ", ".join(part for part in parts if part)
    return f" ({named})" if named else ""


def as_json(card: Scorecard) -> dict[str, Any]:
    """The scorecard as plain JSON values; dates as ISO text."""
    content = asdict(card)
    for row in content["rows"]:
        row["trend"] = [
            {"period": period, "value": value}
            for period, value in zip(card.trend_periods, row["trend"], strict=True)
        ]
        row["years"] = [
            {"period": period, "value": value} for period, value in zip(card.years, row["years"], strict=True)
        ]
    del content["trend_periods"], content["years"]
    return content


def format_value(row: ScorecardRow) -> str:
    """A ratio as a percentage with two decimals, rounded half up from its counts; NULL as a dash."""
    if row.measure_type == "ratio" and row.numerator is not None and row.denominator:
        return format_ratio(row.numerator, row.denominator)
    return format_measure(row.value, row.measure_type)


def format_counts(row: ScorecardRow) -> str:
    """The counts behind a ratio, ``241 / 301``; nothing for a plain count, nor for a score, which is none."""
    if row.denominator is None or row.measure_type == "score":
        return ""
    return f"{format_number(row.numerator)} / {format_number(row.denominator)}"


def format_trend(row: ScorecardRow) -> str:
    """A bar per period, this one last; below, the change against the one before (in percentage points)."""
    values = (*row.trend, row.value)
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return NOTHING
    low, high = min(known), max(known)
    step = (high - low) / (len(_BARS) - 1) or 1.0
    bars = "".join(" " if value is None else _BARS[round((value - low) / step)] for value in values)
    before, now = values[-2], values[-1]
    if before is None or now is None:
        return bars
    return f"{bars}\n{format_change(now, before, row.measure_type)}"


def write_json(content: Any, out: TextIO) -> None:
    """Write JSON with its letters as they are."""
    out.write(json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n")


def write_csv(table: pa.Table, out: TextIO) -> None:
    """Write CSV with a header; text is quoted where needed, and none is a formula to a spreadsheet."""
    out.write(csv_bytes(table).decode("utf-8"))


def print_table(table: pa.Table, limit: int, console: Console | None = None) -> None:
    """Print at most ``limit`` rows; say how many there are more."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    out = console or Console()
    shown = Table(*table.column_names, box=None, pad_edge=False)
    for row in table.slice(0, limit).to_pylist():
        shown.add_row(*(Text("" if cell is None else str(cell)) for cell in row.values()))
    out.print(shown)
    if table.num_rows > limit:
        out.print(f"and {table.num_rows - limit} more rows; --format csv gives all", highlight=False)
