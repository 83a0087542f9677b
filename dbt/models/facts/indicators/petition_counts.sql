-- PAKN_OT and PAKN_SAT: of the feedback whose answer fell due in a period, what was answered by that day; and what
-- was neither overdue nor left its sender dissatisfied. What another body answers is not this one's.
with

run_context as (
    select * from {{ source('control', 'run_context') }}
),

periods as (
    select * from {{ ref('periods') }}
    where is_begun
),

petitions as (
    select
        unit_id,
        due_on,
        coalesce(answered_on <= due_on, false) as is_on_time,
        coalesce(not is_satisfied, false) as is_dissatisfied
    from {{ ref('petition_due_dates') }}
    where type_name = 'pakn' and not is_transferred_out and not is_deleted_at_source
),

counts as (
    select
        periods.period_key,
        petitions.unit_id,
        count(*) as all_count,
        sum(case when petitions.is_on_time then 1 else 0 end) as on_time_count,
        sum(case when petitions.is_on_time and not petitions.is_dissatisfied then 1 else 0 end)
            as satisfied_count
    from petitions
    cross join run_context
    inner join periods on petitions.due_on between periods.starts_on and periods.ends_on
    where petitions.due_on <= run_context.as_of_on
    group by periods.period_key, petitions.unit_id
)

select
    period_key,
    unit_id,
    'all' as field_code,
    'PAKN_OT' as indicator_code,
    'v1' as rule_version,
    cast(on_time_count as bigint) as numerator,
    cast(all_count as bigint) as denominator,
    cast(0 as bigint) as excluded_count
from counts
union all
select
    period_key,
    unit_id,
    'all' as field_code,
    'PAKN_SAT' as indicator_code,
    'v1' as rule_version,
    cast(satisfied_count as bigint) as numerator,
    cast(all_count as bigint) as denominator,
    cast(0 as bigint) as excluded_count
from counts
