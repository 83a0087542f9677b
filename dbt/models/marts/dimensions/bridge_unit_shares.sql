-- Which parts of a unit stand in which units of today. What is divided (posts, targets) follows every successor by its
-- share, from handover to later handover; what is never divided follows the default one (dim_units.current_unit_id).
-- The shares of one day are scaled to one whole, so that nothing gets lost or doubled; where none is stated the
-- default successor has all.
with recursive

units as (
    select distinct unit_id
    from {{ ref('unit_versions') }}
),

successors as (
    select
        old_unit_id,
        new_unit_id,
        succeeded_on,
        case when is_default then 1 else 0 end as default_weight,
        greatest(coalesce(cast(share as double), 0), 0) as weight,
        sum(greatest(coalesce(cast(share as double), 0), 0))
            over (partition by old_unit_id, succeeded_on) as weights
    from {{ ref('unit_successions') }}
),

shares as (
    select
        old_unit_id,
        new_unit_id,
        succeeded_on,
        case when weights > 0 then weight / weights else default_weight end as share
    from successors
),

handovers as (
    select
        old_unit_id as unit_id,
        succeeded_on,
        {{ any_true('new_unit_id = old_unit_id') }} as is_kept_in_part,
        lag(succeeded_on) over (partition by old_unit_id order by succeeded_on) as previous_on,
        lead(succeeded_on) over (partition by old_unit_id order by succeeded_on) as next_on
    from shares
    group by old_unit_id, succeeded_on
),

-- The days of what a handover hands on: since the one before, up to its eve. What is still said of a unit that has
-- ended is handed on too, but marked: whatever is said of the successor itself goes before it.
spans as (
    select
        unit_id,
        succeeded_on,
        coalesce(previous_on, date '1900-01-01') as from_on,
        {{ date_add_days('succeeded_on', -1) }} as to_on,
        false as is_after_end
    from handovers
    union all
    select
        unit_id,
        case when not is_kept_in_part then succeeded_on end as succeeded_on,
        succeeded_on as from_on,
        date '9999-12-31' as to_on,
        not is_kept_in_part as is_after_end
    from handovers
    where next_on is null
    union all
    select
        units.unit_id,
        cast(null as date) as succeeded_on,
        date '1900-01-01' as from_on,
        date '9999-12-31' as to_on,
        false as is_after_end
    from units
    left join handovers on units.unit_id = handovers.unit_id
    where handovers.unit_id is null
),

-- only forward in time, as dim_units.current_unit_id: what goes round in a circle on one day ends after its first step
walks as (
    select
        spans.unit_id,
        spans.from_on,
        spans.to_on,
        spans.is_after_end,
        coalesce(shares.new_unit_id, spans.unit_id) as reached_unit_id,
        coalesce(spans.succeeded_on, date '9999-12-31') as reached_on,
        coalesce(shares.share, 1) as share
    from spans
    left join shares
        on
            spans.unit_id = shares.old_unit_id
            and spans.succeeded_on = shares.succeeded_on
    where coalesce(shares.share, 1) > 0
    union all
    select
        walks.unit_id,
        walks.from_on,
        walks.to_on,
        walks.is_after_end,
        shares.new_unit_id as reached_unit_id,
        shares.succeeded_on as reached_on,
        walks.share * shares.share as share
    from walks
    inner join spans
        on
            walks.reached_unit_id = spans.unit_id
            and walks.reached_on between spans.from_on and spans.to_on
            and walks.reached_on < spans.succeeded_on
    inner join shares
        on
            spans.unit_id = shares.old_unit_id
            and spans.succeeded_on = shares.succeeded_on
            and shares.share > 0
),

-- a walk that goes on from a unit has not ended there
ends as (
    select walks.*
    from walks
    left join spans
        on
            walks.reached_unit_id = spans.unit_id
            and walks.reached_on between spans.from_on and spans.to_on
            and walks.reached_on < spans.succeeded_on
    where spans.unit_id is null
)

select
    unit_id,
    reached_unit_id as current_unit_id,
    from_on as valid_from_on,
    to_on as valid_to_on,
    sum(share) as share,
    is_after_end
from ends
group by unit_id, reached_unit_id, from_on, to_on, is_after_end
