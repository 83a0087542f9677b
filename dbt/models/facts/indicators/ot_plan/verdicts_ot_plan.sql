-- OT_PLAN, finished by the office's own plan: OT_06 against the planned end instead of the due date.
-- Where no dossier has a plan there is nothing to judge, hence no verdict.
with

finishes as (
    select
        dossier_key,
        period_key,
        unit_id,
        field_code,
        ended_as,
        finished_at,
        planned_due_at
    from {{ ref('dossier_period_states') }}
    where is_finished
),

plans as (
    select count(planned_due_at) as plans_count
    from finishes
),

exclusions as (
    select
        finishes.*,
        case
            when finishes.ended_as in ('withdrawn', 'stopped') then finishes.ended_as
            when finishes.planned_due_at is null then 'no_planned_end'
        end as exclusion_code
    from finishes
    cross join plans
    where plans.plans_count > 0
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
        and {{ to_day('finished_at') }} <= {{ to_day('planned_due_at') }} as is_by_date,
        in_denominator
        and {{ to_second('finished_at') }} <= {{ to_second('planned_due_at') }} as is_by_time
    from denominators
)

select
    dossier_key,
    period_key,
    unit_id,
    field_code,
    'OT_PLAN' as indicator_code,
    'by_date_v1' as rule_version,
    is_by_date as in_numerator,
    in_denominator,
    exclusion_code
from numerators
union all
select
    dossier_key,
    period_key,
    unit_id,
    field_code,
    'OT_PLAN' as indicator_code,
    'by_time_v1' as rule_version,
    is_by_time as in_numerator,
    in_denominator,
    exclusion_code
from numerators
