{{ config(materialized='view') }}
-- The sync passes a paper that the applicant handed in off as the result: one file code in both lists.
with

sync_sources as (
    select * from {{ ref('sync_sources') }}
),

documents as (
    select * from {{ ref('stg_dossier_documents') }}
    where
        document_code is not null
        and dossier_code is not null
        and not is_deleted_at_source
),

results as (
    select
        documents.dossier_key,
        documents.source,
        documents.document_code,
        documents.extracted_at
    from documents
    inner join sync_sources on documents.source = sync_sources.source
    where documents.is_result
),

inputs as (
    select distinct
        dossier_key,
        source,
        document_code
    from documents
    where not coalesce(is_result, false)
)

select
    results.dossier_key,
    'sync_result_is_input' as finding_code,
    min(results.source) as source,
    min(results.extracted_at) as found_at,
    'file ' || min(results.document_code) as evidence
from results
inner join inputs
    on
        results.dossier_key = inputs.dossier_key
        and results.source = inputs.source
        and results.document_code = inputs.document_code
group by results.dossier_key
