-- The office's day in minutes since midnight, for limits in hours and for the moment at which a term's last day
-- of work ends.
with

sessions as (
    select
        valid_from_on,
        valid_to_on,
        {{ minute_of_day('cast(morning_opens_at as time)') }} as morning_opens,
        {{ minute_of_day('cast(morning_closes_at as time)') }} as morning_closes,
        {{ minute_of_day('cast(afternoon_opens_at as time)') }} as afternoon_opens,
        {{ minute_of_day('cast(afternoon_closes_at as time)') }} as afternoon_closes
    from {{ ref('office_hours') }}
)

select
    valid_from_on,
    valid_to_on,
    morning_opens,
    morning_closes,
    afternoon_opens,
    afternoon_closes,
    morning_closes - morning_opens as morning_minutes,
    morning_closes - morning_opens + afternoon_closes - afternoon_opens as day_minutes
from sessions
