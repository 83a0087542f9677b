-- APOLOGY: of the dossiers that missed the date they were lawfully promised (finished after it in the period, or
-- overdue at its end), those that were given a new appointment in time: after the promise was made and at
-- the latest the stated number of days before it ran out. The promise is the last first date, second stage or
-- date after a supplement known by then; an appointment renewed or edited does not move it.
with

states as (
    select
        dossier_key,
        period_key,
        unit_id,
        field_code,
        case
            when is_finished then finished_at
            else {{ end_of_day('reckoned_on') }}
        end as judged_at,
        -- while the clock stands an open dossier is measured up to the day on which it stopped
        case when is_finished then {{ to_day('finished_at') }} else measured_on end as compared_on
    from {{ ref('dossier_period_states') }}
    where not is_finished or ended_as not in ('withdrawn', 'stopped')
),

dossiers as (
    select
        dossier_key,
        reappointment_count
    from {{ ref('dossier_lifecycles') }}
),

due_dates as (
    select * from {{ ref('dossier_due_dates') }}
    where is_governing
),

promises as (
    select
        dossier_key,
        version_no,
        {{ to_day('due_at') }} as due_on,
        known_from_at,
        case
            when
                row_number() over (partition by dossier_key order by version_no) > 1
                then known_from_at
            else {{ beginning_of_time() }}
        end as effective_from_at,
        coalesce(
            lead(known_from_at) over (partition by dossier_key order by version_no),
            {{ end_of_time() }}
        ) as effective_to_at
    from due_dates
    where reason not in ('reappointed', 'edited')
),

reappointments as (
    select
        dossier_key,
        known_from_at
    from due_dates
    where reason = 'reappointed'
),

thresholds as (
    select threshold_value as notice_days
    from {{ ref('rule_thresholds') }}
    where threshold_code = 'apology_notice'
),

apologies_in_time as (
    select distinct
        promises.dossier_key,
        promises.version_no
    from promises
    cross join thresholds
    inner join reappointments
        on
            promises.dossier_key = reappointments.dossier_key
            and promises.known_from_at <= reappointments.known_from_at
            and {{ days_between(to_day('reappointments.known_from_at'), 'promises.due_on') }}
            >= thresholds.notice_days
),

missed as (
    select
        states.*,
        apologies_in_time.version_no is not null as has_apology_in_time,
        dossiers.reappointment_count
    from states
    inner join dossiers on states.dossier_key = dossiers.dossier_key
    inner join promises
        on
            states.dossier_key = promises.dossier_key
            and states.judged_at >= promises.effective_from_at
            and states.judged_at < promises.effective_to_at
            and states.compared_on > promises.due_on
    left join apologies_in_time
        on
            promises.dossier_key = apologies_in_time.dossier_key
            and promises.version_no = apologies_in_time.version_no
),

-- a namespace that never shows a new appointment cannot show an apology either
exclusions as (
    select
        *,
        case when reappointment_count is null then 'no_reappointments' end as exclusion_code
    from missed
),

denominators as (
    select
        *,
        exclusion_code is null as in_denominator
    from exclusions
)

select
    dossier_key,
    period_key,
    unit_id,
    field_code,
    'APOLOGY' as indicator_code,
    'v1' as rule_version,
    in_denominator and has_apology_in_time as in_numerator,
    in_denominator,
    exclusion_code
from denominators
