-- OT_ORIG, finished by what was promised at first: of the dossiers finished in the period, those that ended every
-- stage on or before the day that the law set for it. A planned second appointment is a stage of its own, not a
-- re-appointment; what the office put off or edited later does not help.
with

finishes as (
    select
        dossier_key,
        period_key,
        unit_id,
        field_code,
        ended_as
    from {{ ref('dossier_period_states') }}
    where is_finished
),

first_promises as (
    select
        dossier_key,
        original_due_at
    from {{ ref('dossier_lifecycles') }}
),

stages as (
    select
        dossier_key,
        count(*) as stage_count,
        count(promised_due_at) as promise_count,
        sum(case when is_kept then 1 else 0 end) as kept_count
    from {{ ref('dossier_stages') }}
    group by dossier_key
),

exclusions as (
    select
        finishes.*,
        stages.stage_count,
        stages.kept_count,
        case
            when finishes.ended_as in ('withdrawn', 'stopped') then finishes.ended_as
            when
                first_promises.original_due_at is null or stages.promise_count < stages.stage_count
                then 'no_original_due_date'
        end as exclusion_code
    from finishes
    left join first_promises on finishes.dossier_key = first_promises.dossier_key
    left join stages on finishes.dossier_key = stages.dossier_key
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
        in_denominator and kept_count = stage_count as in_numerator
    from denominators
)

select
    dossier_key,
    period_key,
    unit_id,
    field_code,
    'OT_ORIG' as indicator_code,
    'by_date_v1' as rule_version,
    in_numerator,
    in_denominator,
    exclusion_code
from numerators
