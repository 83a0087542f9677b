-- The due date that follows from the limit: the day of the start is not counted, a calendar term that ends on
-- a day off moves to the next working day (Civil Code 2015, Articles 147(2) and 148(5)), time off the clock is
-- added. NULL while the clock stands still, because nobody knows it yet. Evidence beside the stated date: no
-- rate is reckoned from it.
with

clocks as (
    select
        limits.dossier_key,
        limits.kind,
        limits.amount,
        limits.kind_2,
        limits.amount_2,
        limits.extra_working_days,
        limits.same_day_until,
        clocks.counts_from_at,
        {{ to_day('clocks.counts_from_at') }} as counts_from_on,
        clocks.away_working_days,
        clocks.away_calendar_days,
        clocks.away_office_minutes
    from {{ ref('dossier_limits') }} as limits
    inner join {{ ref('dossier_clocks') }} as clocks on limits.dossier_key = clocks.dossier_key
    where
        limits.kind is not null
        and (limits.limit_unit_2 is null or limits.kind_2 is not null)
        -- hours and same-day limits have no second part
        and (
            limits.kind_2 is null
            or (limits.kind not in ('hour', 'same_day') and limits.kind_2 not in ('hour', 'same_day'))
        )
        and not clocks.is_stopped_when_judged
),

calendar_dates as (
    select
        date_on,
        working_day_no,
        is_working_day
    from {{ ref('calendar_dates') }}
),

working_dates as (
    select
        working_day_no,
        date_on
    from calendar_dates
    where is_working_day
),

office_days as (
    select * from {{ ref('office_days') }}
),

-- Where the first part of a mixed limit ends is not yet the end of a term: it does not move off a rest day.
first_parts as (
    select
        clocks.*,
        case
            when clocks.kind = 'calendar_day'
                then {{ date_add_days('clocks.counts_from_on', 'cast(clocks.amount as integer)') }}
            when clocks.kind = 'month'
                then {{ date_add_months('clocks.counts_from_on', 'cast(clocks.amount as integer)') }}
            when clocks.kind = 'working_day' and clocks.kind_2 in ('calendar_day', 'month')
                then working_dates.date_on
            else clocks.counts_from_on
        end as first_part_on
    from clocks
    inner join calendar_dates as start_dates on clocks.counts_from_on = start_dates.date_on
    left join working_dates
        on start_dates.working_day_no + cast(ceil(clocks.amount) as bigint) = working_dates.working_day_no
),

second_parts as (
    select
        *,
        case
            when kind_2 = 'calendar_day'
                then {{ date_add_days('first_part_on', 'cast(amount_2 as integer)') }}
            when kind_2 = 'month'
                then {{ date_add_months('first_part_on', 'cast(amount_2 as integer)') }}
            else first_part_on
        end as calendar_part_on,
        case
            when kind = 'working_day' and coalesce(kind_2, 'working_day') = 'working_day' then amount
            else 0
        end
        + case when kind_2 = 'working_day' then amount_2 else 0 end
        + extra_working_days as working_days,
        -- its last part is one of calendar days: the end moves off a day off
        coalesce(kind_2, kind) in ('calendar_day', 'month') and extra_working_days = 0 as is_calendar_term
    from first_parts
),

placed as (
    select
        parts.*,
        case
            when parts.is_calendar_term
                then
                    {{ date_add_days(
                        'parts.calendar_part_on', 'cast(parts.away_calendar_days as integer)'
                    ) }}
            else parts.calendar_part_on
        end as counted_on
    from second_parts as parts
),

numbered as (
    select
        placed.*,
        office_days.morning_opens,
        office_days.morning_closes,
        office_days.morning_minutes,
        office_days.afternoon_opens,
        office_days.afternoon_closes,
        office_days.day_minutes,
        case
            when placed.kind = 'hour'
                then
                    {{ office_minute_no('placed.counts_from_at', 'counted_dates', 'office_days') }}
                    + placed.amount * 60
                    + placed.away_office_minutes
        end as due_minute_no,
        case
            -- the next working day where the term ends on a day off
            when placed.is_calendar_term
                then counted_dates.working_day_no + case when counted_dates.is_working_day then 0 else 1 end
            when placed.kind = 'same_day'
                then
                    counted_dates.working_day_no
                    + case
                        when
                            counted_dates.is_working_day
                            and {{ minute_of_day('placed.counts_from_at') }}
                            < {{ minute_of_day('cast(placed.same_day_until as time)') }}
                            then 0
                        else 1
                    end
                    + placed.away_working_days
            when placed.kind <> 'hour'
                then
                    counted_dates.working_day_no
                    + ceil(placed.working_days)
                    + placed.away_working_days
        end as due_working_day_no
    from placed
    inner join calendar_dates as counted_dates on placed.counted_on = counted_dates.date_on
    inner join office_days
        on placed.counts_from_on between office_days.valid_from_on and office_days.valid_to_on
),

with_minutes as (
    select
        *,
        cast(
            coalesce(due_working_day_no, ceil(due_minute_no * 1.0 / day_minutes)) as bigint
        ) as working_day_no,
        due_minute_no - (ceil(due_minute_no * 1.0 / day_minutes) - 1) * day_minutes as minutes_into_day
    from numbered
),

timed as (
    select
        *,
        case
            when kind = 'hour' and minutes_into_day <= morning_minutes
                then morning_opens + minutes_into_day
            when kind = 'hour' then afternoon_opens + minutes_into_day - morning_minutes
            -- half a day ends with the morning
            when working_days <> ceil(working_days) then morning_closes
            else afternoon_closes
        end as due_minute
    from with_minutes
)

select
    timed.dossier_key,
    {{ moment_at_minute('working_dates.date_on', 'timed.due_minute') }} as recomputed_due_at,
    timed.working_day_no as due_working_day_no
from timed
inner join working_dates on timed.working_day_no = working_dates.working_day_no
