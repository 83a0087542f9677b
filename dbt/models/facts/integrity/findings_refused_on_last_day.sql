{{ config(materialized='view') }}
-- Refused on the very day on which the result was due. A limit of one day has no earlier one: at least two
-- working days lie between the day on which the due date became known and the due day.
with

refusals as (
    select * from {{ ref('stated_finishes') }}
    where ended_as = 'refused' and {{ to_day('counted_finished_at') }} = {{ to_day('due_at') }}
),

due_dates as (
    select * from {{ ref('dossier_due_dates') }}
    where is_governing
),

calendar_dates as (
    select
        date_on,
        working_day_no
    from {{ ref('calendar_dates') }}
),

limits as (
    select
        refusals.dossier_key,
        refusals.source,
        refusals.found_at,
        refusals.counted_finished_at,
        refusals.due_at,
        {{ to_day('due_dates.known_from_at') }} as known_on
    from refusals
    inner join due_dates
        on
            refusals.dossier_key = due_dates.dossier_key
            and refusals.counted_finished_at >= due_dates.effective_from_at
            and refusals.counted_finished_at < due_dates.effective_to_at
)

select
    limits.dossier_key,
    'refused_on_last_day' as finding_code,
    limits.source,
    limits.found_at,
    'refused ' || cast(limits.counted_finished_at as varchar)
    || ', due ' || cast(limits.due_at as varchar) as evidence
from limits
inner join calendar_dates as known_days on limits.known_on = known_days.date_on
inner join calendar_dates as due_days on {{ to_day('limits.due_at') }} = due_days.date_on
where due_days.working_day_no - known_days.working_day_no >= 2
