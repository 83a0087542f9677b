-- Working days in post, by the working calendar, in each period and up to the as-of day. Both days of a posting
-- are in post. Only officers of whom a list says when they hold a post; periods begin with the first work known.
with

run_context as (
    select * from {{ source('control', 'run_context') }}
),

work_by_day as (
    select * from {{ ref('officer_work_by_day') }}
),

dossiers as (
    select * from {{ ref('dossier_lifecycles') }}
    where is_counted
),

firsts as (
    select min(done_on) as first_on
    from work_by_day
    union all
    select {{ to_day('min(received_at)') }} as first_on
    from dossiers
),

first_work as (
    select min(first_on) as first_on
    from firsts
),

periods as (
    select
        all_periods.period_key,
        all_periods.starts_on,
        least(all_periods.ends_on, run_context.as_of_on) as reckoned_on
    from {{ ref('periods') }} as all_periods
    cross join run_context
    cross join first_work
    where all_periods.is_begun and all_periods.ends_on >= first_work.first_on
),

postings as (
    select * from {{ ref('officer_versions') }}
    where not is_inferred and officer_id <> 'unknown'
),

calendar_dates as (
    select
        date_on,
        working_day_no,
        case when is_working_day then 1 else 0 end as own_day
    from {{ ref('calendar_dates') }}
),

spans as (
    select
        periods.period_key,
        postings.unit_id,
        postings.officer_id,
        greatest(periods.starts_on, postings.valid_from_on) as first_on,
        least(periods.reckoned_on, postings.valid_to_on) as last_on
    from periods
    inner join postings
        on
            periods.reckoned_on >= postings.valid_from_on
            and periods.starts_on <= postings.valid_to_on
    -- a list may say that a post ended before it began: nobody was in it
    where postings.valid_from_on <= postings.valid_to_on
)

select
    spans.period_key,
    spans.unit_id,
    spans.officer_id,
    cast(sum(last_days.working_day_no - first_days.working_day_no + first_days.own_day) as bigint)
        as working_days_in_post
from spans
left join calendar_dates as first_days on spans.first_on = first_days.date_on
left join calendar_dates as last_days on spans.last_on = last_days.date_on
group by spans.period_key, spans.unit_id, spans.officer_id
