-- Quarters and longer periods that lie wholly within the time in which Circular 01/2018 scored units and
-- officers; months are too short for a class.
with

validities as (
    select
        min(valid_from_on) as valid_from_on,
        max(valid_to_on) as valid_to_on
    from {{ ref('score_classes') }}
),

periods as (
    select * from {{ ref('periods') }}
),

run_context as (
    select as_of_on from {{ source('control', 'run_context') }}
)

select
    periods.period_key,
    periods.starts_on,
    periods.ends_on,
    least(periods.ends_on, run_context.as_of_on) as reckoned_on
from periods
inner join validities
    on
        periods.starts_on >= validities.valid_from_on
        and periods.ends_on <= validities.valid_to_on
cross join run_context
where periods.is_begun and periods.period_type in ('quarter', 'half_year', 'year')
