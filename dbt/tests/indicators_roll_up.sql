-- At every node, period and field, with_children is the sum of the own counts of the tree below, and a ratio is
-- that numerator through that denominator: the mean of the units' ratios is another figure.
with

indicators as (
    select * from {{ ref('fct_indicators') }}
    where measure_type in ('ratio', 'count')
),

below as (
    select
        periods.period_key,
        ancestors.ancestor_unit_id,
        ancestors.descendant_unit_id
    from {{ ref('bridge_unit_ancestors') }} as ancestors
    inner join {{ ref('dim_periods') }} as periods
        on periods.ends_on between ancestors.valid_from_on and ancestors.valid_to_on
),

expected as (
    select
        own.period_key,
        below.ancestor_unit_id as unit_id,
        own.field_code,
        own.indicator_code,
        own.rule_version,
        min(own.measure_type) as measure_type,
        sum(own.numerator) as numerator,
        sum(own.denominator) as denominator
    from indicators as own
    inner join below
        on
            own.period_key = below.period_key
            and own.unit_id = below.descendant_unit_id
    where own.scope = 'own'
    group by own.period_key, below.ancestor_unit_id, own.field_code, own.indicator_code, own.rule_version
),

found as (
    select * from indicators
    where scope = 'with_children'
)

select
    coalesce(expected.period_key, found.period_key) as period_key,
    coalesce(expected.unit_id, found.unit_id) as unit_id,
    coalesce(expected.field_code, found.field_code) as field_code,
    coalesce(expected.indicator_code, found.indicator_code) as indicator_code,
    coalesce(expected.rule_version, found.rule_version) as rule_version,
    expected.numerator,
    expected.denominator,
    found.value
from expected
full outer join found
    on
        expected.period_key = found.period_key
        and expected.unit_id = found.unit_id
        and expected.field_code = found.field_code
        and expected.indicator_code = found.indicator_code
        and expected.rule_version = found.rule_version
where
    expected.period_key is null
    or found.period_key is null
    or expected.numerator <> found.numerator
    or expected.denominator is distinct from found.denominator
    or found.value is distinct from case
        when expected.measure_type = 'count' then cast(expected.numerator as double)
        when expected.denominator > 0
            then cast(expected.numerator as double) / cast(expected.denominator as double)
    end
