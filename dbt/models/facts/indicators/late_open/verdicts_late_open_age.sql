-- LATE_OPEN by age: of the overdue dossiers, those in each band of days; the numerators are the counts.
with

overdue as (
    select * from {{ ref('overdue_dossiers') }}
),

bands as (
    select * from {{ ref('overdue_age_bands') }}
)

select
    overdue.dossier_key,
    overdue.period_key,
    overdue.unit_id,
    overdue.field_code,
    bands.indicator_code,
    'v1' as rule_version,
    overdue.overdue_days between bands.from_days and coalesce(bands.to_days, overdue.overdue_days)
        as in_numerator,
    true as in_denominator,
    cast(null as varchar) as exclusion_code
from overdue
cross join bands
