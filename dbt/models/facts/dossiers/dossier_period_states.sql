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

in_periods as (
    select
        dossiers.*,
        periods.period_key,
        periods.calendar,
        periods.reckoned_on,
        dossiers.received_on >= periods.starts_on as is_received,
        coalesce(dossiers.counted_finished_on <= periods.reckoned_on, false) as is_finished
    from dossiers
    inner join periods
        on
            dossiers.received_on <= periods.reckoned_on
            and coalesce(dossiers.counted_finished_on, date '9999-12-31') >= periods.starts_on
),

-- empty for a finish, so that the join below stays one on keys
with_moments as (
    select
        *,
        case when not is_finished then {{ end_of_day('reckoned_on') }} end as open_at
    from in_periods
),

with_due_dates as (
    select
        with_moments.*,
        -- a finish is judged by the date that governed at the finish, an open dossier by the last day's
        case
            when with_moments.is_finished then with_moments.due_at
            else governing_due_dates.due_at
        end as due_at_period_end
    from with_moments
    left join governing_due_dates
        on
            with_moments.dossier_key = governing_due_dates.dossier_key
            and with_moments.open_at >= governing_due_dates.effective_from_at
            and with_moments.open_at < governing_due_dates.effective_to_at
)

select
    dossier_key,
    period_key,
    calendar,
    unit_id,
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
        when {{ to_day('finished_at') }} < {{ to_day('due_at_period_end') }} then 'early'
        when {{ to_day('finished_at') }} = {{ to_day('due_at_period_end') }} then 'on_time'
        else 'late'
    end as finish_bucket,
    case
        when is_finished then null
        when {{ to_day('due_at_period_end') }} < reckoned_on then 'overdue'
        else 'in_time'
    end as open_bucket,
    case when is_finished then ended_as end as ended_as,
    case when is_finished then finished_at end as finished_at,
    due_at_period_end,
    case when is_finished then planned_due_at end as planned_due_at,
    case when is_finished then has_apology end as has_apology
from with_due_dates
