"""Dossiers that were open past their due date at the end of the period: by age, one by one."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from dagster_project.scorecard.report.frame import OVERDUE, Row, rows

# Age in calendar days past the due date, as the leader's page of an office splits it.
AGE_BANDS: tuple[tuple[int, int | None], ...] = ((1, 5), (6, 10), (11, 30), (31, None))
LONGEST = 10


@dataclass(frozen=True)
class Band:
    """Overdue dossiers of one age in calendar days; ``last_day`` None is without end."""

    first_day: int
    last_day: int | None
    count: int

    @property
    def label(self) -> str:
        """``1–5``, ``> 30``."""
        return f"> {self.first_day - 1}" if self.last_day is None else f"{self.first_day}–{self.last_day}"


def overdue_dossiers(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """One row per overdue dossier of the report's units, the longest first.

    ``late_days`` are calendar days from the due date in force on the period's last day to that day, or to the
    day on which the clock stopped, where it stands.
    ``holder_id`` is the officer (a pseudonym) who held it, ``step_name`` the step it was in on that day;
    both None where no source tells. Whether a reader may see the holder is for the caller to decide.
    """
    return rows(
        connection,
        f"""
        with overdue as (
            select dossier_key from fct_dossier_verdicts
            inner join report_period using (period_key)
            where {OVERDUE} and in_numerator = 1
        ),
        due_dates as (
            select dossier_key, max_by(due_at, known_from_at) as due_at
            from fct_dossier_due_dates
            cross join report_period
            where is_governing and known_from_at < ends_on + interval 1 day
            group by dossier_key
        ),
        clock as (
            select dossier_key, event_at, clock_state_code,
                max(event_at) filter (clock_state_code = 'running') over (partition by dossier_key) as ran_at
            from fct_dossier_events
            inner join overdue using (dossier_key)
            cross join report_period
            where event_at < ends_on + interval 1 day
        ),
        stops as (
            select dossier_key, cast(min(event_at) as date) as stopped_on
            from clock
            where clock_state_code = 'stopped' and event_at > ran_at
            group by dossier_key
        ),
        steps as (
            select dossier_key, max_by(step_name, (started_at, step_no)) as step_name,
                max_by(officer_key, (started_at, step_no)) as officer_key
            from fct_dossier_steps
            cross join report_period
            where started_at < ends_on + interval 1 day
                and (finished_at is null or finished_at >= ends_on + interval 1 day)
                and dossier_key in (select dossier_key from overdue)
            group by dossier_key
        ),
        officers as (select officer_key, max(officer_id) as officer_id from dim_officers group by officer_key)
        select
            dossiers.dossier_key, dossiers.dossier_code, report_units.unit_code, report_units.unit_name,
            procedures.procedure_code, procedures.procedure_name, fields.name_vi as field_name,
            fields.name_en as field_name_en, dossiers.received_at,
            coalesce(due_dates.due_at, dossiers.due_at) as due_at,
            date_diff(
                'day', cast(coalesce(due_dates.due_at, dossiers.due_at) as date),
                coalesce(stops.stopped_on, report_period.ends_on)
            ) as late_days,
            steps.step_name, officers.officer_id as holder_id
        from overdue
        inner join fct_dossiers as dossiers using (dossier_key)
        inner join report_units using (unit_id)
        cross join report_period
        left join due_dates using (dossier_key)
        left join stops using (dossier_key)
        left join steps using (dossier_key)
        left join officers on steps.officer_key = officers.officer_key
        left join dim_procedures as procedures on dossiers.procedure_key = procedures.procedure_key
        left join dim_fields as fields on dossiers.field_code = fields.field_code
        order by late_days desc, dossiers.dossier_code
        """,
    )


def age_bands(dossiers: list[Row]) -> list[Band]:
    """How many of the overdue dossiers are in each band of age."""
    return [
        Band(
            first,
            last,
            sum(first <= dossier["late_days"] <= (last or dossier["late_days"]) for dossier in dossiers),
        )
        for first, last in AGE_BANDS
    ]
