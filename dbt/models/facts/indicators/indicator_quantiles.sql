-- Median and ninth decile of the days overdue, reckoned at each unit, scope and field from the dossiers
-- themselves, never from the quantiles below. By nearest rank: the smallest number of days that at least so
-- many percent of the overdue dossiers do not exceed. The numerator is that number, the denominator the
-- dossiers it rests on. No row where nothing is overdue: LATE_OPEN says 0 there.
with

overdue as (
    select
        period_key,
        unit_id,
        field_code,
        overdue_days
    from {{ ref('overdue_dossiers') }}
    union all
    select
        period_key,
        unit_id,
        'all' as field_code,
        overdue_days
    from {{ ref('overdue_dossiers') }}
),

periods as (
    select
        period_key,
        ends_on
    from {{ ref('periods') }}
),

ancestors as (
    select * from {{ ref('unit_ancestors') }}
),

rules as (
    select
        indicator_code,
        rule_version,
        case indicator_code when 'LATE_OPEN_MEDIAN' then 50 when 'LATE_OPEN_P90' then 90 end as percent
    from {{ ref('indicators') }}
    where is_reckoned and indicator_code in ('LATE_OPEN_MEDIAN', 'LATE_OPEN_P90')
),

in_scopes as (
    select
        period_key,
        unit_id,
        'own' as scope,
        field_code,
        overdue_days
    from overdue
    union all
    select
        overdue.period_key,
        ancestors.ancestor_unit_id as unit_id,
        'with_children' as scope,
        overdue.field_code,
        overdue.overdue_days
    from overdue
    inner join periods on overdue.period_key = periods.period_key
    inner join ancestors
        on
            overdue.unit_id = ancestors.descendant_unit_id
            and periods.ends_on between ancestors.valid_from_on and ancestors.valid_to_on
),

ranked as (
    select
        *,
        row_number() over (
            partition by period_key, unit_id, scope, field_code order by overdue_days
        ) as rank_no,
        count(*) over (partition by period_key, unit_id, scope, field_code) as overdue_count
    from in_scopes
)

select
    ranked.period_key,
    ranked.unit_id,
    ranked.scope,
    ranked.field_code,
    rules.indicator_code,
    rules.rule_version,
    cast(min(ranked.overdue_days) as bigint) as numerator,
    cast(max(ranked.overdue_count) as bigint) as denominator,
    cast(0 as bigint) as excluded_count
from ranked
cross join rules
where ranked.rank_no * 100 >= rules.percent * ranked.overdue_count
group by
    ranked.period_key,
    ranked.unit_id,
    ranked.scope,
    ranked.field_code,
    rules.indicator_code,
    rules.rule_version
