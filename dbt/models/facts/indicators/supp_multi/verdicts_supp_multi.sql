-- SUPP_MULTI: of the dossiers for which papers were asked for in the period, after acceptance, those asked more
-- often than allowed by its end, earlier requests included. What is asked later changes no earlier period.
with

requests as (
    select
        dossier_key,
        request_no,
        requested_at
    from {{ ref('dossier_supplements') }}
),

thresholds as (
    select threshold_value as requests_allowed
    from {{ ref('rule_thresholds') }}
    where threshold_code = 'supplement_requests'
),

asked_in_periods as (
    select
        states.dossier_key,
        states.period_key,
        states.unit_id,
        states.field_code,
        max(requests.request_no) as requests_so_far
    from {{ ref('dossier_period_states') }} as states
    inner join requests
        on
            states.dossier_key = requests.dossier_key
            and {{ to_day('requests.requested_at') }} between states.starts_on and states.reckoned_on
    group by states.dossier_key, states.period_key, states.unit_id, states.field_code
)

select
    asked_in_periods.dossier_key,
    asked_in_periods.period_key,
    asked_in_periods.unit_id,
    asked_in_periods.field_code,
    'SUPP_MULTI' as indicator_code,
    'v1' as rule_version,
    asked_in_periods.requests_so_far > thresholds.requests_allowed as in_numerator,
    true as in_denominator,
    cast(null as varchar) as exclusion_code
from asked_in_periods
cross join thresholds
