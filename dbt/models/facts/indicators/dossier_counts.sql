-- Verdicts summed per period, unit and field. A rule that judges any dossier at all has a row for every unit
-- and field that had a dossier in the period: 0 of 0 says "nothing to judge", no row says "no such rule".
with

active as (
    select distinct
        period_key,
        unit_id,
        field_code
    from {{ ref('dossier_period_states') }}
),

verdicts as (
    select
        period_key,
        unit_id,
        field_code,
        indicator_code,
        rule_version,
        sum(in_numerator) as numerator,
        sum(in_denominator) as denominator,
        count(exclusion_code) as excluded_count
    from {{ ref('dossier_verdicts') }}
    group by period_key, unit_id, field_code, indicator_code, rule_version
),

rules as (
    select distinct
        indicator_code,
        rule_version
    from verdicts
)

select
    active.period_key,
    active.unit_id,
    active.field_code,
    rules.indicator_code,
    rules.rule_version,
    cast(coalesce(verdicts.numerator, 0) as bigint) as numerator,
    cast(coalesce(verdicts.denominator, 0) as bigint) as denominator,
    cast(coalesce(verdicts.excluded_count, 0) as bigint) as excluded_count
from active
cross join rules
left join verdicts
    on
        active.period_key = verdicts.period_key
        and active.unit_id = verdicts.unit_id
        and active.field_code = verdicts.field_code
        and rules.indicator_code = verdicts.indicator_code
        and rules.rule_version = verdicts.rule_version
