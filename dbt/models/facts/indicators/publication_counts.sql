-- PUB_ONTIME: procedures that had to be decided, or put online, in a period and were, every time. They are announced
-- for the whole body, so they stand at the root.
with

run_context as (
    select * from {{ source('control', 'run_context') }}
),

periods as (
    select * from {{ ref('periods') }}
    where is_begun
),

publications as (
    select * from {{ ref('procedure_publications') }}
),

duties as (
    select
        procedure_code,
        field_code,
        'decided_v1' as rule_version,
        decision_due_on as due_on,
        is_decided_on_time as is_on_time
    from publications
    union all
    select
        procedure_code,
        field_code,
        'online_v1' as rule_version,
        online_due_on as due_on,
        is_online_on_time as is_on_time
    from publications
),

-- late once in the period is late
procedures_by_period as (
    select
        periods.period_key,
        duties.procedure_code,
        duties.field_code,
        duties.rule_version,
        {{ all_true('duties.is_on_time') }} as is_on_time
    from duties
    cross join run_context
    inner join periods on duties.due_on between periods.starts_on and periods.ends_on
    where duties.due_on <= run_context.as_of_on and duties.is_on_time is not null
    group by periods.period_key, duties.procedure_code, duties.field_code, duties.rule_version
)

select
    period_key,
    'root' as unit_id,
    field_code,
    'PUB_ONTIME' as indicator_code,
    rule_version,
    cast(sum(case when is_on_time then 1 else 0 end) as bigint) as numerator,
    cast(count(*) as bigint) as denominator,
    cast(0 as bigint) as excluded_count
from procedures_by_period
group by period_key, field_code, rule_version
