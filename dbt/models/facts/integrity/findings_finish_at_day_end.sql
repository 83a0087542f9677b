{{ config(materialized='view') }}
-- Finished in the last minute before midnight: nobody is at work then, and it is the last moment that still
-- counts as the due day.
select
    dossier_key,
    'finish_at_day_end' as finding_code,
    source,
    found_at,
    'finish ' || cast(finished_at as varchar) as evidence
from {{ ref('stated_finishes') }}
where
    extract(hour from finished_at) = 23
    and extract(minute from finished_at) = 59
    and ended_as in ('done', 'refused')
