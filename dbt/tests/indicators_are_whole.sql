-- Nothing gets lost on the way up: the root with its children equals the sum of all own rows; fields add
-- up to 'all', except where a subject knows no fields; a ratio lies between 0 and 1 and is empty exactly where
-- there is nothing to divide by; a count is its own value and has no denominator; a quantile is a number of days,
-- its denominator the dossiers it rests on, and only these add up; a score is its own points, and no points lie
-- outside what there is to be had.
with

indicators as (
    select * from {{ ref('fct_indicators') }}
),

own as (
    select
        period_key,
        field_code,
        indicator_code,
        rule_version,
        max(measure_type) as measure_type,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from indicators
    where scope = 'own'
    group by period_key, field_code, indicator_code, rule_version
),

at_root as (
    select
        period_key,
        field_code,
        indicator_code,
        rule_version,
        numerator,
        denominator
    from indicators
    where scope = 'with_children' and unit_id = 'root'
),

sums_of_fields as (
    select
        period_key,
        unit_id,
        scope,
        indicator_code,
        rule_version,
        max(measure_type) as measure_type,
        sum(case when field_code = 'all' then 0 else 1 end) as fields_count,
        sum(case when field_code = 'all' then numerator else -numerator end) as numerator_gap,
        coalesce(sum(case when field_code = 'all' then denominator else -denominator end), 0)
            as denominator_gap
    from indicators
    group by period_key, unit_id, scope, indicator_code, rule_version
),

-- what knows fields anywhere knows them everywhere
rules_with_fields as (
    select
        indicator_code,
        rule_version
    from sums_of_fields
    group by indicator_code, rule_version
    having max(fields_count) > 0
)

select
    'root' as finding,
    own.period_key,
    own.indicator_code,
    own.rule_version
from own
left join at_root
    on
        own.period_key = at_root.period_key
        and own.field_code = at_root.field_code
        and own.indicator_code = at_root.indicator_code
        and own.rule_version = at_root.rule_version
where
    at_root.period_key is null
    or (own.numerator <> at_root.numerator and own.measure_type <> 'quantile')
    or own.denominator is distinct from at_root.denominator
union all
select
    'fields' as finding,
    sums_of_fields.period_key,
    sums_of_fields.indicator_code,
    sums_of_fields.rule_version
from sums_of_fields
inner join rules_with_fields
    on
        sums_of_fields.indicator_code = rules_with_fields.indicator_code
        and sums_of_fields.rule_version = rules_with_fields.rule_version
where
    (sums_of_fields.numerator_gap <> 0 and sums_of_fields.measure_type <> 'quantile')
    or sums_of_fields.denominator_gap <> 0
union all
select
    'value' as finding,
    period_key,
    indicator_code,
    rule_version
from indicators
where
    measure_type = 'ratio'
    and (
        denominator is null
        or (value is null) <> (denominator = 0)
        or n <> denominator
        or value < 0
        or value > 1
    )
union all
select
    'count' as finding,
    period_key,
    indicator_code,
    rule_version
from indicators
where
    measure_type = 'count'
    and (
        denominator is not null
        or value is null
        or value <> numerator
        or n <> numerator
    )
union all
select
    'quantile' as finding,
    period_key,
    indicator_code,
    rule_version
from indicators
where
    measure_type = 'quantile'
    and (
        denominator is null
        or denominator <= 0
        or value is null
        or value <> numerator
        or n <> denominator
    )
union all
select
    'target' as finding,
    period_key,
    indicator_code,
    rule_version
from indicators
where is_met is not null and (target is null or value is null)
union all
select
    'score' as finding,
    period_key,
    indicator_code,
    rule_version
from indicators
where
    (measure_type = 'score' and (value is null or score is distinct from value))
    or (score is not null and max_score is null)
    or score < 0
    or score > max_score
