"""Numbers and days as people in Vietnam write them: ``90,08 %``, ``1.234``, ``31/12/2024``."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

NOTHING = "–"


def format_measure(value: float | None, measure_type: str) -> str:
    """A target or value of a measure type the Vietnamese way: ``90,08 %``, ``1.234``, ``–``."""
    if value is None:
        return NOTHING
    return percent(Decimal(str(value))) if measure_type == "ratio" else format_number(value)


def format_ratio(numerator: float | None, denominator: float | None) -> str:
    """A share from its counts, rounded half up to two decimals: ``1 / 800`` is ``0,13 %``."""
    if numerator is None or not denominator:
        return NOTHING
    return percent(Decimal(str(numerator)) / Decimal(str(denominator)))


def format_number(value: float | None) -> str:
    """Dots between thousands, a comma before up to two decimals: ``1.234``, ``12,5``."""
    if value is None:
        return NOTHING
    rounded = half_up(Decimal(str(value)))
    text = f"{rounded:,.2f}".rstrip("0").rstrip(".")
    return swap_marks(text)


def format_change(now: float | None, before: float | None, measure_type: str) -> str:
    """The difference with its sign, ratios in percentage points: ``+1,10``, ``-463``; ``–`` when unknown."""
    if now is None or before is None:
        return NOTHING
    is_ratio = measure_type == "ratio"
    change = half_up((Decimal(str(now)) - Decimal(str(before))) * (100 if is_ratio else 1))
    shown = f"{change:+,.2f}"
    return swap_marks(shown if is_ratio else shown.removesuffix(".00"))


def format_day(value: date | None) -> str:
    """``31/12/2024``."""
    return f"{value:%d/%m/%Y}" if value is not None else NOTHING


def percent(share: Decimal) -> str:
    """``0.9008`` as ``90,08 %``."""
    return swap_marks(f"{half_up(share * 100):,.2f}") + " %"


def half_up(value: Decimal) -> Decimal:
    """Two decimals, a half away from zero: what forms ask for, and not what ``round`` does."""
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def swap_marks(text: str) -> str:
    """``1,234.5`` as ``1.234,5``."""
    return text.translate(str.maketrans(",.", ".,"))
