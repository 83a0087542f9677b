with

states as (
    select * from {{ ref('dossier_period_states') }}
),

run_context as (
    select as_of_on from {{ source('control', 'run_context') }}
),

periods as (
    select * from {{ ref('periods') }}
),

unit_versions as (
    select * from {{ ref('unit_versions') }}
),

counted as (
    select
        period_key,
        calendar,
        unit_id,
        current_unit_id,
        field_code,
        procedure_level,
        count(case when is_received and channel_group = 'online' then 1 end) as received_online,
        count(case when is_received and channel_group <> 'online' then 1 end) as received_other,
        count(case when is_carried_in then 1 end) as carried_in,
        count(*) as received_total,
        count(case when finish_bucket = 'early' then 1 end) as finished_early,
        count(case when finish_bucket = 'on_time' then 1 end) as finished_on_time,
        count(case when finish_bucket = 'late' then 1 end) as finished_late,
        count(case when is_finished then 1 end) as finished_total,
        count(case when open_bucket = 'in_time' then 1 end) as open_in_time,
        count(case when open_bucket = 'overdue' then 1 end) as open_overdue,
        count(case when is_open then 1 end) as open_total,
        count(case when ended_as = 'withdrawn' then 1 end) as withdrawn,
        count(case when ended_as = 'refused' then 1 end) as refused,
        count(case when ended_as = 'stopped' then 1 end) as stopped,
        count(
            case
                when
                    is_finished
                    and due_at_period_end is null
                    and ended_as not in ('withdrawn', 'stopped')
                    then 1
            end
        ) as finished_no_due_date,
        count(case when is_open and due_at_period_end is null then 1 end) as open_no_due_date,
        count(case when finish_bucket = 'late' and has_apology then 1 end) as with_apology,
        count(case when finish_bucket = 'late' and not has_apology then 1 end) as without_apology
    from states
    group by period_key, calendar, unit_id, current_unit_id, field_code, procedure_level
)

select
    counted.period_key,
    counted.calendar,
    counted.unit_id,
    coalesce(unit_versions.unit_key, 0) as unit_key,
    counted.current_unit_id,
    counted.field_code,
    counted.procedure_level,
    counted.received_online,
    counted.received_other,
    counted.carried_in,
    counted.received_total,
    counted.finished_early,
    counted.finished_on_time,
    counted.finished_late,
    counted.finished_total,
    counted.open_in_time,
    counted.open_overdue,
    counted.open_total,
    counted.withdrawn,
    counted.refused,
    counted.stopped,
    counted.finished_no_due_date,
    counted.open_no_due_date,
    -- both NULL where apologies of any of the late dossiers are unknown
    case
        when counted.with_apology + counted.without_apology = counted.finished_late
            then counted.with_apology
    end as late_with_apology,
    case
        when counted.with_apology + counted.without_apology = counted.finished_late
            then counted.without_apology
    end as late_without_apology
from counted
inner join periods
    on counted.period_key = periods.period_key
cross join run_context
left join unit_versions
    on
        counted.unit_id = unit_versions.unit_id
        and least(periods.ends_on, run_context.as_of_on)
        between unit_versions.resolves_from_on and unit_versions.resolves_to_on
