{{ config(materialized='view') }}
-- The office decided on a day on which it does not work. A withdrawal is the applicant's and may be any day.
with

days_off as (
    select date_on from {{ ref('calendar_dates') }}
    where not is_working_day
)

select
    finishes.dossier_key,
    'finish_on_day_off' as finding_code,
    finishes.source,
    finishes.found_at,
    'finish ' || cast(finishes.finished_at as varchar) as evidence
from {{ ref('stated_finishes') }} as finishes
inner join days_off on finishes.finished_on = days_off.date_on
where finishes.ended_as in ('done', 'refused')
