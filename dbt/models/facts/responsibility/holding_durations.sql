-- Working days used and allowed in each holding of a late dossier, within the term in which the delay arose.
-- Days are compared as the law compares them, by date (Civil Code, Articles 147(2) and 148): the first day does
-- not count, half a day allowed reaches to the end of its day. Time off the clock is not the office's.
with

holdings as (
    select
        dossier_key,
        holding_no,
        is_external,
        allowed_days,
        {{ to_day('started_at') }} as started_on,
        {{ to_day('due_at') }} as due_on,
        greatest(started_at, term_started_at) as counted_from_at,
        ended_at as counted_to_at
    from {{ ref('late_dossier_holdings') }}
    where ended_at > term_started_at
),

calendar_dates as (
    select
        date_on,
        working_day_no
    from {{ ref('calendar_dates') }}
),

-- what an office did not use: its step ran on while the dossier waited for someone outside
spans_off_the_clock as (
    select
        holdings.dossier_key,
        holdings.holding_no,
        {{ to_day('greatest(holdings.counted_from_at, runs.stopped_at)') }} as from_on,
        {{ to_day('least(holdings.counted_to_at, coalesce(runs.restarted_at, holdings.counted_to_at))') }}
            as to_on
    from holdings
    inner join {{ ref('dossier_clock_runs') }} as runs
        on
            holdings.dossier_key = runs.dossier_key
            and holdings.counted_to_at > runs.stopped_at
            and holdings.counted_from_at < coalesce(runs.restarted_at, {{ end_of_time() }})
    where not holdings.is_external
),

off_the_clock as (
    select
        spans.dossier_key,
        spans.holding_no,
        sum(to_dates.working_day_no - from_dates.working_day_no) as working_days
    from spans_off_the_clock as spans
    inner join calendar_dates as from_dates on spans.from_on = from_dates.date_on
    inner join calendar_dates as to_dates on spans.to_on = to_dates.date_on
    group by spans.dossier_key, spans.holding_no
),

counted as (
    select
        holdings.dossier_key,
        holdings.holding_no,
        to_dates.working_day_no - from_dates.working_day_no - coalesce(off_the_clock.working_days, 0)
            as used_days,
        coalesce(
            holdings.allowed_days, due_dates.working_day_no - started_dates.working_day_no
        ) as allowed_days,
        coalesce(
            due_dates.working_day_no - started_dates.working_day_no, ceil(holdings.allowed_days)
        ) as last_allowed_day
    from holdings
    left join off_the_clock
        on
            holdings.dossier_key = off_the_clock.dossier_key
            and holdings.holding_no = off_the_clock.holding_no
    left join calendar_dates as from_dates
        on {{ to_day('holdings.counted_from_at') }} = from_dates.date_on
    left join calendar_dates as to_dates
        on {{ to_day('holdings.counted_to_at') }} = to_dates.date_on
    left join calendar_dates as started_dates on holdings.started_on = started_dates.date_on
    left join calendar_dates as due_dates on holdings.due_on = due_dates.date_on
)

select
    dossier_key,
    holding_no,
    cast(used_days as double) as working_days_used,
    cast(allowed_days as double) as working_days_allowed,
    cast(
        case
            when used_days > last_allowed_day then used_days - last_allowed_day
            when last_allowed_day is not null then 0
        end as double
    ) as working_days_over
from counted
