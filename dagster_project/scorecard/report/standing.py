"""Who stands where: units in order of their rate, the weakest units, steps and procedures, digitization."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from dagster_project.publish.literals import text
from dagster_project.scorecard.report.frame import ON_TIME, OVERDUE, Row, rows

WORST = 5
# A rate of fewer dossiers says nothing about a unit; such units stand in the list, never among the worst.
RANKED_FROM = 5
LAND = "land"


def units_by_rate(
    connection: duckdb.DuckDBPyConnection, field_code: str, above: str | None = None
) -> list[Row]:
    """Own figures of every unit with dossiers in a field (``all``: over all fields), the best rate first.

    ``above``: the units below this one instead of the report's. Columns: unit_id, unit_name, numerator and
    denominator of OT_06 by date, value, late, overdue and open (LATE_OPEN), target, is_met, place (None
    without a rate; equal rates share a place).
    """
    units = "report_units"
    if above is not None:
        units = f"""(
            select distinct descendant_unit_id as unit_id, unit_name
            from bridge_unit_ancestors
            inner join unit_names on descendant_unit_id = unit_names.unit_id
            cross join report_period
            where ancestor_unit_id = {text(above)} and ends_on between valid_from_on and valid_to_on
        )"""
    return rows(
        connection,
        f"""
        with figures as (
            select fct_indicators.* from fct_indicators inner join report_period using (period_key)
            where scope = 'own' and field_code = {text(field_code)}
        ),
        on_time as (select * from figures where {ON_TIME}),
        overdue as (select * from figures where {OVERDUE})
        select
            units.unit_id, units.unit_name, on_time.numerator, on_time.denominator, on_time.value,
            on_time.denominator - on_time.numerator as late, overdue.numerator as overdue,
            overdue.denominator as open, on_time.target, on_time.is_met,
            case when on_time.value is not null
                then rank() over (order by on_time.value desc nulls last)
            end as place
        from {units} as units
        left join on_time using (unit_id)
        left join overdue using (unit_id)
        where on_time.denominator > 0 or overdue.denominator > 0
        order by place nulls last, late, units.unit_name
        """,
    )


def worst_units(ranked: list[Row]) -> list[Row]:
    """At most five units with late dossiers, the lowest rate first."""
    weak = [row for row in ranked if (row["late"] or 0) > 0 and row["denominator"] >= RANKED_FROM]
    return sorted(weak, key=lambda row: (row["value"], -row["late"], row["unit_name"]))[:WORST]


def worst_steps(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """At most five steps with most late ends in the period: step_name, late, finished (with a limit)."""
    return rows(
        connection,
        f"""
        select steps.step_name, count(*) filter (not steps.is_on_time) as late, count(*) as finished
        from fct_dossier_steps as steps
        inner join fct_dossiers as dossiers using (dossier_key)
        inner join report_units on dossiers.unit_id = report_units.unit_id
        cross join report_period
        where steps.is_on_time is not null and steps.finished_at >= report_period.starts_on
            and steps.finished_at < report_period.ends_on + interval 1 day
        group by steps.step_name
        having late > 0
        order by late desc, finished, steps.step_name
        limit {WORST}
        """,
    )


def worst_procedures(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """At most five procedures with most late dossiers (OT_06 by date): code, name, late, finished."""
    return rows(
        connection,
        f"""
        select procedures.procedure_code, max(procedures.procedure_name) as procedure_name,
            sum(1 - verdicts.in_numerator)::bigint as late, count(*) as finished
        from fct_dossier_verdicts as verdicts
        inner join report_period using (period_key)
        inner join fct_dossiers as dossiers using (dossier_key)
        inner join report_units using (unit_id)
        inner join dim_procedures as procedures using (procedure_key)
        where {ON_TIME} and verdicts.in_denominator = 1
        group by procedures.procedure_code
        having late > 0
        order by late desc, finished, procedures.procedure_code
        limit {WORST}
        """,
    )


@dataclass(frozen=True)
class Matrix:
    """Ratios of several indicators by unit: ``columns`` (code, version, names), ``rows`` with ``cells``."""

    columns: list[Row]
    rows: list[Row]


def digitization(connection: duckdb.DuckDBPyConnection) -> Matrix:
    """Own shares of every unit in what the register calls digitization: codes DIG_…, REUSE."""
    found = rows(
        connection,
        """
        select unit_id, report_units.unit_name, indicator_code, rule_version, indicators.name_vi,
            indicators.name_en, numerator, denominator, value
        from fct_indicators as figures
        inner join report_period using (period_key)
        inner join report_units using (unit_id)
        inner join dim_indicators as indicators using (indicator_code, rule_version)
        where (starts_with(indicator_code, 'DIG_') or indicator_code = 'REUSE') and scope = 'own'
            and field_code = 'all' and figures.measure_type = 'ratio' and figures.denominator > 0
        order by indicators.display_order, indicator_code, rule_version, report_units.unit_name
        """,
    )
    columns = {(row["indicator_code"], row["rule_version"]): row for row in found}
    units = sorted({(row["unit_name"], row["unit_id"]) for row in found})
    cells = {(row["unit_id"], row["indicator_code"], row["rule_version"]): row for row in found}
    return Matrix(
        list(columns.values()),
        [
            {
                "unit_id": unit_id,
                "unit_name": name,
                "cells": [cells.get((unit_id, *column)) for column in columns],
            }
            for name, unit_id in units
        ],
    )
