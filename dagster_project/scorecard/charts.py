"""Geometry of the charts: where points, bars and marks stand. Templates draw them as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """A known value at its place; ``index`` is its place in the series, ``is_low`` lower than its neighbours.

    Its number belongs where the line does not run: under a low point, beside one on a ``slope`` (``rises``
    or ``falls``, else empty).
    """

    index: int
    x: float
    y: float
    value: float
    is_low: bool
    slope: str


@dataclass(frozen=True)
class Line:
    """A series as an SVG path: a gap stays a gap. ``target_y`` is None without a target."""

    path: str
    points: tuple[Point, ...]
    target_y: float | None


def line(
    values: Sequence[float | None],
    target: float | None = None,
    width: float = 120,
    height: float = 32,
    margin: tuple[float, float] = (4, 4),
) -> Line:
    """Lay values from left to right into a box, the lowest at the bottom; the target is always in sight."""
    known = [value for value in (*values, target) if value is not None]
    across, down = margin
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    span = (high - low) or 1.0
    step = (width - 2 * across) / max(len(values) - 1, 1)

    def height_of(value: float) -> float:
        return round(height - down - (value - low) / span * (height - 2 * down), 2)

    points = tuple(
        Point(
            index,
            round(across + index * step, 2),
            height_of(value),
            value,
            _is_low(values, index),
            _slope(values, index),
        )
        for index, value in enumerate(values)
        if value is not None
    )
    parts = []
    for place, point in enumerate(points):
        follows = place > 0 and points[place - 1].index == point.index - 1
        parts.append(f"{'L' if follows else 'M'}{point.x} {point.y}")
    return Line(" ".join(parts), points, None if target is None else height_of(target))


def _is_low(values: Sequence[float | None], index: int) -> bool:
    around = (*values[max(index - 1, 0) : index], *values[index + 1 : index + 2])
    value = values[index]
    return value is not None and bool(around) and all(each is not None and each > value for each in around)


def _slope(values: Sequence[float | None], index: int) -> str:
    if not 0 < index < len(values) - 1:
        return ""
    before, value, after = values[index - 1 : index + 2]
    if before is None or value is None or after is None:
        return ""
    return "rises" if before < value < after else "falls" if before > value > after else ""


def share(value: float | None, largest: float) -> float:
    """Length of a bar in per cent of the largest one; 0 for nothing."""
    return round(100 * value / largest, 2) if value and largest else 0.0
