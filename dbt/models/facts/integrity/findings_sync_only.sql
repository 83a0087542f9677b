{{ config(materialized='view') }}
-- The sync sent a dossier that no local register of the namespace has: it counts, as the sync tells it.
select
    dossier_key,
    'sync_only' as finding_code,
    sync_source as source,
    sync_extracted_at as found_at,
    cast(null as varchar) as evidence
from {{ ref('sync_comparisons') }}
where local_source is null
