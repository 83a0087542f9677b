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

classified as (
    {{ with_classes('sums', 'unit') }}
)

select
    period_key,
    unit_id,
    scope,
    cast(score as double) as score,
    cast(max_score as double) as max_score,
    cast(indices_count as bigint) as indices_count,
    cast(missing_count as bigint) as missing_count,
    class_code,
    lowest_class_code,
    highest_class_code,
    cast(points as bigint) as points,
    cast(cases_count as bigint) as cases_count
from classified
