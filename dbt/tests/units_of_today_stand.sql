-- A unit of today is its own successor and the same in every version; only a circle of one day has no end.
with

units as (
    select distinct
        unit_id,
        current_unit_id
    from {{ ref('dim_units') }}
),

in_circles as (
    select distinct old_unit_id as unit_id
    from {{ ref('bridge_unit_successions') }}
    where is_circular
),

repeated as (
    select unit_id
    from units
    group by unit_id
    having count(*) > 1
)

select
    'moved_on' as finding,
    units.unit_id,
    units.current_unit_id
from units
inner join units as todays on units.current_unit_id = todays.unit_id
left join in_circles on units.current_unit_id = in_circles.unit_id
where todays.current_unit_id <> units.current_unit_id and in_circles.unit_id is null
union all
select
    'several' as finding,
    unit_id,
    null as current_unit_id
from repeated
