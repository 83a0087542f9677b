-- LATE_OPEN, overdue among the open: of the dossiers open at the end of the period's last day that have a
-- due date, those whose due date is before that day.
with

open_dossiers as (
    select
        dossier_key,
        period_key,
        unit_id,
        field_code,
        open_bucket,
        due_at_period_end as due_at
    from {{ ref('dossier_period_states') }}
    where is_open
),

exclusions as (
    select
        *,
        case when due_at is null then 'no_due_date' end as exclusion_code
    from open_dossiers
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
        in_denominator and open_bucket = 'overdue' as in_numerator
    from denominators
)

select
    dossier_key,
    period_key,
    unit_id,
    field_code,
    'LATE_OPEN' as indicator_code,
    'by_date_v1' as rule_version,
    in_numerator,
    in_denominator,
    exclusion_code
from numerators
