with

calendar_dates as (
    select * from {{ ref('calendar_dates') }}
)

select
    date_on,
    day_of_week,
    is_weekend,
    is_working_day,
    working_day_no,
    holiday_name,
    holiday_name_en,
    cal_month,
    cal_quarter,
    cal_half_year,
    cal_year,
    rep_month,
    rep_quarter,
    rep_half_year,
    rep_year
from calendar_dates
