"""Renders ``scorecard.html``: one file with its style and script inside, Vietnamese with an English switch.

Every number stands in an element with ``data-key`` (what it is) and ``data-value`` (the plain number).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dagster_project.scorecard import charts
from dagster_project.scorecard.numbers import NOTHING, format_change, format_day, format_measure, format_ratio
from dagster_project.scorecard.query import ScorecardRow
from dagster_project.scorecard.report.read import Report

LABELS = Path(__file__).with_name("labels.yml")
# What the leader reads first, where the register has it; targets in one field follow.
KEY_FIGURES = ("SCORE_01", "OT_06", "OT_766", "LATE_OPEN", "ONLINE", "DIG_STOCK")


def render_page(report: Report, figures_digest: str = "") -> str:
    """The page of a report. ``figures_digest`` names the figures, so that an unchanged page is left alone."""
    template = _environment().get_template("scorecard.html")
    return template.render(
        report=report,
        card=report.card,
        key_figures=key_figures(report),
        figures_digest=figures_digest,
        period_keys=[f"{report.card.period.calendar}:{each}" for each in _trend_labels(report)],
        trend_labels=_trend_labels(report),
    )


def key_figures(report: Report) -> list[ScorecardRow]:
    """The figures of the first page: one rule version per code, then one per target in a field."""
    chosen = [row for row in map(report.figure, KEY_FIGURES) if row is not None and row.value is not None]
    seen = set()
    for row in report.card.rows:
        place = (row.indicator_code, row.field_code, row.unit_id)
        if row.field_code != "all" and row.target is not None and place not in seen:
            seen.add(place)
            chosen.append(row)
    return chosen


def label(key: str) -> tuple[str, str]:
    """The Vietnamese and the English text of a label; a code without a text stands for itself."""
    vi, en = _labels().get(key, (key, key))
    return vi, en


def indicator_key(row: ScorecardRow, period_key: str, scope: str, column: str = "value") -> str:
    """Which cell of fct_indicators a number is."""
    return "|".join(
        (
            "fct_indicators",
            period_key,
            row.unit_id,
            scope,
            row.field_code,
            row.indicator_code,
            row.rule_version,
            column,
        )
    )


def _trend_labels(report: Report) -> list[str]:
    return [*report.card.trend_periods, report.card.period.period]


@cache
def _labels() -> dict[str, tuple[str, str]]:
    found = yaml.safe_load(LABELS.read_text(encoding="utf-8"))
    # YAML reads a few bare words as something else; every key and text is one of ours.
    return {str(key): (str(vi), str(en)) for key, (vi, en) in found.items()}


def _both(vi: str, en: str | None) -> Markup:
    if not en or en == vi:
        return Markup("<span>{}</span>").format(vi)
    return Markup('<span class="vi" lang="vi">{}</span><span class="en" lang="en">{}</span>').format(vi, en)


def _t(key: str) -> Markup:
    return _both(*label(key))


def _spoken(vi: str, en: str) -> Markup:
    """An accessible name in both languages; the script changes it with the language."""
    return Markup('aria-label="{}" data-name-vi="{}" data-name-en="{}"').format(vi, vi, en)


def _cell(key: str) -> Markup:
    """Attributes of a cell whose column's head stands before it on a narrow screen."""
    vi, en = label(key)
    return Markup('role="cell" data-vi="{}" data-en="{}"').format(vi, en)


def _number(key: str, value: float | None, kind: str = "count", text: str | None = None) -> Markup:
    """A number with what it is and its plain value; ``kind``: ratio or anything else."""
    plain = "" if value is None else repr(float(value)).removesuffix(".0")
    shown = format_measure(value, kind) if text is None else text
    return Markup('<span class="n" data-key="{}" data-value="{}" data-kind="{}">{}</span>').format(
        key, plain, kind, shown
    )


def _figure(row: ScorecardRow, period_key: str, scope: str) -> Markup:
    """The value of an indicator; a ratio is written from its counts, so that halves round up."""
    text = None
    if row.measure_type == "ratio" and row.denominator:
        text = format_ratio(row.numerator, row.denominator)
    return _number(indicator_key(row, period_key, scope), row.value, row.measure_type, text)


def _to_date(row: ScorecardRow, period_key: str, scope: str, column: str = "value") -> Markup:
    """The year to date of an indicator, or one of its counts."""
    key = indicator_key(row, period_key, scope, column).replace("fct_indicators", "to_date", 1)
    if row.to_date is None:
        return _number(key, None)
    if column != "value":
        return _number(key, getattr(row.to_date, column))
    text = None
    if row.measure_type == "ratio" and row.to_date.denominator:
        text = format_ratio(row.to_date.numerator, row.to_date.denominator)
    return _number(key, row.to_date.value, row.measure_type, text)


def _year_before(report: Report, row: ScorecardRow, period_keys: list[str]) -> Markup:
    """The value in the same period of the year before."""
    place = len(period_keys) - 1 - report.periods_back
    if place < 0:
        return Markup(NOTHING)
    key = indicator_key(row, period_keys[place], "with_children")
    return _number(key, report.year_before(row), row.measure_type)


def _named(prefix: str, code: str) -> Markup:
    """A code that may have no text of its own: then it stands for itself."""
    return _both(*_labels().get(f"{prefix}_{code}", (code, code)))


def rule_name(version: str) -> tuple[str, str] | None:
    """What a rule is called; None for the only rule of an indicator."""
    return _labels().get(f"rule_{version}")


def reason(told: str | None) -> tuple[str, str]:
    """Why a figure was restated, in both languages: causes (codes, a comma between), then counts or files."""
    if not told:
        return NOTHING, NOTHING
    codes, mark, counts = told.partition(": ")
    names = [label(code) for code in codes.split(", ")]
    said = f"{mark}{counts.replace('->', '→')}"
    return ", ".join(vi for vi, _ in names) + said, ", ".join(en for _, en in names) + said


def _reason(told: str | None) -> Markup:
    return _both(*reason(told))


def _change(row: ScorecardRow, before: float | None, what: str) -> Markup:
    """The difference to another value, ratios in percentage points."""
    key = f"change|{what}|{row.unit_id}|{row.field_code}|{row.indicator_code}|{row.rule_version}"
    if row.value is None or before is None:
        return _number(key, None)
    return _number(
        key,
        row.value - before,
        row.measure_type,
        format_change(row.value, before, row.measure_type),
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("dagster_project.scorecard", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    functions: dict[str, Any] = {
        "t": _t,
        "both": _both,
        "label": label,
        "spoken": _spoken,
        "cell": _cell,
        "num": _number,
        "figure": _figure,
        "change": _change,
        "to_date": _to_date,
        "year_before": _year_before,
        "rule_name": rule_name,
        "named": _named,
        "reason": _reason,
        "indicator_key": indicator_key,
        "day": format_day,
        "measure": format_measure,
        "line": charts.line,
        "share": charts.share,
    }
    environment.globals.update(functions)
    return environment
