-- Targets on today's units. A unit that took over several has the mean of their targets, each by the part that was
-- taken over: a target is fixed ahead, so what was counted since does not weigh it (decision 0086). The target of a unit
-- that had ended by then, one of the whole year, holds where nobody set one for its successor.
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
),

handed_on as (
    select
        targets.period_key,
        targets.unit_id,
        shares.current_unit_id,
        targets.scope,
        targets.field_code,
        targets.indicator_code,
        targets.target,
        shares.share,
        dense_rank() over (
            partition by
                targets.period_key,
                shares.current_unit_id,
                targets.scope,
                targets.field_code,
                targets.indicator_code
            order by case when shares.is_after_end then 1 else 0 end
        ) as choice_no
    from targets
    inner join periods on targets.period_key = periods.period_key
    inner join shares
        on
            targets.unit_id = shares.unit_id
            and periods.ends_on between shares.valid_from_on and shares.valid_to_on
)

select
    period_key,
    current_unit_id,
    scope,
    field_code,
    indicator_code,
    sum(target * share) / sum(share) as target,
    count(distinct unit_id) as units_count,
    min(target) as lowest_target,
    max(target) as highest_target
from handed_on
where choice_no = 1
group by period_key, current_unit_id, scope, field_code, indicator_code
