"""Year to date on the published sample: what is said to add up does, and a quarter in between is its parts."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from dagster_project.home import Home
from dagster_project.scorecard.to_date import STOCKS, SUMMED, to_date_query

PLACE = "unit_id, scope, field_code, indicator_code, rule_version"


@pytest.fixture
def marts(sample_home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(sample_home.marts), read_only=True) as connection:
        yield connection


def test_counts_of_the_months_are_those_of_the_year(marts: duckdb.DuckDBPyConnection) -> None:
    codes = ", ".join(f"'{code}'" for code in SUMMED)
    compared, wrong = marts.execute(f"""
        with months as (
            select calendar, left(period, 4) as year, {PLACE},
                sum(numerator) as numerator, sum(denominator) as denominator
            from fct_indicators where period_type = 'month' group by all
        ),
        years as (
            select calendar, period as year, {PLACE}, numerator, denominator from fct_indicators
            where period_type = 'year' and period in ('2023', '2024') and indicator_code in ({codes})
        )
        select count(*), count(*) filter (
            (years.numerator, years.denominator) is distinct from (months.numerator, months.denominator)
        )
        from years left join months using (calendar, year, {PLACE})
    """).fetchall()[0]
    assert compared > 2000 and wrong == 0


def test_a_third_quarter_is_the_half_year_and_itself(marts: duckdb.DuckDBPyConnection) -> None:
    query = to_date_query(["cal:2024Q3"], "unit_id in ('root', 'H11.13', 'H11.13.10.001')")
    found = marts.execute(f"select {PLACE}, numerator, denominator, value from ({query})").fetchall()
    parts = {
        key: {
            tuple(row[:5]): row[5:]
            for row in marts.execute(
                f"select {PLACE}, numerator, denominator, value from fct_indicators where period_key = ?",
                [key],
            ).fetchall()
        }
        for key in ("cal:2024H1", "cal:2024Q3")
    }
    assert {row[3] for row in found} <= {*SUMMED, *STOCKS} and len(found) > 100
    for *place, numerator, denominator, value in found:
        half, quarter = (parts[key].get(tuple(place)) for key in parts)
        if place[3] in STOCKS:
            assert (numerator, denominator, value) == quarter
            continue
        counts = [sum(part[count] or 0 for part in (half, quarter) if part) for count in (0, 1)]
        assert [numerator, denominator or 0] == counts, place
        if denominator:
            assert value == pytest.approx(counts[0] / counts[1])


def test_a_fourth_quarter_is_the_year(marts: duckdb.DuckDBPyConnection) -> None:
    query = to_date_query(["rep:2024Q4"], "true")
    columns = f"{PLACE}, numerator, denominator, value"
    differing = marts.execute(f"""
        with found as (select {columns} from ({query})),
        year as (select {columns} from fct_indicators where period_key = 'rep:2024')
        (from found except from year) union all (from year except from found)
    """).fetchall()
    assert differing == []
