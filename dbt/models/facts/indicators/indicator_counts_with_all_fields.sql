-- Fields rolled up: each field, and all of them together as 'all'. A subject that knows no field says 'all'
-- itself.
with

own_counts as (
    select * from {{ ref('own_indicator_counts') }}
)

select
    {{ figure_grain(is_rolled_up=false) }},
    {{ figure_counts() }}
from own_counts
union all
select
    period_key,
    unit_id,
    'all' as field_code,
    indicator_code,
    rule_version,
    {{ figure_counts(is_summed=true) }}
from own_counts
where field_code <> 'all'
group by period_key, unit_id, indicator_code, rule_version
