{{ config(materialized='view') }}
-- The sync gives the moment of receipt as the moment of submission, and the local register another one: how
-- long an online dossier waited at the door is lost on the way. A register that writes no seconds says the
-- same, hence a whole minute of difference.
with

comparisons as (
    select
        *,
        {{ span_in_days('local_submitted_at', 'sync_submitted_at') }} * 1440 as minutes_apart
    from {{ ref('sync_comparisons') }}
)

select
    dossier_key,
    'sync_submitted_is_received' as finding_code,
    sync_source as source,
    greatest(sync_extracted_at, local_extracted_at) as found_at,
    'register ' || cast(local_submitted_at as varchar)
    || ', sync ' || cast(sync_submitted_at as varchar) as evidence
from comparisons
where
    {{ to_second('sync_submitted_at') }} = {{ to_second('sync_received_at') }}
    and (minutes_apart >= 1 or minutes_apart <= -1)
