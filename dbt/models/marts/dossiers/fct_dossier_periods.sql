with

states as (
    select * from {{ ref('dossier_period_states') }}
),

counted as (
    select
        period_key,
        calendar,
        unit_id,
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
    group by period_key, calendar, unit_id, field_code, procedure_level
)

select
    period_key,
    calendar,
    unit_id,
    field_code,
    procedure_level,
    received_online,
    received_other,
    carried_in,
    received_total,
    finished_early,
    finished_on_time,
    finished_late,
    finished_total,
    open_in_time,
    open_overdue,
    open_total,
    withdrawn,
    refused,
    stopped,
    finished_no_due_date,
    open_no_due_date,
    -- both NULL where apologies of any of the late dossiers are unknown
    case when with_apology + without_apology = finished_late then with_apology end
        as late_with_apology,
    case when with_apology + without_apology = finished_late then without_apology end
        as late_without_apology
from counted
