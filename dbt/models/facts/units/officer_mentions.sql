with

dossier_versions as (
    select * from {{ ref('stg_dossier_versions') }}
),

dossier_steps as (
    select * from {{ ref('stg_dossier_steps') }}
),

supplement_requests as (
    select * from {{ ref('stg_supplement_requests') }}
),

documents as (
    select * from {{ ref('stg_documents') }}
),

document_handlers as (
    select * from {{ ref('stg_document_handlers') }}
),

delay_reviews as (
    select * from {{ ref('stg_delay_reviews') }}
),

mentions as (
    select officer from dossier_versions
    union
    select officer from dossier_steps
    union
    select officer from supplement_requests
    union
    select main_officer as officer from documents
    union
    select officer from document_handlers
    union
    select officer from delay_reviews
)

select officer
from mentions
where
    officer is not null
    and officer <> 'unknown'
