-- Which target stands beside which figure. A target speaks of one unit, scope, field and indicator, and holds
-- for its period and every shorter one inside it, in both calendars; it never meets another body's figures.
-- The figures know no procedure level, so only targets over all levels count.
with

seed_targets as (
    select
        indicator_code,
        unit_code,
        scope,
        field_code,
        procedure_level,
        period,
        value,
        -- what a text sets beats what a source says, which beats an assumption
        case when status = 'in_force' then 1 else 3 end as trust_no,
        'seed' as source,
        '' as record_key
    from {{ ref('targets') }}
),

source_targets as (
    select
        indicator_code,
        unit_code,
        'own' as scope,
        coalesce(field_code, 'all') as field_code,
        coalesce(procedure_level, 'all') as procedure_level,
        period,
        cast(value as double) as value,
        2 as trust_no,
        source,
        record_key
    from {{ ref('stg_targets') }}
    where not is_deleted_at_source and value is not null
),

stated as (
    select * from seed_targets
    union all
    select * from source_targets
),

periods as (
    select * from {{ ref('periods') }}
),

units as (
    select * from {{ ref('unit_references') }}
),

placed as (
    select
        periods.period_key,
        units.unit_id,
        stated.scope,
        stated.field_code,
        stated.indicator_code,
        stated.value as target,
        row_number() over (
            partition by
                periods.period_key, units.unit_id, stated.scope, stated.field_code, stated.indicator_code
            order by
                -- the period nearest to the figure's own wins
                {{ days_between('target_periods.starts_on', 'target_periods.ends_on') }} asc,
                stated.trust_no asc,
                stated.source asc,
                stated.record_key asc
        ) as choice_no
    from stated
    inner join periods as target_periods on stated.period = target_periods.period
    inner join periods
        on
            target_periods.calendar = periods.calendar
            and target_periods.starts_on <= periods.starts_on
            and target_periods.ends_on >= periods.ends_on
    inner join units
        on
            {{ one_unit_code('stated.unit_code') }} = units.reference
            and periods.ends_on between units.refers_from_on and units.refers_to_on
    where stated.procedure_level = 'all' and periods.is_begun
)

select
    period_key,
    unit_id,
    scope,
    field_code,
    indicator_code,
    target
from placed
where choice_no = 1
