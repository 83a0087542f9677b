"""Groups indicators by what they are about, so that a new one in the register finds its place by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dagster_project.scorecard.query import ScorecardRow

# Beginnings of codes, in the order of the page. What begins with none of them stands under "other".
_BEGINNINGS = {
    "score": ("SCORE",),
    "handling": ("OT_", "LATE", "OVERDUE", "APOLOGY", "SUPP"),
    "online": ("ONLINE", "SYNC", "PAY"),
    "digitization": ("DIG_", "REUSE"),
    "petitions": ("PAKN", "SAT_"),
    "transparency": ("PUB_",),
    "documents": ("DOC_",),
}
OTHER = "other"
TARGETED = "targeted"


@dataclass(frozen=True)
class Subject:
    """Indicators of one subject; ``code`` names its heading."""

    code: str
    rows: tuple[ScorecardRow, ...]


def by_subject(rows: Iterable[ScorecardRow]) -> list[Subject]:
    """Figures in the order of the page; targets in one field come last, under a heading of their own."""
    found: dict[str, list[ScorecardRow]] = {code: [] for code in (*_BEGINNINGS, OTHER, TARGETED)}
    for row in rows:
        found[_subject(row)].append(row)
    return [Subject(code, tuple(rows)) for code, rows in found.items() if rows]


def _subject(row: ScorecardRow) -> str:
    if row.field_code != "all":
        return TARGETED
    for code, beginnings in _BEGINNINGS.items():
        if row.indicator_code.startswith(beginnings):
            return code
    return OTHER
