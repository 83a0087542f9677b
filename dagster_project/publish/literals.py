"""Python values as SQL literals, for the short commands.

Binding a parameter makes DuckDB import pandas where it is installed: two seconds, more than the rest of
``cchc scorecard`` or ``cchc status`` takes. Quoting is safe: in DuckDB's plain literals only the quote
itself is special.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime


def text(value: object) -> str:
    """A text literal, ``'it''s'``."""
    return "'" + str(value).replace("'", "''") + "'"


def texts(values: Iterable[object]) -> str:
    """A list of texts with its type, so that the empty one works too."""
    return f"[{', '.join(text(value) for value in values)}]::varchar[]"


def moment(value: datetime) -> str:
    """A timestamp literal to the second."""
    return f"timestamp '{value:%Y-%m-%d %H:%M:%S}'"


def name(value: str) -> str:
    """A quoted identifier."""
    return '"' + value.replace('"', '""') + '"'
