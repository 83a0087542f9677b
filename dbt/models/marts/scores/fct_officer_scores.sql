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

full_size as (
    select count(*) as indices_count from {{ ref('score_indices') }}
    where is_for_officers
),

classes as (
    select * from {{ ref('score_classes') }}
    where subject = 'officer'
),

periods as (
    select * from {{ ref('scored_periods') }}
),

bounded as (
    select
        sums.*,
        periods.reckoned_on,
        full_size.indices_count - sums.indices_count as missing_count,
        sums.score + 2 * (full_size.indices_count - sums.indices_count) as highest_score
    from sums
    inner join periods on sums.period_key = periods.period_key
    cross join full_size
)

select
    bounded.period_key,
    bounded.unit_id,
    coalesce(officers.officer_key, 0) as officer_key,
    bounded.officer_id,
    cast(bounded.score as double) as score,
    cast(2 * bounded.indices_count as double) as max_score,
    cast(bounded.indices_count as bigint) as indices_count,
    cast(bounded.missing_count as bigint) as missing_count,
    case
        when lowest.class_code = highest.class_code then lowest.class_code
    end as class_code,
    lowest.class_code as lowest_class_code,
    highest.class_code as highest_class_code,
    cast(bounded.index_1_score as double) as index_1_score,
    cast(bounded.index_1_cases_count as bigint) as index_1_cases_count,
    cast(bounded.index_2_score as double) as index_2_score,
    cast(bounded.index_2_cases_count as bigint) as index_2_cases_count,
    cast(bounded.index_3_score as double) as index_3_score,
    cast(bounded.index_3_cases_count as bigint) as index_3_cases_count
from bounded
inner join classes as lowest
    on
        bounded.score >= lowest.from_score
        and bounded.score < coalesce(lowest.below_score, 100)
inner join classes as highest
    on
        bounded.highest_score >= highest.from_score
        and bounded.highest_score < coalesce(highest.below_score, 100)
left join {{ ref('officer_versions') }} as officers
    on
        bounded.officer_id = officers.officer_id
        and bounded.reckoned_on between officers.resolves_from_on and officers.resolves_to_on
