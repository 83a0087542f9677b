{{ config(materialized='view') }}
-- The sync reports progress without saying who worked: the sending software fills the gap with a stand-in,
-- which the source map takes for a missing value.
with

sync_sources as (
    select * from {{ ref('sync_sources') }}
),

steps as (
    select * from {{ ref('stg_dossier_steps') }}
    where
        officer is null
        and dossier_code is not null
        and not is_deleted_at_source
)

select
    steps.dossier_key,
    'sync_officer_unknown' as finding_code,
    min(steps.source) as source,
    min(steps.extracted_at) as found_at,
    'progress rows without officer: ' || cast(count(*) as varchar) as evidence
from steps
inner join sync_sources on steps.source = sync_sources.source
group by steps.dossier_key
