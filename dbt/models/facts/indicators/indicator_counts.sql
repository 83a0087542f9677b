-- Numerators and denominators per period, unit, field and rule version, for units with any dossier in the
-- period: a unit's own (scope own) and with everything below it on the period's last day (with_children).
-- Counts are added up, ratios are reckoned later at each node.
with

rules as (
    select
        indicator_code,
        rule_version
    from {{ ref('indicators') }}
    where is_reckoned
),

periods as (
    select
        period_key,
        ends_on
    from {{ ref('periods') }}
),

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

per_field as (
    select
        active.period_key,
        active.unit_id,
        active.field_code,
        rules.indicator_code,
        rules.rule_version,
        coalesce(verdicts.numerator, 0) as numerator,
        coalesce(verdicts.denominator, 0) as denominator,
        coalesce(verdicts.excluded_count, 0) as excluded_count
    from active
    cross join rules
    left join verdicts
        on
            active.period_key = verdicts.period_key
            and active.unit_id = verdicts.unit_id
            and active.field_code = verdicts.field_code
            and rules.indicator_code = verdicts.indicator_code
            and rules.rule_version = verdicts.rule_version
),

with_all_fields as (
    select
        period_key,
        unit_id,
        field_code,
        indicator_code,
        rule_version,
        numerator,
        denominator,
        excluded_count
    from per_field
    union all
    select
        period_key,
        unit_id,
        'all' as field_code,
        indicator_code,
        rule_version,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(excluded_count) as excluded_count
    from per_field
    group by period_key, unit_id, indicator_code, rule_version
),

scoped as (
    select
        period_key,
        unit_id,
        'own' as scope,
        field_code,
        indicator_code,
        rule_version,
        numerator,
        denominator,
        excluded_count
    from with_all_fields
    union all
    select
        counts.period_key,
        ancestors.ancestor_unit_id as unit_id,
        'with_children' as scope,
        counts.field_code,
        counts.indicator_code,
        counts.rule_version,
        sum(counts.numerator) as numerator,
        sum(counts.denominator) as denominator,
        sum(counts.excluded_count) as excluded_count
    from with_all_fields as counts
    inner join periods on counts.period_key = periods.period_key
    inner join {{ ref('unit_ancestors') }} as ancestors
        on
            counts.unit_id = ancestors.descendant_unit_id
            and periods.ends_on between ancestors.valid_from_on and ancestors.valid_to_on
    group by
        counts.period_key,
        ancestors.ancestor_unit_id,
        counts.field_code,
        counts.indicator_code,
        counts.rule_version
)

select
    period_key,
    unit_id,
    scope,
    field_code,
    indicator_code,
    rule_version,
    cast(numerator as bigint) as numerator,
    cast(denominator as bigint) as denominator,
    cast(excluded_count as bigint) as excluded_count
from scoped
