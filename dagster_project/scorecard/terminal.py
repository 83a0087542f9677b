"""Shows a scorecard, or any result, on the terminal: as a table, as JSON, as CSV.

Numbers for people are written the Vietnamese way (90,08 %; 1.234); JSON and CSV carry plain numbers.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, TextIO

import pyarrow as pa
from pyarrow import csv

from dagster_project.errors import ConfigError
from dagster_project.home import Home
from dagster_project.scorecard.query import Scorecard, ScorecardRow, read_scorecard

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

NOTHING = "–"
_BARS = "▁▂▃▄▅▆▇█"
_CALENDAR_NAMES = {"rep": "Kỳ báo cáo (15–14)", "cal": "Theo tháng, quý dương lịch"}
_STATUS_NAMES = {"provisional": "tạm tính", "final": "chốt", "restated": "điều chỉnh"}


def print_scorecard(
    home: Home,
    period: str | None = None,
    calendar: str = "rep",
    unit: str = "root",
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
        write_csv(as_arrow(card), sys.stdout)
    else:
        from rich.console import Console

        out = console or Console()
        for line in heading(card):
            out.print(line, highlight=False, markup=False)
        out.print(as_table(card) if card.rows else "Không có số liệu trong kỳ.")


def heading(card: Scorecard) -> list[str]:
    """The lines above the table: unit, period, as-of day, release, and whether the data are synthetic."""
    period = card.period
    running = "" if period.is_closed else " (kỳ chưa kết thúc)"
    lines = [
        f"{card.unit_name} · {_CALENDAR_NAMES[period.calendar]} · {period.period}"
        f" ({_day(period.starts_on)}–{_day(period.ends_on)}){running}",
        f"Số liệu đến {_day(card.as_of_on)} · bản công bố {card.release_id}",
    ]
    if card.is_synthetic:
        lines.append("DỮ LIỆU GIẢ LẬP – synthetic data, not a real department")
    return lines


def as_table(card: Scorecard) -> Table:
    """A rich table with a line per indicator and rule."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("Chỉ số", no_wrap=True)
    table.add_column("Tên")
    for label in ("Giá trị", "Tử số / Mẫu số", "Chỉ tiêu"):
        table.add_column(label, justify="right", no_wrap=True)
    for label in ("Đạt", "Kỳ trước", "Số liệu"):
        table.add_column(label, no_wrap=True)
    for row in card.rows:
        table.add_row(
            f"{row.indicator_code} {row.rule_version}",
            row.name_vi,
            format_value(row),
            f"{format_number(row.numerator)} / {format_number(row.denominator)}",
            format_measure(row.target, row.measure_type),
            {True: "Đạt", False: "Không đạt", None: NOTHING}[row.is_met],
            format_trend(row),
            _STATUS_NAMES.get(row.status, row.status),
        )
    return table


def as_json(card: Scorecard) -> dict[str, Any]:
    """The scorecard as plain JSON values; dates as ISO text."""
    content = asdict(card)
    for row in content["rows"]:
        row["trend"] = [
            {"period": period, "value": value}
            for period, value in zip(card.trend_periods, row["trend"], strict=True)
        ]
    del content["trend_periods"]
    return content


def as_arrow(card: Scorecard) -> pa.Table:
    """One row per indicator and rule; the preceding value beside the value."""
    rows = [
        {
            "calendar": card.period.calendar,
            "period": card.period.period,
            "unit_code": card.unit_code,
            "unit_name": card.unit_name,
            "scope": card.scope,
            "indicator_code": row.indicator_code,
            "indicator_name": row.name_vi,
            "rule_version": row.rule_version,
            "numerator": row.numerator,
            "denominator": row.denominator,
            "value": row.value,
            "previous_value": row.trend[-1] if row.trend else None,
            "target": row.target,
            "is_met": row.is_met,
            "status": row.status,
            "as_of_on": card.as_of_on,
            "release_id": card.release_id,
            "is_synthetic": card.is_synthetic,
        }
        for row in card.rows
    ]
    return pa.Table.from_pylist(rows, schema=_CSV_SCHEMA)


def format_value(row: ScorecardRow) -> str:
    """A ratio as a percentage with two decimals, rounded half up from its counts; NULL as a dash."""
    if row.measure_type == "ratio" and row.numerator is not None and row.denominator:
        return _percent(Decimal(str(row.numerator)) / Decimal(str(row.denominator)))
    return format_measure(row.value, row.measure_type)


def format_measure(value: float | None, measure_type: str) -> str:
    """A target or value of a measure type the Vietnamese way: ``90,08 %``, ``1.234``, ``–``."""
    if value is None:
        return NOTHING
    return _percent(Decimal(str(value))) if measure_type == "ratio" else format_number(value)


def format_number(value: float | None) -> str:
    """Dots between thousands, a comma before up to two decimals: ``1.234``, ``12,5``."""
    if value is None:
        return NOTHING
    rounded = _half_up(Decimal(str(value)))
    text = f"{rounded:,.2f}".rstrip("0").rstrip(".")
    return _swap_marks(text)


def format_trend(row: ScorecardRow) -> str:
    """A bar per period, this one last, and the change against the one before (in percentage points)."""
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
    is_ratio = row.measure_type == "ratio"
    change = _half_up((Decimal(str(now)) - Decimal(str(before))) * (100 if is_ratio else 1))
    return f"{bars} {_swap_marks(f'{change:+,.2f}')}"


def write_json(content: Any, out: TextIO) -> None:
    """Write JSON with its letters as they are."""
    out.write(json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n")


def write_csv(table: pa.Table, out: TextIO) -> None:
    """Write CSV with a header; text is quoted where needed."""
    sink = pa.BufferOutputStream()
    csv.write_csv(table, sink, csv.WriteOptions(quoting_style="needed", quoting_header="none"))
    out.write(sink.getvalue().to_pybytes().decode("utf-8"))


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


_CSV_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in (
            "calendar", "period", "unit_code", "unit_name", "scope",
            "indicator_code", "indicator_name", "rule_version",
        )),
        *((name, pa.float64()) for name in ("numerator", "denominator", "value", "previous_value", "target")),
        ("is_met", pa.bool_()),
        ("status", pa.string()),
        ("as_of_on", pa.date32()),
        ("release_id", pa.string()),
        ("is_synthetic", pa.bool_()),
    ]
)  # fmt: skip


def _percent(share: Decimal) -> str:
    return _swap_marks(f"{_half_up(share * 100):,.2f}") + " %"


def _half_up(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _swap_marks(text: str) -> str:
    return text.translate(str.maketrans(",.", ".,"))


def _day(value: Any) -> str:
    return f"{value:%d/%m/%Y}" if value is not None else NOTHING
