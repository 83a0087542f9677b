with

calendars as (
    select * from {{ ref('period_calendars') }}
),

run_context as (
    select * from {{ source('control', 'run_context') }}
),

-- one year more than the calendar: its last days belong to the next reporting year
year_numbers as (
    {{ dbt.generate_series(calendar_last_year() - calendar_first_year() + 2) }}
),

month_numbers as (
    {{ dbt.generate_series(12) }}
),

period_types as (
    select
        'month' as period_type,
        1 as months_count
    union all
    select
        'quarter' as period_type,
        3 as months_count
    union all
    select
        'half_year' as period_type,
        6 as months_count
    union all
    select
        'year' as period_type,
        12 as months_count
),

shapes as (
    select
        period_types.period_type,
        period_types.months_count,
        cast({{ calendar_first_year() }} - 1 + year_numbers.generated_number as integer) as year_no,
        cast(month_numbers.generated_number as integer) as first_month_no
    from year_numbers
    cross join month_numbers
    cross join period_types
    where mod(cast(month_numbers.generated_number as integer) - 1, period_types.months_count) = 0
),

numbered as (
    select
        calendars.calendar,
        calendars.first_day_of_month,
        shapes.period_type,
        shapes.months_count,
        shapes.year_no,
        -- which month, quarter or half of its year; the division leaves no rest
        cast((shapes.first_month_no - 1) / shapes.months_count as integer) + 1 as place_in_year,
        (shapes.year_no - 2008) * 12 + shapes.first_month_no - 1 - calendars.months_earlier
            as first_month_index
    from shapes
    cross join calendars
),

bounded as (
    select
        calendar,
        period_type,
        year_no,
        case period_type
            when 'month'
                then
                    cast(year_no as varchar) || '-' || lpad(cast(place_in_year as varchar), 2, '0')
            when 'quarter' then cast(year_no as varchar) || 'Q' || cast(place_in_year as varchar)
            when 'half_year' then cast(year_no as varchar) || 'H' || cast(place_in_year as varchar)
            else cast(year_no as varchar)
        end as period,
        {{ date_add_months("date '2008-01-01'", 'first_month_index') }} as first_month_starts_on,
        {{ date_add_months("date '2008-01-01'", 'first_month_index + months_count') }}
            as next_month_starts_on,
        first_day_of_month - 1 as days_later
    from numbered
),

dated as (
    select
        calendar,
        period_type,
        year_no,
        period,
        calendar || ':' || period as period_key,
        {{ date_add_days('first_month_starts_on', 'days_later') }} as starts_on,
        {{ date_add_days('next_month_starts_on', 'days_later - 1') }} as ends_on
    from bounded
)

select
    dated.period_key,
    dated.calendar,
    dated.period,
    dated.period_type,
    dated.year_no,
    dated.starts_on,
    dated.ends_on,
    dated.ends_on <= run_context.as_of_on as is_closed,
    dated.starts_on <= run_context.as_of_on as is_begun
from dated
cross join run_context
where dated.starts_on <= date '{{ calendar_last_year() }}-12-31'
