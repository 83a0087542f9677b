"""What the body owes beside dossiers: answers to petitions, procedures announced and put online in time."""

from __future__ import annotations

import duckdb

from dagster_project.scorecard.report.frame import Row, rows


def petitions(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """One row per type of petition sent in the period to the report's units.

    Out: received, answered, on_time and late (by the clock of its kind; what is not due yet is neither),
    asked and satisfied (of those whose sender said anything).
    """
    return rows(
        connection,
        """
        select petition_type, count(*) as received, count(answered_at) as answered,
            count(*) filter (is_answered_on_time) as on_time,
            count(*) filter (not is_answered_on_time) as late,
            count(is_satisfied) as asked, count(*) filter (is_satisfied) as satisfied
        from fct_petitions
        inner join report_units using (unit_id)
        cross join report_period
        where sent_at >= starts_on and sent_at < ends_on + interval 1 day
        group by petition_type
        order by received desc, petition_type
        """,
    )


def late_publications(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The procedures behind PUB_ONTIME: every version whose duty fell due in the period and was not kept.

    Out: procedure_code, procedure_name, duty (decided, online), due_on, done_on (None: not yet), late_days
    (to the day it was done). Procedures are announced for the whole body, so no unit is asked.
    """
    return rows(
        connection,
        """
        with duties as (
            select procedure_code, procedure_name, 'decided' as duty, decision_due_on as due_on,
                decided_on as done_on, is_decided_on_time as is_kept
            from dim_procedures
            union all
            select procedure_code, procedure_name, 'online', online_due_on, published_on, is_online_on_time
            from dim_procedures
        )
        select procedure_code, procedure_name, duty, due_on, done_on,
            date_diff('day', due_on, done_on) as late_days
        from duties cross join report_period
        where not is_kept and due_on between starts_on and ends_on
        order by due_on, procedure_code, duty
        """,
    )
