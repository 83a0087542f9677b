-- The indices of Circular 01/2018 at each unit alone and with everything below it. Points and cases are added
-- up, means reckoned at each node. What a unit reports of itself stands for it in both scopes and goes no
-- further up. An index without data has no row.
with

indices as (
    select * from {{ ref('score_indices') }}
),

periods as (
    select * from {{ ref('scored_periods') }}
),

own_tallies as (
    select
        period_key,
        unit_id,
        index_no,
        sum(points) as points,
        sum(cases_count) as cases_count
    from {{ ref('score_01_tallies') }}
    group by period_key, unit_id, index_no
),

tallies as (
    select
        period_key,
        unit_id,
        'own' as scope,
        index_no,
        points,
        cases_count
    from own_tallies
    union all
    select
        own_tallies.period_key,
        ancestors.ancestor_unit_id as unit_id,
        'with_children' as scope,
        own_tallies.index_no,
        sum(own_tallies.points) as points,
        sum(own_tallies.cases_count) as cases_count
    from own_tallies
    inner join periods on own_tallies.period_key = periods.period_key
    inner join {{ ref('unit_ancestors') }} as ancestors
        on
            own_tallies.unit_id = ancestors.descendant_unit_id
            and periods.ends_on between ancestors.valid_from_on and ancestors.valid_to_on
    group by own_tallies.period_key, ancestors.ancestor_unit_id, own_tallies.index_no
),

reckoned as (
    select
        tallies.period_key,
        tallies.unit_id,
        tallies.scope,
        tallies.index_no,
        indices.reckoning,
        tallies.points,
        tallies.cases_count,
        case
            when indices.reckoning = 'cases'
                then {{ mean_of_points('tallies.points', 'tallies.cases_count') }}
            when tallies.points = tallies.cases_count then 2
            when tallies.points * 100 >= tallies.cases_count * 90 then 1
            else 0
        end as score
    from tallies
    inner join indices on tallies.index_no = indices.index_no
    where indices.reckoning in ('cases', 'share')
),

reported as (
    select
        figures.period_key,
        figures.unit_id,
        indices.index_no,
        figures.reported_value
    from {{ ref('fct_reported_figures') }} as figures
    inner join periods on figures.period_key = periods.period_key
    inner join indices
        on figures.figure_code = 'score_01_index_' || cast(indices.index_no as varchar)
    where
        indices.reckoning = 'reported'
        and figures.field_code = 'all'
        and figures.reported_value is not null
),

-- a unit is scored where it has cases; what it reports comes on top of them
scored_units as (
    select distinct
        period_key,
        unit_id,
        scope
    from reckoned
),

stated as (
    select
        reported.period_key,
        reported.unit_id,
        scored_units.scope,
        reported.index_no,
        'reported' as reckoning,
        cast(null as bigint) as points,
        cast(null as bigint) as cases_count,
        case
            when reported.reported_value between 0 and 2
                then {{ mean_of_points('reported.reported_value', '1') }}
        end as score
    from reported
    inner join scored_units
        on
            reported.period_key = scored_units.period_key
            and reported.unit_id = scored_units.unit_id
),

combined as (
    select * from reckoned
    union all
    select * from stated
)

select
    period_key,
    unit_id,
    scope,
    cast(index_no as bigint) as index_no,
    reckoning,
    cast(points as bigint) as points,
    cast(cases_count as bigint) as cases_count,
    cast(score as double) as score,
    case when score is null then 'not_0_to_2' end as exclusion_code
from combined
