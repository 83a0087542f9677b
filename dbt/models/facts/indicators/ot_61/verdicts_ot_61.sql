-- OT_61, in time of all received: of the dossiers newly received in the period or carried into it, those
-- finished in it by the due date that governed at the finish. An open one is not on time yet.
with

states as (
    select
        dossier_key,
        period_key,
        unit_id,
        field_code,
        is_finished,
        ended_as,
        finished_at,
        due_at_period_end as due_at
    from {{ ref('dossier_period_states') }}
),

exclusions as (
    select
        *,
        case
            when ended_as in ('withdrawn', 'stopped') then ended_as
            when due_at is null then 'no_due_date'
        end as exclusion_code
    from states
),

denominators as (
    select
        *,
        exclusion_code is null as in_denominator
    from exclusions
),

numerators as (
    select
        *,
        in_denominator
        and is_finished
        and {{ to_day('finished_at') }} <= {{ to_day('due_at') }} as in_numerator
    from denominators
)

select
    dossier_key,
    period_key,
    unit_id,
    field_code,
    'OT_61' as indicator_code,
    'v1' as rule_version,
    in_numerator,
    in_denominator,
    exclusion_code
from numerators
