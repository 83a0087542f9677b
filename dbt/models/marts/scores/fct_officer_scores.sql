-- Score and class of an officer in a unit, from the indices that are reckoned per officer. As for units, an index
-- without data is left out and a class stated only where the missing ones could not change it.
with

tallies as (
    select
        tallies.*,
        {{ mean_of_points('tallies.points', 'tallies.cases_count') }} as index_score
    from {{ ref('score_01_tallies') }} as tallies
    inner join {{ ref('score_indices') }} as indices
        on tallies.index_no = indices.index_no and indices.is_for_officers
    where tallies.officer_id <> 'unknown'
),

sums as (
    select
        period_key,
        unit_id,
        officer_id,
        round(sum(index_score) * 10) / 10 as score,
        count(*) as indices_count,
        max(case when index_no = 1 then index_score end) as index_1_score,
        max(case when index_no = 1 then cases_count end) as index_1_cases_count,
        max(case when index_no = 2 then index_score end) as index_2_score,
        max(case when index_no = 2 then cases_count end) as index_2_cases_count,
        max(case when index_no = 3 then index_score end) as index_3_score,
        max(case when index_no = 3 then cases_count end) as index_3_cases_count
    from tallies
    group by period_key, unit_id, officer_id
),

periods as (
    select * from {{ ref('scored_periods') }}
),

classified as (
    {{ with_classes('sums', 'officer') }}
)

select
    classified.period_key,
    classified.unit_id,
    coalesce(officers.officer_key, 0) as officer_key,
    classified.officer_id,
    cast(classified.score as double) as score,
    cast(classified.max_score as double) as max_score,
    cast(classified.indices_count as bigint) as indices_count,
    cast(classified.missing_count as bigint) as missing_count,
    classified.class_code,
    classified.lowest_class_code,
    classified.highest_class_code,
    cast(classified.index_1_score as double) as index_1_score,
    cast(classified.index_1_cases_count as bigint) as index_1_cases_count,
    cast(classified.index_2_score as double) as index_2_score,
    cast(classified.index_2_cases_count as bigint) as index_2_cases_count,
    cast(classified.index_3_score as double) as index_3_score,
    cast(classified.index_3_cases_count as bigint) as index_3_cases_count
from classified
inner join periods on classified.period_key = periods.period_key
left join {{ ref('officer_versions') }} as officers
    on
        classified.officer_id = officers.officer_id
        and periods.reckoned_on between officers.resolves_from_on and officers.resolves_to_on
