-- The stages in which a dossier was promised. Two, where a second appointment was planned from the start (land
-- dossiers with a financial obligation): the first ends when the pause for it began, the second begins with its
-- end. Else one, from receipt to finish. promised_due_at is the last date of the stage that the law set
-- (first appointment, new one after missing papers, second appointment): re-appointments and edits do not help.
-- is_kept compares days, moments where the limit is one of hours.
with

run_context as (
    select {{ end_of_day('as_of_on') }} as as_of_at
    from {{ source('control', 'run_context') }}
),

dossiers as (
    select
        lifecycles.dossier_key,
        lifecycles.received_at,
        lifecycles.finished_at,
        coalesce(lifecycles.finished_at, run_context.as_of_at) as judged_at
    from {{ ref('dossier_lifecycles') }} as lifecycles
    cross join run_context
    where lifecycles.is_counted
),

lawful_dates as (
    select
        dossier_key,
        due_at,
        reason,
        known_from_at,
        version_no
    from {{ ref('dossier_due_dates') }}
    where reason in ('initial', 'after_supplement', 'stage_2')
),

second_appointments as (
    select
        lawful_dates.dossier_key,
        min(lawful_dates.known_from_at) as known_from_at
    from lawful_dates
    inner join dossiers
        on
            lawful_dates.dossier_key = dossiers.dossier_key
            and lawful_dates.known_from_at <= dossiers.judged_at
    where lawful_dates.reason = 'stage_2'
    group by lawful_dates.dossier_key
),

limits as (
    select
        dossier_key,
        is_judged_by_time
    from {{ ref('dossier_limits') }}
),

-- waiting for papers is no stage: it starts the one that runs anew
pauses as (
    select
        dossier_key,
        stop_no,
        stopped_at,
        restarted_at,
        max(coalesce(restarted_at, {{ end_of_time() }})) over (
            partition by dossier_key
            order by stop_no
            rows between unbounded preceding and 1 preceding
        ) as stopped_until
    from {{ ref('dossier_clock_stops') }}
    where reason <> 'supplement'
),

numbered_pauses as (
    select
        *,
        sum(case when stopped_at <= stopped_until then 0 else 1 end) over (
            partition by dossier_key
            order by stop_no
            rows between unbounded preceding and current row
        ) as run_no
    from pauses
),

pause_runs as (
    select
        dossier_key,
        min(stopped_at) as stopped_at,
        max(restarted_at) as restarted_at
    from numbered_pauses
    group by dossier_key, run_no
    having count(restarted_at) = count(*)
),

-- the pause after which the second appointment was given: the last that had ended by then
stage_changes as (
    select
        second_appointments.dossier_key,
        second_appointments.known_from_at as second_known_from_at,
        max(pause_runs.stopped_at) as first_ended_at,
        max(pause_runs.restarted_at) as second_started_at
    from second_appointments
    left join pause_runs
        on
            second_appointments.dossier_key = pause_runs.dossier_key
            and second_appointments.known_from_at >= pause_runs.restarted_at
    group by second_appointments.dossier_key, second_appointments.known_from_at
),

stages as (
    select
        dossiers.dossier_key,
        1 as stage_no,
        dossiers.received_at as started_at,
        case
            when stage_changes.dossier_key is null then dossiers.finished_at
            else coalesce(stage_changes.first_ended_at, stage_changes.second_known_from_at)
        end as ended_at,
        stage_changes.second_known_from_at,
        dossiers.judged_at
    from dossiers
    left join stage_changes on dossiers.dossier_key = stage_changes.dossier_key
    union all
    select
        dossiers.dossier_key,
        2 as stage_no,
        coalesce(stage_changes.second_started_at, stage_changes.second_known_from_at) as started_at,
        dossiers.finished_at as ended_at,
        stage_changes.second_known_from_at,
        dossiers.judged_at
    from dossiers
    inner join stage_changes on dossiers.dossier_key = stage_changes.dossier_key
),

promises as (
    select
        stages.dossier_key,
        stages.stage_no,
        {{ first_known('lawful_dates.due_at', '-lawful_dates.version_no') }} as promised_due_at
    from stages
    inner join lawful_dates
        on
            stages.dossier_key = lawful_dates.dossier_key
            and coalesce(stages.ended_at, stages.judged_at) >= lawful_dates.known_from_at
            and (
                (
                    stages.stage_no = 1
                    and lawful_dates.reason <> 'stage_2'
                )
                or (
                    stages.stage_no = 2
                    and stages.second_known_from_at <= lawful_dates.known_from_at
                )
            )
    group by stages.dossier_key, stages.stage_no
)

select
    stages.dossier_key,
    stages.stage_no,
    stages.started_at,
    stages.ended_at,
    promises.promised_due_at,
    case
        when limits.is_judged_by_time
            then {{ to_second('stages.ended_at') }} <= {{ to_second('promises.promised_due_at') }}
        else {{ to_day('stages.ended_at') }} <= {{ to_day('promises.promised_due_at') }}
    end as is_kept
from stages
left join limits on stages.dossier_key = limits.dossier_key
left join promises
    on
        stages.dossier_key = promises.dossier_key
        and stages.stage_no = promises.stage_no
