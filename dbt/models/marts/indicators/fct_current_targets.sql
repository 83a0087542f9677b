-- Targets on today's units. A unit that took over several has the mean of their targets, each by the part that was
-- taken over: a target is fixed ahead, so what was counted since does not weigh it (decision 0086).
with

targets as (
    select * from {{ ref('indicator_targets') }}
),

periods as (
    select
        period_key,
        ends_on
    from {{ ref('periods') }}
),

shares as (
    select * from {{ ref('bridge_unit_shares') }}
)

select
    targets.period_key,
    shares.current_unit_id,
    targets.scope,
    targets.field_code,
    targets.indicator_code,
    sum(targets.target * shares.share) / sum(shares.share) as target,
    count(distinct targets.unit_id) as units_count,
    min(targets.target) as lowest_target,
    max(targets.target) as highest_target
from targets
inner join periods on targets.period_key = periods.period_key
inner join shares
    on
        targets.unit_id = shares.unit_id
        and periods.ends_on between shares.valid_from_on and shares.valid_to_on
group by
    targets.period_key,
    shares.current_unit_id,
    targets.scope,
    targets.field_code,
    targets.indicator_code
