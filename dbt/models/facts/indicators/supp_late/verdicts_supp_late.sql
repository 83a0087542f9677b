-- SUPP_LATE: of the dossiers for which papers were first asked for in the period, after acceptance, those
-- asked later than the allowed number of working days from receipt (the day of receipt does not count).
with

requests as (
    select
        dossier_key,
        received_at,
        requested_at
    from {{ ref('dossier_supplements') }}
    where request_no = 1
),

calendar as (
    select
        date_on,
        working_day_no
    from {{ ref('calendar_dates') }}
),

thresholds as (
    select threshold_value as notice_days
    from {{ ref('rule_thresholds') }}
    where threshold_code = 'supplement_notice'
),

in_periods as (
    select
        states.dossier_key,
        states.period_key,
        states.unit_id,
        states.field_code,
        thresholds.notice_days,
        requested_dates.working_day_no - received_dates.working_day_no as working_days_taken
    from {{ ref('dossier_period_states') }} as states
    inner join requests
        on
            states.dossier_key = requests.dossier_key
            and {{ to_day('requests.requested_at') }} between states.starts_on and states.reckoned_on
    cross join thresholds
    left join calendar as requested_dates
        on {{ to_day('requests.requested_at') }} = requested_dates.date_on
    left join calendar as received_dates
        on {{ to_day('requests.received_at') }} = received_dates.date_on
),

exclusions as (
    select
        *,
        case when working_days_taken is null then 'outside_calendar' end as exclusion_code
    from in_periods
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
    'SUPP_LATE' as indicator_code,
    'v1' as rule_version,
    in_denominator and coalesce(working_days_taken > notice_days, false) as in_numerator,
    in_denominator,
    exclusion_code
from denominators
