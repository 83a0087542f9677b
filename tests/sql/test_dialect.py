"""SQL that only DuckDB understands stands in dbt/macros/dialect/ and in staging, nowhere else.

So that the same facts and marts can be built on Spark by writing the macros of one folder anew. A parser
would not do: sqlglot, for one, lets TRY_STRPTIME pass as a function it has never heard of.

Meant to pass: window functions, FILTER-free aggregates, recursive CTEs, IS DISTINCT FROM, GREATEST, LPAD.
Refused although handy: ``::`` (Spark has it, older SQL has not; ``cast`` is one word longer) and QUALIFY.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DBT = Path(__file__).resolve().parents[2] / "dbt"
# raw_versions.sql is staging written as a macro; macros/tests look at columns, whatever the engine.
OWN_DIALECT = ("macros/dialect/", "macros/raw_versions.sql", "models/staging/")

REFUSED: dict[str, str] = {
    r"\btry_cast\s*\(": "macro try_as",
    r"\b(?:try_)?strptime\s*\(|\bstrftime\s*\(": "staging reads text, macros write it",
    r"::": "cast(… as …)",
    r"\bqualify\b": "a CTE with row_number() and a where",
    r"\barg_(?:min|max)\s*\(|\bm(?:in|ax)_by\s*\(|\bany_value\s*\(": "macro first_known",
    r"\b(?:first|last)\s*\(": "macro first_known",
    r"\bbool_(?:and|or)\s*\(": "macros any_true and all_true",
    r"\b(?:string_agg|group_concat|listagg)\s*\(": "macro list_texts",
    r"\bconcat_ws\s*\(": "macro join_texts",
    r"\blist_\w+\s*\(|\blist\s*\(|\barray_\w+\s*\(|\bunnest\s*\(|\bflatten\s*\(": "one row per element",
    r"\bstruct_\w+\s*\(|\brow\s*\(": "one column per value",
    r"\bread_(?:csv|json|parquet|text|blob)\w*\s*\(": "files are the ingest's",
    r"\bdate_?diff\s*\(|\bdatesub\s*\(|\bdate_sub\s*\(": "macro days_between",
    r"\bdate_add\s*\(|\binterval\b": "macros date_add_days and date_add_months",
    r"\bepoch\w*\s*\(|\bmake_(?:date|timestamp)\s*\(|\btoday\s*\(|\bnow\s*\(": "the run's as_of_on",
    r"\bcurrent_(?:date|time|timestamp)\b": "the run's as_of_on",
    r"\bnfc_normalize\s*\(|\bstrip_accents\s*\(": "macro nfc",
    r"\bmd5\w*\s*\(|\bhash\s*\(|\bsha\d+\s*\(": "macro surrogate_key",
    r"\bregexp_\w+\s*\(|\bsimilar\s+to\b|\bglob\b|\bilike\b": "macro of its own in macros/dialect/",
    r"\b(?:group|order)\s+by\s+all\b|\bunion\s+(?:all\s+)?by\s+name\b": "columns written out",
    r"\*\s*(?:exclude|replace|rename)\b|\bcolumns\s*\(": "columns written out",
    r"\b(?:asof|positional|semi|anti)\s+join\b|\bunpivot\b|\bpivot\b": "joins and case",
    r"\b(?:generate_series|range)\s*\(": "dbt.generate_series",
    r"\bfilter\s*\(\s*where\b": "sum(case when …)",
    r"->": "a case",
    r"\bif\s*\(|\bifnull\s*\(|\bnvl\s*\(": "case or coalesce",
    r"//": "floor(a / b)",
}
# Jinja has lists and dicts too, so literals are looked for outside its calls only.
REFUSED_LITERALS: dict[str, str] = {
    r"\[\s*\d|\[\s*'": "one row per element",
    r"\{": "one column per value",
}
PATTERNS = {re.compile(pattern, re.IGNORECASE): remedy for pattern, remedy in REFUSED.items()}
LITERALS = {re.compile(pattern): remedy for pattern, remedy in REFUSED_LITERALS.items()}
NO_SQL = re.compile(
    r"\{#.*?#\}|--[^\n]*|/\*.*?\*/"  # comments
    r"|\{\{\s*(?:return\(adapter|dbt\.|ref\(|source\(|config\().*?\}\}|\{%.*?%\}",  # dbt's own calls
    re.DOTALL,
)
JINJA_CALL = re.compile(r"\{\{.*?\}\}", re.DOTALL)


def portable_files() -> list[Path]:
    """Every SQL file that has to run on any engine."""
    files = sorted(path for part in ("models", "macros", "tests") for path in (DBT / part).rglob("*.sql"))
    return [path for path in files if not path.relative_to(DBT).as_posix().startswith(OWN_DIALECT)]


def findings(sql: str) -> list[str]:
    """What of ``sql`` only DuckDB (or few engines) would take, each with what to write instead."""

    def keep_lines(match: re.Match[str]) -> str:
        return "\n" * match[0].count("\n")

    code = NO_SQL.sub(keep_lines, sql)
    return _search(code, PATTERNS) + _search(JINJA_CALL.sub(keep_lines, code), LITERALS)


def _search(code: str, patterns: dict[re.Pattern[str], str]) -> list[str]:
    return [
        f"line {number}: {match[0].strip()} (write: {remedy})"
        for number, line in enumerate(code.splitlines(), start=1)
        for pattern, remedy in patterns.items()
        for match in pattern.finditer(line)
        if not _inside_text(line, match.start())
    ]


def _inside_text(line: str, position: int) -> bool:
    # Jinja hands SQL to macros in quotes: there, quoted text is code.
    return "{{" not in line and line[:position].count("'") % 2 == 1


def test_there_is_something_to_look_at() -> None:
    names = {path.stem for path in portable_files()}
    assert {"periods", "unit_versions", "fct_officer_periods", "dossier_lifecycles"} <= names
    assert not {"stg_dossiers", "keys", "raw_versions"} & names


@pytest.mark.parametrize("path", portable_files(), ids=lambda path: path.stem)
def test_only_dialect_macros_and_staging_speak_duckdb(path: Path) -> None:
    found = findings(path.read_text(encoding="utf-8"))
    assert not found, f"{path.relative_to(DBT)}: " + "; ".join(found)


@pytest.mark.parametrize(
    "sql",
    [
        "select try_strptime(day, '%d/%m/%Y')",
        "select try_cast(day as date)",
        "select day::date",
        "select arg_min(name, day)",
        "select * exclude (name) from units",
        "select unnest(names)",
        "select list_sort(names)",
        "select [1, 2] as numbers",
        "select {'a': 1} as pair",
        "select * from read_csv('a.csv')",
        "select * from units qualify row_number() over (order by day) = 1",
        "select count(*) filter (where is_open)",
        "select name from units group by all",
        "select 7 // 2",
        "select {{ days_between('day', 'today()') }}",
        "select day\n\nfrom units\nwhere day > current_date",
    ],
)
def test_duckdb_only_sql_is_found(sql: str) -> None:
    assert findings(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "select 'rep::2024' as label -- try_cast(x)",
        "{# list_sort(x) #} select greatest(a, b), lpad(c, 2, '0') from units",
        "with numbers as ({{ dbt.generate_series(12) }}) select * from numbers",
        "select {{ surrogate_key(['unit_id', 'valid_from_on']) }} as unit_key",
        "select min(day), max(day), first_day from units where a is distinct from b",
        "select row_number() over (partition by unit_id order by day) as version_rank",
    ],
)
def test_portable_sql_passes(sql: str) -> None:
    assert not findings(sql)
