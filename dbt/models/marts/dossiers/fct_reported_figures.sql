with

reported as (
    select
        *,
        row_number() over (
            partition by calendar, period, unit_code, field_code, figure_code
            order by is_deleted_at_source asc, extracted_at desc, source asc
        ) as choice
    from {{ ref('stg_reported_figures') }}
    where unit_code is not null and period is not null and figure_code is not null
),

unit_references as (
    select * from {{ ref('unit_references') }}
),

periods as (
    select * from {{ ref('periods') }}
),

form_rows as (
    select * from {{ ref('fct_dossier_periods') }}
),

-- a body reports its fields, and all of them together
reported_rows as (
    select
        *,
        field_code as reported_field
    from form_rows
    union all
    select
        *,
        'all' as reported_field
    from form_rows
),

by_field as (
    select
        period_key,
        unit_id,
        reported_field as field_code,
        sum(received_online) as received_online,
        sum(received_other) as received_other,
        sum(carried_in) as carried_in,
        sum(received_total) as received_total,
        sum(finished_early) as finished_early,
        sum(finished_on_time) as finished_on_time,
        sum(finished_late) as finished_late,
        sum(finished_total) as finished_total,
        sum(open_in_time) as open_in_time,
        sum(open_overdue) as open_overdue,
        sum(open_total) as open_total,
        sum(withdrawn) as withdrawn,
        sum(refused) as refused,
        sum(stopped) as stopped
    from reported_rows
    group by period_key, unit_id, reported_field
),

chosen as (
    select
        lower(reported.calendar) || ':' || reported.period as period_key,
        coalesce(unit_references.unit_id, 'unknown') as unit_id,
        coalesce(reported.field_code, 'all') as field_code,
        reported.figure_code,
        cast(reported.value as double) as reported_value,
        reported.source
    from reported
    left join periods
        on lower(reported.calendar) || ':' || reported.period = periods.period_key
    left join unit_references
        on
            reported.unit_code = unit_references.reference
            and coalesce(periods.ends_on, date '9999-12-31')
            between unit_references.refers_from_on and unit_references.refers_to_on
    where reported.choice = 1
),

compared as (
    select
        chosen.*,
        cast(
            case chosen.figure_code
                when 'received_online' then by_field.received_online
                when 'received_other' then by_field.received_other
                when 'carried_in' then by_field.carried_in
                when 'received_total' then by_field.received_total
                when 'finished_early' then by_field.finished_early
                when 'finished_on_time' then by_field.finished_on_time
                when 'finished_late' then by_field.finished_late
                when 'finished_in_time' then by_field.finished_early + by_field.finished_on_time
                when 'finished_total' then by_field.finished_total
                when 'open_in_time' then by_field.open_in_time
                when 'open_overdue' then by_field.open_overdue
                when 'open_total' then by_field.open_total
                when 'withdrawn' then by_field.withdrawn
                when 'refused' then by_field.refused
                when 'stopped' then by_field.stopped
            end as double
        ) as reckoned_value
    from chosen
    left join by_field
        on
            chosen.period_key = by_field.period_key
            and chosen.unit_id = by_field.unit_id
            and chosen.field_code = by_field.field_code
)

select
    period_key,
    unit_id,
    field_code,
    figure_code,
    reported_value,
    reckoned_value,
    reported_value - reckoned_value as difference,
    source
from compared
