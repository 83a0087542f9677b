with

periods as (
    select * from {{ ref('periods') }}
)

select
    period_key,
    calendar,
    period,
    period_type,
    cast(year_no as bigint) as year_no,
    starts_on,
    ends_on,
    is_closed
from periods
