{{ config(materialized='view') }}
-- The sync gives a component a bare number of five digits: what the sending software makes up where a paper
-- of the old catalogue has no code.
with

sync_sources as (
    select * from {{ ref('sync_sources') }}
),

documents as (
    select * from {{ ref('stg_dossier_documents') }}
    where
        dossier_code is not null
        and not is_deleted_at_source
        and length(component_code) = 5
        and translate(component_code, '0123456789', '') = ''
)

select
    documents.dossier_key,
    'sync_made_up_component' as finding_code,
    min(documents.source) as source,
    min(documents.extracted_at) as found_at,
    'component ' || min(documents.component_code) as evidence
from documents
inner join sync_sources on documents.source = sync_sources.source
group by documents.dossier_key
