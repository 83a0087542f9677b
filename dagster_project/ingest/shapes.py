"""What a cell must look like for each column type, as DuckDB SQL over one text expression.

In: the SQL of a trimmed NFC text. Out: the SQL of the parsed value, of its canonical text, and of the reason
why a text does not fit. Where the text comes from is the business of ``columns_sql``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dagster_project.ingest.date_formats import DateFormat
from dagster_project.ingest.record_kinds import ColumnType

REASONS = (
    "",  # 0: the cell is fine or empty
    "not_a_date",
    "not_a_code",
    "not_a_label",
    "not_a_number",
    "not_a_boolean",
    "unknown_code",
    "no_match",
    "too_long",
    "unvouched_label",
)
"""Reasons by number: tables of a million rows keep one byte per cell instead of a text."""

ROW_REASONS = ("", "no_key", "no_place_in_time")
"""Reasons to reject a whole row, by number; ``wrong_cell_count`` comes from the readers."""

NUMBER_OF = {reason: number for number, reason in enumerate(REASONS)}

_TRUE = ("1", "true", "x", "có")
_FALSE = ("0", "false", "không")
_STRPTIME_WIDTH = {"Y": 4, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2, "g": 3}
_ADJACENT = re.compile(r"%-?[YmdHMSg](?=%)")
_TOKEN = re.compile(r"%-?([YmdHMSg])")
_EDGE = r"[\s\x0b\x1c-\x1f\x{85}\x{a0}]"
_CODE = r"[\p{L}\p{N}][\p{L}\p{N}._/\-:#()&+]*"
_DIALLED = "(0[0-9]{8,11}|84[0-9]{9})"  # how telephone and identity numbers of Vietnam begin
_MAX_CODE = 80
_MAX_LABEL = 200
_MAX_SHAPE = 40


def literal(text: str | None) -> str:
    """A text as SQL literal, NULL for None."""
    return "cast(null as varchar)" if text is None else "'" + text.replace("'", "''") + "'"


def trimmed_text(sql: str) -> str:
    """NFC, no white space of any kind at either end.

    Most cells are so already; looking costs a fifth of doing. Up to U+02FF and in Vietnamese's own block no
    character changes under NFC.
    """
    return (
        f"case when regexp_matches({sql}, '^{_EDGE}|{_EDGE}$"
        f"|[^\\x00-\\x{{2ff}}\\x{{1e00}}-\\x{{1eff}}\\x{{2010}}-\\x{{2027}}]')"
        f" then trim(nfc_normalize({sql}), {_WHITE}) else {sql} end"
    )


def clean_text(sql: str) -> str:
    """``trimmed_text``; an empty text becomes NULL."""
    return f"nullif(trim(nfc_normalize({sql}), {_WHITE}), '')"


ASCII_WHITE = " \t\n\x0b\x0c\r\x1c\x1d\x1e\x1f"
"""The white space among the ASCII characters, as ``trimmed_text`` sees it."""

# All that Unicode calls white space, and the zero-width space and byte-order mark that look like none.
_WHITE = literal(
    " \t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
)


# ------------------------------------------------------------------------------------ dates


def _iso(sql: str, timezone: str) -> str:
    """ISO 8601; with an offset the moment is turned into the wall clock of the source's time zone."""
    has_offset = f"contains({sql}[11:], '+') or contains({sql}[11:], '-') or suffix({sql}, 'Z')"
    return (
        f"case when {sql}[5] <> '-' then null"
        f" when {has_offset} then timezone({literal(timezone)}, try_cast({sql} as timestamptz))"
        f" else try_cast({sql} as timestamp) end"
    )


def _pattern(sql: str, strptime: str) -> str:
    parsed = f"try_strptime({sql}, {literal(strptime)})"
    if not _ADJACENT.search(strptime):
        return parsed
    # Digits that touch leave no seam: '2024030108300' would be read as 08:30:00. The length decides.
    width = len(_TOKEN.sub("", strptime)) + sum(_STRPTIME_WIDTH[token] for token in _TOKEN.findall(strptime))
    return f"case when length({sql}) = {width} then {parsed} end"


def _serial(sql: str) -> str:
    """A serial number of a spreadsheet: days since 1899-12-30."""
    days = f"try_cast({sql} as double)"
    in_range = f"{days} between 1 and 73415"
    milliseconds = f"cast(round({days} * 86400000) as bigint)"
    return f"case when {in_range} then timestamp '1899-12-30' + to_milliseconds({milliseconds}) end"


def moment_value(sql: str, formats: Sequence[DateFormat], timezone: str) -> str:
    """SQL of the TIMESTAMP that the text means in one of the formats; NULL outside 1900 to 2100."""
    tries = []
    for one in formats:
        if one.kind == "iso":
            tries.append(_iso(sql, timezone))
        elif one.kind == "excel":
            tries.append(_serial(sql))
        else:
            tries.append(_pattern(sql, one.strptime))
    return f"coalesce({', '.join(tries)})" if len(tries) > 1 else tries[0]


def moment_text(sql: str, as_date: bool = False) -> str:
    """Canonical text of a TIMESTAMP expression; NULL outside 1900 to 2100."""
    pattern = "%Y-%m-%d" if as_date else "%Y-%m-%d %H:%M:%S.%f"
    return f"case when year({sql}) between 1900 and 2100 then strftime({sql}, '{pattern}') end"


# ------------------------------------------------------------------------------------ numbers


