-- OT_06, finished early or on time: of the dossiers finished in the period, those finished by the due date
-- that governed at the finish. by_date compares days (a term ends with its last day; a limit in hours with its
-- hour), by_time moments to the second.
with

finishes as (
    select
        dossier_key,
        period_key,
        unit_id,
        field_code,
        ended_as,
        finished_at,
        due_at_period_end as due_at,
        is_judged_by_time
    from {{ ref('dossier_period_states') }}
    where is_finished
),

exclusions as (
    select
        *,
        case
            when ended_as in ('withdrawn', 'stopped') then ended_as
            when due_at is null then 'no_due_date'
        end as exclusion_code
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
        and case
            when is_judged_by_time then {{ to_second('finished_at') }} <= {{ to_second('due_at') }}
            else {{ to_day('finished_at') }} <= {{ to_day('due_at') }}
        end as is_by_date,
        in_denominator and {{ to_second('finished_at') }} <= {{ to_second('due_at') }} as is_by_time
    from denominators
)

select
    dossier_key,
    period_key,
    unit_id,
    field_code,
    'OT_06' as indicator_code,
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
    'OT_06' as indicator_code,
    'by_time_v1' as rule_version,
    is_by_time as in_numerator,
    in_denominator,
    exclusion_code
from numerators
