"""What every section of a report is about: one unit with all below it, at the end of one period."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb

from dagster_project.publish.literals import text
from dagster_project.scorecard.query import Period

Row = dict[str, Any]
ON_TIME = "indicator_code = 'OT_06' and rule_version = 'by_date_v1'"
OVERDUE = "indicator_code = 'LATE_OPEN' and rule_version = 'by_date_v1'"


def lay_frame(connection: duckdb.DuckDBPyConnection, period: Period, unit_id: str) -> None:
    """Lay temporary tables that the sections read; the published file itself is never written.

    ``report_period``: the one row of dim_periods. ``report_units``: the unit and all units below it on the
    period's last day, under the names of that day. ``unit_names``: the newest name of every unit.
    """
    connection.execute(
        f"""
        create or replace temp table report_period as
        select * from dim_periods where period_key = {text(period.period_key)};

        create or replace temp table unit_names as
        select unit_id, arg_max(unit_code, valid_from_on) as unit_code,
            arg_max(unit_name, valid_from_on) as unit_name
        from dim_units group by unit_id;

        create or replace temp table report_units as
        select distinct ancestors.descendant_unit_id as unit_id, unit_names.unit_code, unit_names.unit_name
        from bridge_unit_ancestors as ancestors
        inner join unit_names on ancestors.descendant_unit_id = unit_names.unit_id
        cross join report_period
        where ancestors.ancestor_unit_id = {text(unit_id)}
            and report_period.ends_on between ancestors.valid_from_on and ancestors.valid_to_on;
        """
    )


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    """The rows of a query as mappings from column name to value."""
    found = connection.execute(query)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, cells, strict=True)) for cells in found.fetchall()]


def totals(found: Iterable[Row], columns: Iterable[str]) -> Row:
    """The sum of each column; None where no row knows a value: unknown is not nought."""
    sums: Row = {}
    listed = list(found)
    for name in columns:
        known = [row[name] for row in listed if row[name] is not None]
        sums[name] = sum(known) if known else None
    return sums
