-- OT_06 as common one-stop software counts it, so that its figure and ours can be explained by each other:
-- a dossier without due date is on time, a withdrawn one is finished and on time, a refused or stopped one is
-- not finished at all. Only the counting is theirs; the moments and due dates are ours.
with

finishes as (
    select
        dossier_key,
        period_key,
        unit_id,
        field_code,
        ended_as,
        finished_at,
        due_at_period_end as due_at
    from {{ ref('dossier_period_states') }}
    where is_finished
),

exclusions as (
    select
        *,
        case when ended_as in ('refused', 'stopped') then ended_as end as exclusion_code
    from finishes
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
        and (
            ended_as = 'withdrawn'
            or due_at is null
            or {{ to_day('finished_at') }} <= {{ to_day('due_at') }}
        ) as in_numerator
    from denominators
)

select
    dossier_key,
    period_key,
    unit_id,
    field_code,
    'OT_06' as indicator_code,
    'one_stop_v1' as rule_version,
    in_numerator,
    in_denominator,
    exclusion_code
from numerators
