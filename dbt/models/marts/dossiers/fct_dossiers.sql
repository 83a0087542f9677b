with

lifecycles as (
    select
        *,
        {{ to_day('received_at') }} as received_on,
        {{ to_day('finished_at') }} as finished_on,
        {{ to_day('due_at') }} as due_on,
        coalesce({{ to_day('finished_at') }}, measured_on) as used_until_on,
        -- judged under the rates: counted, finished with a result or a refusal, measured against a date
        is_counted and ended_as in ('done', 'refused') as is_judged
    from {{ ref('dossier_lifecycles') }}
),

limits as (
    select * from {{ ref('dossier_limits') }}
),

clocks as (
    select
        dossier_key,
        away_working_days
    from {{ ref('dossier_clocks') }}
),

recomputed as (
    select * from {{ ref('recomputed_due_dates') }}
),

stages as (
    select
        dossier_key,
        count(*) as stage_count,
        count(promised_due_at) = count(*)
        and {{ all_true('is_kept') }} as is_every_promise_kept
    from {{ ref('dossier_stages') }}
    group by dossier_key
),

calendar_dates as (
    select
        date_on,
        working_day_no
    from {{ ref('calendar_dates') }}
)

select
    lifecycles.dossier_key,
    lifecycles.dossier_code,
    lifecycles.namespace,
    lifecycles.source,
    lifecycles.unit_id,
    lifecycles.unit_key,
    lifecycles.receiving_unit_id,
    lifecycles.current_unit_id,
    lifecycles.unit_code,
    lifecycles.procedure_key,
    lifecycles.procedure_code,
    lifecycles.field_code,
    lifecycles.procedure_level,
    lifecycles.channel,
    lifecycles.channel_source,
    lifecycles.officer_key as responsible_officer_key,
    lifecycles.submitted_at,
    lifecycles.received_at,
    lifecycles.original_due_at,
    lifecycles.due_at,
    lifecycles.due_reason,
    lifecycles.planned_due_at,
    lifecycles.finished_at,
    lifecycles.returned_at,
    lifecycles.status_code,
    lifecycles.status_class,
    case
        when not lifecycles.is_counted then 'excluded'
        when lifecycles.ended_as in ('withdrawn', 'stopped') then 'excluded'
        when lifecycles.due_at is null then 'no_due_date'
        when lifecycles.finished_at is null and lifecycles.due_on < lifecycles.measured_on
            then 'open_overdue'
        when lifecycles.finished_at is null then 'open_in_time'
        when
            limits.is_judged_by_time
            and {{ to_second('lifecycles.finished_at') }} > {{ to_second('lifecycles.due_at') }}
            then 'late'
        when
            lifecycles.finished_on < lifecycles.due_on
            or (
                limits.is_judged_by_time
                and {{ to_second('lifecycles.finished_at') }} < {{ to_second('lifecycles.due_at') }}
            )
            then 'early'
        when lifecycles.finished_on = lifecycles.due_on then 'on_time'
        else 'late'
    end as timeliness,
    case
        when lifecycles.is_judged and limits.is_judged_by_time
            then {{ to_second('lifecycles.finished_at') }} <= {{ to_second('lifecycles.due_at') }}
        when lifecycles.is_judged then lifecycles.finished_on <= lifecycles.due_on
    end as is_on_time_by_date,
    case
        when lifecycles.is_judged
            then {{ to_second('lifecycles.finished_at') }} <= {{ to_second('lifecycles.due_at') }}
    end as is_on_time_by_time,
    case
        when lifecycles.is_judged and lifecycles.original_due_at is not null
            then stages.is_every_promise_kept
    end as is_on_time_original,
    case
        when lifecycles.due_on is null then null
        when lifecycles.is_counted and lifecycles.ended_as is null
            then
                greatest({{ days_between('lifecycles.due_on', 'lifecycles.measured_on') }}, 0)
        when lifecycles.is_judged
            then
                greatest({{ days_between('lifecycles.due_on', 'lifecycles.finished_on') }}, 0)
    end as late_days,
    -- the day of receipt does not count, nor does the time off the clock
    cast(
        case
            when
                lifecycles.is_counted
                and until_dates.working_day_no is not null
                and received_dates.working_day_no is not null
                then
                    greatest(
                        until_dates.working_day_no
                        - received_dates.working_day_no
                        - coalesce(clocks.away_working_days, 0),
                        0
                    )
        end as bigint
    ) as working_days_used,
    cast(lifecycles.paused_days as double) as paused_days,
    cast(lifecycles.supplement_count as bigint) as supplement_count,
    cast(lifecycles.reappointment_count as bigint) as reappointment_count,
    stages.stage_count,
    lifecycles.clock_stopped_at is not null as is_clock_stopped,
    limits.regime_code,
    cast(limits.limit_value as double) as limit_value,
    limits.limit_unit,
    limits.limit_basis,
    recomputed.recomputed_due_at,
    -- working days between the stated and the recomputed date; not for dates that an office moved by itself
    cast(
        case
            when lifecycles.due_reason in ('initial', 'after_supplement', 'stage_2')
                then due_dates.working_day_no - recomputed.due_working_day_no
        end as bigint
    ) as due_deviation_days,
    lifecycles.state_basis,
    lifecycles.due_basis,
    lifecycles.reported_is_on_time,
    lifecycles.reported_due_at,
    lifecycles.is_counted,
    lifecycles.exclusion_code,
    lifecycles.flags,
    lifecycles.as_of_on
from lifecycles
left join calendar_dates as received_dates on lifecycles.received_on = received_dates.date_on
left join calendar_dates as until_dates on lifecycles.used_until_on = until_dates.date_on
left join calendar_dates as due_dates on lifecycles.due_on = due_dates.date_on
left join limits on lifecycles.dossier_key = limits.dossier_key
left join clocks on lifecycles.dossier_key = clocks.dossier_key
left join recomputed on lifecycles.dossier_key = recomputed.dossier_key
left join stages on lifecycles.dossier_key = stages.dossier_key
