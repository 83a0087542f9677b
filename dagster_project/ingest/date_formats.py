"""Date formats as a civil servant writes them (``dd/MM/yyyy HH:mm``), turned into DuckDB's patterns.

Only the notation lives here; reading cells with it is the business of ``columns_sql``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

_TOKENS = {
    "yyyy": "%Y",
    "MM": "%m",
    "M": "%-m",
    "dd": "%d",
    "d": "%-d",
    "HH": "%H",
    "H": "%-H",
    "mm": "%M",
    "ss": "%S",
    "fff": "%g",
    "T": "T",
}
_MEANT = {"YYYY": "yyyy", "DD": "dd", "D": "d", "hh": "HH", "h": "HH", "SS": "ss", "s": "ss", "m": "mm"}
_RUNS = re.compile(r"([^\W\d_])\1*|.", re.DOTALL)


@dataclass(frozen=True)
class DateFormat:
    """One parsed format: ``iso`` (ISO 8601, offset allowed), ``excel`` (serial number) or ``pattern``.

    ``strptime`` is the DuckDB pattern, empty for the two named formats.
    """

    kind: Literal["iso", "excel", "pattern"]
    strptime: str = ""


def _unknown(run: str, text: str) -> ValueError:
    meant = f"write {_MEANT[run]}" if run in _MEANT else "known are yyyy MM dd HH mm ss fff, iso, excel"
    return ValueError(f"date format «{text}»: unknown part «{run}»; {meant}")


@cache
def parse_date_format(text: str) -> DateFormat:
    """The format that ``text`` names; ValueError (one line, says what to write instead) for anything else.

    Year, month and day must all be there: half a date would have to be guessed.
    """
    if text == "iso":
        return DateFormat("iso")
    if text == "excel":
        return DateFormat("excel")
    pattern: list[str] = []
    seen: set[str] = set()
    for match in _RUNS.finditer(text):
        run = match.group()
        if not run[0].isalpha():
            pattern.append("%%" if run == "%" else run)
            continue
        if run not in _TOKENS:
            raise _unknown(run, text)
        part = run[0]
        if part in seen:
            meant = "; mm are minutes, MM is the month" if part == "m" else ""
            raise ValueError(f"date format «{text}»: «{run}» stands twice{meant}")
        seen.add(part)
        pattern.append(_TOKENS[run])
    missing = [token for token in ("yyyy", "MM", "dd") if token[0] not in seen]
    if missing:
        meant = "; mm are minutes, MM is the month" if missing == ["MM"] and "m" in seen else ""
        raise ValueError(f"date format «{text}» lacks {', '.join(missing)}{meant}")
    return DateFormat("pattern", "".join(pattern))
