-- DOC_IN and DOC_OUT: letters of the register in a period, up to the as-of day; DOC_LATE: of the letters received
-- whose deadline ran out in it, those not answered by the end of that day. Few registers name a field, so
-- these stand under 'all' only. A letter that a newer extract of its register no longer holds stays counted:
-- a register of the new year does not undo the letters of the old one.
with

run_context as (
    select * from {{ source('control', 'run_context') }}
),

periods as (
    select * from {{ ref('periods') }}
    where is_begun
),

documents as (
    select * from {{ ref('registered_documents') }}
),

documents_by_day as (
    select
        unit_id,
        registered_on,
        sum(case when direction = 'in' then 1 else 0 end) as documents_in,
        sum(case when direction = 'out' then 1 else 0 end) as documents_out
    from documents
    where registered_on is not null
    group by unit_id, registered_on
),

documents_by_period as (
    select
        periods.period_key,
        documents_by_day.unit_id,
        sum(documents_by_day.documents_in) as documents_in,
        sum(documents_by_day.documents_out) as documents_out
    from documents_by_day
    cross join run_context
    inner join periods
        on documents_by_day.registered_on between periods.starts_on and periods.ends_on
    where documents_by_day.registered_on <= run_context.as_of_on
    group by periods.period_key, documents_by_day.unit_id
),

deadlines_by_day as (
    select
        unit_id,
        due_on,
        count(*) as documents_due,
        sum({{ is_answered_late('due_on', 'answered_on') }}) as documents_late
    from documents
    where direction = 'in' and registered_on is not null and due_on is not null
    group by unit_id, due_on
),

deadlines_by_period as (
    select
        periods.period_key,
        deadlines_by_day.unit_id,
        sum(deadlines_by_day.documents_due) as documents_due,
        sum(deadlines_by_day.documents_late) as documents_late
    from deadlines_by_day
    cross join run_context
    inner join periods
        on deadlines_by_day.due_on between periods.starts_on and periods.ends_on
    where deadlines_by_day.due_on <= run_context.as_of_on
    group by periods.period_key, deadlines_by_day.unit_id
),

counts as (
    select
        period_key,
        unit_id,
        'DOC_IN' as indicator_code,
        documents_in as numerator,
        cast(null as bigint) as denominator
    from documents_by_period
    union all
    select
        period_key,
        unit_id,
        'DOC_OUT' as indicator_code,
        documents_out as numerator,
        cast(null as bigint) as denominator
    from documents_by_period
    union all
    select
        period_key,
        unit_id,
        'DOC_LATE' as indicator_code,
        documents_late as numerator,
        documents_due as denominator
    from deadlines_by_period
)

select
    period_key,
    unit_id,
    'all' as field_code,
    indicator_code,
    'v1' as rule_version,
    cast(numerator as bigint) as numerator,
    cast(denominator as bigint) as denominator,
    cast(0 as bigint) as excluded_count
from counts