def _decimal_text(sql: str) -> str:
    """The number with a decimal point; NULL where groups and decimals cannot be told apart ('1,234')."""
    cases = " ".join(
        f"when regexp_full_match({sql}, {literal(pattern)}) then {number}"
        for pattern, number in (
            (r"[+-]?\d+(\.\d+)?", sql),
            # 1.234,5 and 1.234.567
            (r"[+-]?\d{1,3}((\.\d{3})+,\d+|(\.\d{3}){2,})", f"replace(replace({sql}, '.', ''), ',', '.')"),
            # 8,5 and 0,125
            (r"[+-]?(\d+,(\d{1,2}|\d{4,})|0,\d+)", f"replace({sql}, ',', '.')"),
            # 1,234.5 and 1,234,567
            (r"[+-]?\d{1,3}((,\d{3})+\.\d+|(,\d{3}){2,})", f"replace({sql}, ',', '')"),
        )
    )
    return f"case {cases} end"


def _number_text(sql: str) -> str:
    number = f"regexp_replace(cast(try_cast({sql} as decimal(38, 12)) as varchar), '\\.?0+$', '')"
    # Most numbers are whole and written as they should be.
    return f"case when regexp_full_match({sql}, '0|[1-9][0-9]{{0,17}}') then {sql} else {number} end"


# ------------------------------------------------------------------------------------ any type


def parsed_value(
    kind: ColumnType, sql: str, formats: Sequence[DateFormat], timezone: str, is_pseudonym: bool
) -> str:
    """First step: the expensive part, computed once per cell (a TIMESTAMP, a plain number or the text)."""
    if kind in ("timestamp", "date"):
        return moment_value(sql, formats, timezone)
    if kind == "decimal":
        return _decimal_text(sql)
    if kind == "integer":
        whole = f"regexp_full_match({sql}, '[+-]?[0-9]{{1,18}}(\\.0)?')"
        return f"case when {whole} then try_cast(replace({sql}, '.0', '') as bigint) end"
    if kind == "label" or (kind == "person" and is_pseudonym):
        # A line break inside a cell is layout, not content.
        one_line = f"regexp_replace({sql}, '\\s+', ' ', 'g')"
        return f"case when regexp_matches({sql}, '[\\t\\r\\n]') then {one_line} else {sql} end"
    return sql


def canonical_text(kind: ColumnType, sql: str, is_free_code: bool, is_pseudonym: bool) -> str:
    """Second step: canonical text of a parsed value, NULL where it does not fit the type."""
    if kind == "timestamp":
        return moment_text(sql)
    if kind == "date":
        return moment_text(sql, as_date=True)
    if kind == "decimal":
        return _number_text(sql)
    if kind == "integer":
        return f"cast({sql} as varchar)"
    if kind == "boolean":
        true, false = ", ".join(map(literal, _TRUE)), ", ".join(map(literal, _FALSE))
        return (
            f"case when lower({sql}) in ({true}) then 'true' when lower({sql}) in ({false}) then 'false' end"
        )
    if kind == "person" and not is_pseudonym:
        return f"pseudonym({sql})"
    if kind == "code":
        # The length is checked apart: a counted repetition of a Unicode class costs RE2 a hundredfold.
        fits = f"regexp_full_match({sql}, {literal(_CODE)}) and length({sql}) <= {_MAX_CODE}"
        if not is_free_code:  # bare runs of 9 to 12 digits are telephone and identity numbers
            fits += f" and not regexp_full_match({sql}, '[0-9]{{9,12}}')"
            # The same after a slash or in groups: x/0905550173.pdf, 0905.550.173, 060-199-887-755.
            fits += f" and not regexp_matches({sql}, '/{_DIALLED}([^0-9]|$)')"
            ungrouped = f"regexp_replace({sql}, '[./:_-]', '', 'g')"
            fits += f" and not regexp_full_match({ungrouped}, '{_DIALLED}')"
        return f"case when {fits} then {sql} end"
    # Nine digits in a row; or grouped as people write numbers, unless it is a unit's code (000.00.00.00.H11).
    unfit = (
        f"regexp_matches({sql}, '@|[0-9]{{9}}|\\p{{Cc}}') or length({sql}) > {_MAX_LABEL}"
        f" or (regexp_matches({sql}, '(^|[^0-9])(0|84)([ .-]?[0-9]){{8}}')"
        f" and not regexp_full_match({sql}, '[0-9.]*[A-Z][0-9A-Z.]*'))"
    )
    return f"case when not ({unfit}) then {sql} end"


def misfit_reason(kind: ColumnType, sql: str) -> str:
    """SQL of the reason number for a text that has no canonical form."""
    if kind in ("timestamp", "date"):
        return str(NUMBER_OF["not_a_date"])
    if kind in ("integer", "decimal"):
        return str(NUMBER_OF["not_a_number"])
    if kind == "boolean":
        return str(NUMBER_OF["not_a_boolean"])
    if kind == "code":
        return str(NUMBER_OF["not_a_code"])
    too_long, not_a_label = NUMBER_OF["too_long"], NUMBER_OF["not_a_label"]
    return f"case when length({sql}) > {_MAX_LABEL} then {too_long} else {not_a_label} end"


def cell_shape(sql: str) -> str:
    """SQL of a cell's character shape: letters A or a, digits 9, space and ASCII punctuation as they are."""
    shape = f"left({sql}, {_MAX_SHAPE})"
    for pattern, mark in (
        ("\\p{Lu}", "A"),
        ("[\\p{Ll}\\p{Lm}\\p{Lo}\\p{Lt}]", "a"),
        ("\\p{N}", "9"),
        ("[\\s\\p{Z}]", " "),
        ("[^ -~]", "?"),
    ):
        shape = f"regexp_replace({shape}, '{pattern}', '{mark}', 'g')"
    return shape


def reason_text(sql: str) -> str:
    """SQL that turns a reason number into its name."""
    return f"[{', '.join(literal(reason) for reason in REASONS)}][{sql} + 1]"
