-- From when the clock of a dossier counts, and how long it stood still since: the last restart after missing
-- papers is a new start; of the runs of stopped clock only what lies after it extends the limit.
with

limits as (
    select * from {{ ref('dossier_limits') }}
    where limit_value is not null
),

calendar_dates as (
    select
        date_on,
        working_day_no,
        is_working_day
    from {{ ref('calendar_dates') }}
),

office_days as (
    select * from {{ ref('office_days') }}
),

restarts as (
    select
        stops.dossier_key,
        max(stops.restarted_at) as restarted_at
    from {{ ref('dossier_clock_stops') }} as stops
    inner join limits
        on
            stops.dossier_key = limits.dossier_key
            and stops.restarted_at <= limits.judged_at
    where stops.effect = 'restart'
    group by stops.dossier_key
),

started as (
    select
        limits.dossier_key,
        limits.judged_at,
        greatest(
            limits.clock_started_at, coalesce(restarts.restarted_at, limits.clock_started_at)
        ) as counts_from_at
    from limits
    left join restarts on limits.dossier_key = restarts.dossier_key
),

runs as (
    select
        started.dossier_key,
        greatest(runs.stopped_at, started.counts_from_at) as stopped_at,
        case when runs.restarted_at <= started.judged_at then runs.restarted_at end as restarted_at
    from started
    inner join {{ ref('dossier_clock_runs') }} as runs
        on
            started.dossier_key = runs.dossier_key
            and started.judged_at >= runs.stopped_at
            and started.counts_from_at < coalesce(runs.restarted_at, {{ end_of_time() }})
),

measured_runs as (
    select
        runs.dossier_key,
        runs.restarted_at,
        restart_dates.working_day_no - stop_dates.working_day_no as working_days,
        {{ days_between(to_day('runs.stopped_at'), to_day('runs.restarted_at')) }} as calendar_days,
        {{ office_minute_no('runs.restarted_at', 'restart_dates', 'office_days') }}
        - {{ office_minute_no('runs.stopped_at', 'stop_dates', 'office_days') }} as office_minutes
    from runs
    inner join calendar_dates as stop_dates on {{ to_day('runs.stopped_at') }} = stop_dates.date_on
    left join calendar_dates as restart_dates
        on {{ to_day('runs.restarted_at') }} = restart_dates.date_on
    left join office_days
        on
            {{ to_day('runs.stopped_at') }}
            between office_days.valid_from_on and office_days.valid_to_on
),

away as (
    select
        dossier_key,
        sum(working_days) as working_days,
        sum(calendar_days) as calendar_days,
        sum(office_minutes) as office_minutes,
        count(*) > count(restarted_at) as is_stopped
    from measured_runs
    group by dossier_key
)

select
    started.dossier_key,
    started.counts_from_at,
    coalesce(away.working_days, 0) as away_working_days,
    coalesce(away.calendar_days, 0) as away_calendar_days,
    coalesce(away.office_minutes, 0) as away_office_minutes,
    coalesce(away.is_stopped, false) as is_stopped_when_judged
from started
left join away on started.dossier_key = away.dossier_key
