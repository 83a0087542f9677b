"""Year to date: from the first day of a period's year to the period's end, from the published counts.

A period that begins with its year is its own year to date; one that ends with the half-year or the year is
told by that period, reckoned from events like any other. In between nothing of that kind is published: there
counts of what happened are summed over the months, never ratios averaged (decision 0080).
"""

from __future__ import annotations

from collections.abc import Iterable

from dagster_project.publish.literals import texts

# Counts of what happened in a period: those of the months add up to those of the year.
SUMMED = (
    *("OT_06", "OT_ORIG", "OT_PLAN", "SUPP_LATE", "ONLINE", "SYNC", "DIG_COMP", "DIG_RESULT", "REUSE"),
    *("DOC_IN", "DOC_OUT", "DOC_LATE", "PAKN_OT", "PAKN_SAT"),
)
# States at the end of a period, which are those of the year to date as well.
STOCKS = (
    *("LATE_OPEN", "LATE_OPEN_1_5", "LATE_OPEN_6_10", "LATE_OPEN_11_30", "LATE_OPEN_OVER_30"),
    *("LATE_OPEN_MEDIAN", "LATE_OPEN_P90", "DIG_STOCK"),
)


def to_date_query(period_keys: Iterable[str], condition: str) -> str:
    """A query for the year to date of the given periods; ``condition`` chooses rows of fct_indicators.

    One row per period_key, unit_id, scope, field_code, indicator_code and rule_version with numerator,
    denominator and value. There is none for a rule whose counts do not add up where no period ends with this
    one.
    """
    place = "unit_id, scope, field_code, indicator_code, rule_version"
    return f"""
        with wanted as (
            select *, left(period, 4) as year from dim_periods
            where list_contains({texts(period_keys)}, period_key)
        ),
        years as (
            select calendar, left(period, 4) as year, min(starts_on) as year_starts_on
            from dim_periods group by all
        ),
        wholes as (
            select wanted.period_key, min(whole.period_key) as whole_key
            from wanted
            inner join years using (calendar, year)
            inner join dim_periods as whole
                on whole.calendar = wanted.calendar and whole.starts_on = years.year_starts_on
                and whole.ends_on = wanted.ends_on
            where whole.period_key in (select period_key from fct_indicators)
            group by wanted.period_key
        ),
        months as (
            select wanted.period_key, months.period_key as month_key
            from wanted
            inner join dim_periods as months
                on months.calendar = wanted.calendar and left(months.period, 4) = wanted.year
                and months.ends_on <= wanted.ends_on and months.period_type = 'month'
            where wanted.period_key not in (select period_key from wholes)
        ),
        figures as (
            select period_key, {place}, measure_type, numerator, denominator, value
            from fct_indicators where {condition}
        )
        select wholes.period_key, {place}, numerator, denominator, value
        from figures
        inner join wholes on figures.period_key = wholes.whole_key
        union all
        select months.period_key, {place}, sum(numerator), sum(denominator),
            case when measure_type = 'ratio' then sum(numerator) / nullif(sum(denominator), 0)
                else sum(numerator)
            end
        from figures
        inner join months on figures.period_key = months.month_key
        where list_contains({texts(SUMMED)}, indicator_code)
        group by months.period_key, {place}, measure_type
        union all
        select period_key, {place}, numerator, denominator, value
        from figures
        where list_contains({texts(STOCKS)}, indicator_code)
            and period_key in (select period_key from wanted)
            and period_key not in (select period_key from wholes)
    """
