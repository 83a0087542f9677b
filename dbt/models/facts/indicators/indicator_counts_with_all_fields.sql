-- Fields rolled up: each field, and all of them together as 'all'. A subject that knows no field says 'all'
-- itself.
with

own_counts as (
    select * from {{ ref('own_indicator_counts') }}
)

select
    period_key,
    unit_id,
    field_code,
    indicator_code,
    rule_version,
    numerator,
    denominator,
    excluded_count
from own_counts
union all
select
    period_key,
    unit_id,
    'all' as field_code,
    indicator_code,
    rule_version,
    cast(sum(numerator) as bigint) as numerator,
    cast(sum(denominator) as bigint) as denominator,
    cast(sum(excluded_count) as bigint) as excluded_count
from own_counts
where field_code <> 'all'
group by period_key, unit_id, indicator_code, rule_version
