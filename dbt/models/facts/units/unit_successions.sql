-- Which unit took over from which, and which successor is the default one: said by the source, else the one
-- with the largest share. A code means the unit that bore it, the old one on the eve of the day, the new one
-- on the day.
with recursive

stated as (
    select
        *,
        coalesce(succeeded_on, date '1900-01-01') as from_on
    from {{ ref('stg_unit_successions') }}
    where
        old_unit_code is not null
        and new_unit_code is not null
        and not is_deleted_at_source
),

units as (
    select
        unit_id,
        one_unit_code,
        min(code_from_on) as code_from_on,
        max(code_to_on) as code_to_on
    from {{ ref('unit_histories') }}
    group by unit_id, one_unit_code
),

identified as (
    select
        old_units.unit_id as old_unit_id,
        new_units.unit_id as new_unit_id,
        stated.from_on as succeeded_on,
        stated.share,
        stated.is_default,
        stated.legal_source,
        stated.source,
        stated.record_key
    from stated
    inner join units as old_units
        on
            stated.old_unit_code = old_units.one_unit_code
            and greatest({{ date_add_days('stated.from_on', -1) }}, date '1900-01-01')
            between old_units.code_from_on and old_units.code_to_on
    inner join units as new_units
        on
            stated.new_unit_code = new_units.one_unit_code
            and stated.from_on between new_units.code_from_on and new_units.code_to_on
),

told_once as (
    select
        *,
        row_number() over (
            partition by old_unit_id, new_unit_id, succeeded_on
            order by
                case when is_default then 0 else 1 end asc,
                coalesce(share, 0) desc,
                source asc,
                record_key asc
        ) as telling_no
    from identified
),

ranked as (
    select
        *,
        row_number() over (
            partition by old_unit_id, succeeded_on
            order by
                case when is_default then 0 else 1 end asc,
                coalesce(share, 0) desc,
                new_unit_id asc
        ) as successor_rank
    from told_once
    where telling_no = 1
),

-- Units that hand on to each other on one day go round in a circle: no unit of today stands at its end.
walks as (
    select
        old_unit_id as first_unit_id,
        new_unit_id as reached_unit_id,
        succeeded_on,
        1 as walk_length
    from ranked
    where successor_rank = 1 and old_unit_id <> new_unit_id
    union all
    select
        walks.first_unit_id,
        ranked.new_unit_id as reached_unit_id,
        walks.succeeded_on,
        walks.walk_length + 1 as walk_length
    from walks
    inner join ranked
        on
            walks.reached_unit_id = ranked.old_unit_id
            and walks.succeeded_on = ranked.succeeded_on
            and ranked.successor_rank = 1
            and ranked.old_unit_id <> ranked.new_unit_id
    where
        walks.reached_unit_id <> walks.first_unit_id
        and walks.walk_length < 12
),

circles as (
    select distinct
        first_unit_id,
        succeeded_on
    from walks
    where reached_unit_id = first_unit_id
)

select
    ranked.old_unit_id,
    ranked.new_unit_id,
    ranked.succeeded_on,
    ranked.share,
    ranked.successor_rank = 1 as is_default,
    circles.first_unit_id is not null as is_circular,
    ranked.legal_source,
    ranked.source
from ranked
left join circles
    on
        ranked.old_unit_id = circles.first_unit_id
        and ranked.succeeded_on = circles.succeeded_on
        and ranked.successor_rank = 1
