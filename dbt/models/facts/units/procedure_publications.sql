-- By which day each version of a procedure had to be decided and put online (Decision 766/QĐ-TTg of 2022, items 1.1
-- and 1.2, for provinces), and whether it was. A version that nobody dates is not judged.
with

versions as (
    select * from {{ ref('procedure_versions') }}
    where law_effective_on is not null or decided_on is not null
),

run_context as (
    select as_of_on from {{ source('control', 'run_context') }}
),

calendar_dates as (
    select * from {{ ref('calendar_dates') }}
),

working_days as (
    select
        date_on,
        working_day_no
    from calendar_dates
    where is_working_day
),

-- the first working day back from the law's own day is the first of the five
with_due_dates as (
    select
        versions.procedure_key,
        versions.procedure_code,
        versions.field_code,
        versions.decided_on,
        versions.published_on,
        decision_days.date_on as decision_due_on,
        online_days.date_on as online_due_on
    from versions
    left join calendar_dates as eves
        on {{ date_add_days('versions.law_effective_on', -1) }} = eves.date_on
    left join working_days as decision_days on eves.working_day_no - 4 = decision_days.working_day_no
    left join calendar_dates as decisions on versions.decided_on = decisions.date_on
    left join working_days as online_days on decisions.working_day_no + 5 = online_days.working_day_no
)

select
    with_due_dates.*,
    case
        when with_due_dates.decided_on is not null
            then with_due_dates.decided_on <= with_due_dates.decision_due_on
        when with_due_dates.decision_due_on < run_context.as_of_on then false
    end as is_decided_on_time,
    case
        when with_due_dates.published_on is not null
            then with_due_dates.published_on <= with_due_dates.online_due_on
        when with_due_dates.online_due_on < run_context.as_of_on then false
    end as is_online_on_time
from with_due_dates
cross join run_context
