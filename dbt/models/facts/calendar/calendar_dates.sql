with

months as (
    select * from {{ ref('periods') }}
    where period_type = 'month'
),

public_holidays as (
    select * from {{ source('control', 'public_holidays') }}
),

overrides as (
    select * from {{ ref('working_day_overrides') }}
),

day_numbers as (
    {{ dbt.generate_series((calendar_last_year() - calendar_first_year() + 1) * 366) }}
),

days as (
    select
        {{ date_add_days(
            "date '" ~ calendar_first_year() ~ "-01-01'",
            'cast(generated_number as integer) - 1',
        ) }} as date_on
    from day_numbers
),

labelled as (
    select
        days.date_on,
        -- 1 = Monday; 1900-01-01 was one
        mod({{ days_between("date '1900-01-01'", 'days.date_on') }}, 7) + 1 as day_of_week,
        months.calendar,
        months.period as month_label,
        cast(months.year_no as varchar) as year_label,
        cast(substring(months.period, 6, 2) as integer) as month_no
    from days
    inner join months
        on days.date_on between months.starts_on and months.ends_on
    where days.date_on <= date '{{ calendar_last_year() }}-12-31'
),

in_periods as (
    select
        date_on,
        day_of_week,
        calendar,
        month_label,
        year_label || 'Q' || cast(cast(floor((month_no + 2) / 3) as integer) as varchar)
            as quarter_label,
        year_label || case when month_no <= 6 then 'H1' else 'H2' end as half_year_label,
        year_label
    from labelled
),

-- one row a day again: both calendars side by side
side_by_side as (
    select
        date_on,
        day_of_week,
        max(case when calendar = 'cal' then month_label end) as cal_month,
        max(case when calendar = 'cal' then quarter_label end) as cal_quarter,
        max(case when calendar = 'cal' then half_year_label end) as cal_half_year,
        max(case when calendar = 'cal' then year_label end) as cal_year,
        max(case when calendar = 'rep' then month_label end) as rep_month,
        max(case when calendar = 'rep' then quarter_label end) as rep_quarter,
        max(case when calendar = 'rep' then half_year_label end) as rep_half_year,
        max(case when calendar = 'rep' then year_label end) as rep_year
    from in_periods
    group by date_on, day_of_week
),

-- an official document wins over the public holidays, and these over the day of the week
worked as (
    select
        side_by_side.*,
        coalesce(overrides.name_vi, public_holidays.name_vi) as holiday_name,
        coalesce(overrides.name_en, public_holidays.name_en) as holiday_name_en,
        coalesce(
            overrides.is_working_day,
            public_holidays.is_working_day,
            side_by_side.day_of_week < 6
        ) as is_working_day
    from side_by_side
    left join public_holidays
        on side_by_side.date_on = public_holidays.date_on
    left join overrides
        on side_by_side.date_on = overrides.date_on
)

select
    date_on,
    cast(day_of_week as bigint) as day_of_week,
    day_of_week >= 6 as is_weekend,
    holiday_name,
    holiday_name_en,
    is_working_day,
    -- a day off has the number of the working day before it
    cast(
        sum(case when is_working_day then 1 else 0 end) over (
            order by date_on
            rows between unbounded preceding and current row
        ) as bigint
    ) as working_day_no,
    cal_month,
    cal_quarter,
    cal_half_year,
    cal_year,
    rep_month,
    rep_quarter,
    rep_half_year,
    rep_year
from worked
