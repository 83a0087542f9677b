"""Every figure of the given periods as one Arrow table: what ``scorecard.csv`` holds."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from dagster_project.home import Home
from dagster_project.publish.literals import text, texts
from dagster_project.publish.manifest import published_manifest
from dagster_project.scorecard.marts import open_marts
from dagster_project.scorecard.query import NAMES, ROOT_UNIT, UNITS, release_of
from dagster_project.scorecard.to_date import to_date_query


def _comparable(other: str) -> str:
    """SQL of another period's value; points out of another maximum say nothing beside these."""
    return (
        "case when figures.measure_type <> 'score'"
        f" or {other}.max_score is not distinct from figures.max_score"
        f" then {other}.value end as {other}_value"
    )


def period_rows(
    home: Home, period_keys: Sequence[str], unit_id: str | None = None, scope: str | None = None
) -> pa.Table:
    """Figures over all fields in the given periods, sorted by period, unit and indicator.

    Of every unit and scope, or of the one given; each beside the period before, the same period of the year
    before and the year to date. Carries release and as-of day in every row, because a file leaves its folder.
    """
    chosen = "".join(
        f" and {name} = {text(value)}"
        for name, value in (("unit_id", unit_id), ("scope", scope))
        if value is not None
    )
    manifest = published_manifest(home)
    is_synthetic = manifest is not None and manifest.is_synthetic
    with open_marts(home) as connection:
        release_id = release_of(connection)
        return connection.execute(
            f"""
            with units as ({UNITS}),
            names as ({NAMES}),
            periods as (
                select *,
                    lag(period_key) over (
                        partition by calendar, period_type order by starts_on
                    ) as previous_key,
                    calendar || ':' || (left(period, 4)::int - 1) || substr(period, 5) as year_before_key
                from dim_periods
            ),
            figures as (select * from fct_indicators where field_code = 'all'{chosen}),
            to_date as ({to_date_query(period_keys, f"field_code = 'all'{chosen}")})
            select
                periods.period_key, periods.calendar, periods.period, periods.starts_on, periods.ends_on,
                units.unit_code, units.unit_name, figures.unit_id, figures.scope,
                figures.indicator_code, coalesce(rules.name_vi, names.name_vi) as indicator_name,
                figures.rule_version, figures.measure_type, figures.numerator, figures.denominator,
                figures.value, {_comparable("previous")}, {_comparable("year_before")},
                to_date.numerator as to_date_numerator, to_date.denominator as to_date_denominator,
                to_date.value as to_date_value, figures.target, figures.is_met, figures.status,
                figures.published_value, figures.as_of_on, {text(release_id)} as release_id,
                {is_synthetic} as is_synthetic
            from figures
            inner join periods using (period_key)
            left join units using (unit_id)
            left join names using (indicator_code)
            left join dim_indicators as rules
                on figures.indicator_code = rules.indicator_code
                and figures.rule_version = rules.rule_version
            left join figures as previous
                on previous.period_key = periods.previous_key and previous.unit_id = figures.unit_id
                and previous.scope = figures.scope and previous.indicator_code = figures.indicator_code
                and previous.rule_version = figures.rule_version
            left join figures as year_before
                on year_before.period_key = periods.year_before_key and year_before.unit_id = figures.unit_id
                and year_before.scope = figures.scope
                and year_before.indicator_code = figures.indicator_code
                and year_before.rule_version = figures.rule_version
            left join to_date
                on to_date.period_key = figures.period_key and to_date.unit_id = figures.unit_id
                and to_date.scope = figures.scope and to_date.indicator_code = figures.indicator_code
                and to_date.rule_version = figures.rule_version
            where list_contains({texts(period_keys)}, figures.period_key)
            order by
                periods.calendar, periods.starts_on, periods.ends_on, figures.unit_id <> '{ROOT_UNIT}',
                units.unit_code, figures.unit_id, figures.scope desc, figures.indicator_code,
                figures.rule_version
            """
        ).to_arrow_table()
