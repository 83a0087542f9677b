{{ config(materialized='view') }}
-- The register states as finish the very moment of the due date: what software writes that makes an overdue
-- dossier punctual. A date without a time proves nothing.
select
    dossier_key,
    'finish_equals_due' as finding_code,
    source,
    found_at,
    'finish and due date ' || cast(due_at as varchar) as evidence
from {{ ref('stated_finishes') }}
where
    {{ to_second('finished_at') }} = {{ to_second('due_at') }}
    and has_time
