-- Score and class of a unit. An index without data is left out of the sum. A class is stated where the missing
-- indices could not change it; else it lies between the lowest and the highest.
with

sums as (
    select
        period_key,
        unit_id,
        scope,
        -- tenths are added up as whole numbers
        round(sum(score) * 10) / 10 as score,
        count(score) as indices_count,
        sum(points) as points,
        sum(cases_count) as cases_count
    from {{ ref('fct_unit_index_scores') }}
    group by period_key, unit_id, scope
),

full_size as (
    select count(*) as indices_count from {{ ref('score_indices') }}
),

classes as (
    select * from {{ ref('score_classes') }}
    where subject = 'unit'
),

bounded as (
    select
        sums.*,
        full_size.indices_count - sums.indices_count as missing_count,
        sums.score + 2 * (full_size.indices_count - sums.indices_count) as highest_score
    from sums
    cross join full_size
)

select
    bounded.period_key,
    bounded.unit_id,
    bounded.scope,
    cast(bounded.score as double) as score,
    cast(2 * bounded.indices_count as double) as max_score,
    cast(bounded.indices_count as bigint) as indices_count,
    cast(bounded.missing_count as bigint) as missing_count,
    case
        when lowest.class_code = highest.class_code then lowest.class_code
    end as class_code,
    lowest.class_code as lowest_class_code,
    highest.class_code as highest_class_code,
    cast(bounded.points as bigint) as points,
    cast(bounded.cases_count as bigint) as cases_count
from bounded
inner join classes as lowest
    on
        bounded.score >= lowest.from_score
        and bounded.score < coalesce(lowest.below_score, 100)
inner join classes as highest
    on
        bounded.highest_score >= highest.from_score
        and bounded.highest_score < coalesce(highest.below_score, 100)
