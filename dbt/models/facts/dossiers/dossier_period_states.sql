-- What a counted dossier was in a period: received, carried in, finished, open, as of the period's last day
-- (inside the running period: as of as_of_on). Each period is reckoned by itself, from events; stocks are
-- never summed over shorter periods. Columns of form II.06 and every rate are sums over these rows.
with

run_context as (
    select as_of_on from {{ source('control', 'run_context') }}
),

periods as (
    select
        all_periods.period_key,
        all_periods.calendar,
        all_periods.starts_on,
        least(all_periods.ends_on, run_context.as_of_on) as reckoned_on
    from {{ ref('periods') }} as all_periods
    cross join run_context
    where all_periods.starts_on <= run_context.as_of_on
),

dossiers as (
    select
        *,
        {{ to_day('received_at') }} as received_on,
        {{ to_day('counted_finished_at') }} as counted_finished_on
    from {{ ref('dossier_lifecycles') }}
    where is_counted
),

governing_due_dates as (
    select
        dossier_key,
        due_at,
        effective_from_at,
        effective_to_at
    from {{ ref('dossier_due_dates') }}
    where is_governing
),

limits as (
    select
        dossier_key,
        is_judged_by_time
    from {{ ref('dossier_limits') }}
),

clock_runs as (
    select
        dossier_key,
        stopped_at,
        coalesce(restarted_at, {{ end_of_time() }}) as restarted_at
    from {{ ref('dossier_clock_runs') }}
),

in_periods as (
    select
        dossiers.dossier_key,
        dossiers.unit_id,
        dossiers.current_unit_id,
        dossiers.field_code,
        dossiers.procedure_level,
        dossiers.officer_id,
        dossiers.channel_group,
        dossiers.ended_as,
        dossiers.finished_at,
        dossiers.due_at,
        dossiers.planned_due_at,
        dossiers.has_apology,
        coalesce(limits.is_judged_by_time, false) as is_judged_by_time,
        periods.period_key,
        periods.calendar,
        periods.starts_on,
        periods.reckoned_on,
        dossiers.received_on >= periods.starts_on as is_received,
        coalesce(dossiers.counted_finished_on <= periods.reckoned_on, false) as is_finished
    from dossiers
    inner join periods
        on
            dossiers.received_on <= periods.reckoned_on
            and coalesce(dossiers.counted_finished_on, date '9999-12-31') >= periods.starts_on
    left join limits on dossiers.dossier_key = limits.dossier_key
),

-- a finish is judged by the date that governed at the finish, an open dossier by the last day's
with_due_dates as (
    select
        in_periods.*,
        in_periods.due_at as due_at_period_end,
        cast(null as date) as measured_on
    from in_periods
    where in_periods.is_finished
    union all
    select
        in_periods.*,
        governing_due_dates.due_at as due_at_period_end,
        -- while the clock stands still the due date moves along: what counts is the day on which it stopped
        least(
            in_periods.reckoned_on,
            coalesce({{ to_day('clock_runs.stopped_at') }}, in_periods.reckoned_on)
        ) as measured_on
    from in_periods
    left join governing_due_dates
        on
            in_periods.dossier_key = governing_due_dates.dossier_key
            and {{ end_of_day('in_periods.reckoned_on') }} >= governing_due_dates.effective_from_at
            and {{ end_of_day('in_periods.reckoned_on') }} < governing_due_dates.effective_to_at
    left join clock_runs
        on
            in_periods.dossier_key = clock_runs.dossier_key
            and {{ end_of_day('in_periods.reckoned_on') }} >= clock_runs.stopped_at
            and {{ end_of_day('in_periods.reckoned_on') }} < clock_runs.restarted_at
    where not in_periods.is_finished
)

select
    dossier_key,
    period_key,
    calendar,
    starts_on,
    reckoned_on,
    unit_id,
    current_unit_id,
    field_code,
    procedure_level,
    officer_id,
    channel_group,
    is_received,
    not is_received as is_carried_in,
    is_finished,
    not is_finished as is_open,
    case
        when not is_finished then null
        when ended_as in ('withdrawn', 'stopped') or due_at_period_end is null then 'on_time'
        when is_judged_by_time and {{ to_second('finished_at') }} < {{ to_second('due_at_period_end') }}
            then 'early'
        when is_judged_by_time and {{ to_second('finished_at') }} = {{ to_second('due_at_period_end') }}
            then 'on_time'
        when is_judged_by_time then 'late'
        when {{ to_day('finished_at') }} < {{ to_day('due_at_period_end') }} then 'early'
        when {{ to_day('finished_at') }} = {{ to_day('due_at_period_end') }} then 'on_time'
        else 'late'
    end as finish_bucket,
    case
        when is_finished then null
        when {{ to_day('due_at_period_end') }} < measured_on then 'overdue'
        else 'in_time'
    end as open_bucket,
    case when is_finished then ended_as end as ended_as,
    case when is_finished then finished_at end as finished_at,
    due_at_period_end,
    measured_on,
    is_judged_by_time,
    case when is_finished then planned_due_at end as planned_due_at,
    case when is_finished then has_apology end as has_apology
from with_due_dates
