-- Units rolled up: a unit's own counts (scope own) and those with everything below it in the hierarchy of the
-- period's last day (with_children). Counts are added up; ratios are reckoned later, at each node. Quantiles
-- cannot be added up and come reckoned for each node.
with

own_counts as (
    select * from {{ ref('indicator_counts_with_all_fields') }}
),

periods as (
    select
        period_key,
        ends_on
    from {{ ref('periods') }}
),

ancestors as (
    select * from {{ ref('unit_ancestors') }}
)

select
    {{ figure_grain(is_rolled_up=false) }},
    {{ figure_counts() }},
    'own' as scope
from own_counts
union all
select
    own_counts.period_key,
    ancestors.ancestor_unit_id as unit_id,
    own_counts.field_code,
    own_counts.indicator_code,
    own_counts.rule_version,
    {{ figure_counts('own_counts', is_summed=true) }},
    'with_children' as scope
from own_counts
inner join periods on own_counts.period_key = periods.period_key
inner join ancestors
    on
        own_counts.unit_id = ancestors.descendant_unit_id
        and periods.ends_on between ancestors.valid_from_on and ancestors.valid_to_on
group by
    own_counts.period_key,
    ancestors.ancestor_unit_id,
    own_counts.field_code,
    own_counts.indicator_code,
    own_counts.rule_version
union all
select
    {{ figure_grain(is_rolled_up=false) }},
    {{ figure_counts() }},
    scope
from {{ ref('indicator_quantiles') }}
