"""Posts, officers in post and workload, never so fine that one person shows in a public edition."""

from __future__ import annotations

import duckdb

from dagster_project.publish.privacy import Privacy
from dagster_project.scorecard.report.frame import Row, rows, totals

COUNTS = ("documents_in", "documents_out", "dossiers_finished", "steps_done")
STAFF = ("posts_assigned", "posts_filled", "posts_vacant", "officers")


def workload(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """One row per unit with officers: posts of the year, filled and vacant; officers at its end; work.

    Work counts for the unit an officer belongs to, wherever it was registered. Units of any size are in it:
    pass it through ``merge_small`` before it leaves the house.
    """
    return rows(
        connection,
        """
        with officers as (
            select unit_id, count(distinct officer_id) as officers
            from dim_officers cross join report_period
            where ends_on between valid_from_on and valid_to_on and officer_id <> 'unknown'
            group by unit_id
        ),
        -- a unit that ended keeps its posts of earlier years in the register: they are its successor's by now
        standing as (
            select distinct unit_id from dim_units cross join report_period
            where ends_on between valid_from_on and valid_to_on
        ),
        posts as (
            select unit_id, max_by(posts_assigned, year) as posts_assigned,
                max_by(posts_filled, year) as posts_filled
            from fct_posts inner join standing using (unit_id) cross join report_period
            where year <= extract(year from ends_on)
            group by unit_id
        ),
        members as (select officer_key, max(unit_id) as unit_id from dim_officers group by officer_key),
        work as (
            select members.unit_id, sum(documents_in)::bigint as documents_in,
                sum(documents_out)::bigint as documents_out,
                sum(dossiers_finished)::bigint as dossiers_finished, sum(steps_done)::bigint as steps_done
            from fct_officer_periods
            inner join report_period using (period_key)
            inner join members using (officer_key)
            group by members.unit_id
        )
        select unit_id, unit_name, posts_assigned, posts_filled,
            posts_assigned - posts_filled as posts_vacant, coalesce(officers.officers, 0) as officers,
            documents_in, documents_out, dossiers_finished, steps_done
        from report_units
        left join officers using (unit_id)
        left join posts using (unit_id)
        left join work using (unit_id)
        where officers.officers > 0 or posts_assigned > 0
        order by unit_name
        """,
    )


def merge_small(units: list[Row], smallest: int = Privacy.min_group) -> list[Row]:
    """The workload with every unit of fewer officers in one row (``unit_id`` None), the last.

    One small unit alone would be told from the total, so the next larger unit joins it. When all together
    are too few, there is no row at all.
    """
    if sum(row["officers"] for row in units) < smallest:
        return []
    by_size = sorted(units, key=lambda row: (row["officers"], row["unit_id"]))
    small = [row for row in by_size if row["officers"] < smallest]
    if not small:
        return units
    rest = by_size[len(small) :]
    while rest and (len(small) < 2 or sum(row["officers"] for row in small) < smallest):
        small.append(rest.pop(0))
    merged = {"unit_id": None, "unit_name": None, **totals(small, (*STAFF, *COUNTS)), "units": len(small)}
    kept = {row["unit_id"] for row in rest}
    return [*(row for row in units if row["unit_id"] in kept), merged]


def with_averages(units: list[Row]) -> list[Row]:
    """Each row with documents in and finished dossiers per officer in post."""
    for row in units:
        for name in ("documents_in", "dossiers_finished"):
            known = row[name] is not None and row["officers"]
            row[f"{name}_per_officer"] = row[name] / row["officers"] if known else None
    return units


def officers(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """One row per officer (a pseudonym) with work in the period. For internal editions only."""
    return rows(
        connection,
        """
        with members as (
            select officer_key, max(officer_id) as officer_id, max(unit_id) as unit_id
            from dim_officers group by officer_key
        )
        select members.officer_id, report_units.unit_name, sum(documents_in)::bigint as documents_in,
            sum(documents_out)::bigint as documents_out, sum(dossiers_finished)::bigint as dossiers_finished,
            sum(steps_done)::bigint as steps_done
        from fct_officer_periods
        inner join report_period using (period_key)
        inner join members using (officer_key)
        inner join report_units on members.unit_id = report_units.unit_id
        group by all
        having documents_in + documents_out + dossiers_finished + steps_done > 0
        order by report_units.unit_name, members.officer_id
        """,
    )
