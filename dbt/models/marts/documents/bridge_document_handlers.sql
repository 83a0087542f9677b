with

handlers as (
    select * from {{ ref('listed_handlers') }}
),

fct_documents as (
    select * from {{ ref('fct_documents') }}
),

unit_versions as (
    select * from {{ ref('unit_versions') }}
),

officer_versions as (
    select * from {{ ref('officer_versions') }}
),

dated as (
    select
        handlers.*,
        handlers.officer_id <> 'unknown'
        and handlers.officer_id = fct_documents.main_officer_id as is_main,
        coalesce(fct_documents.registered_on, fct_documents.issued_on, date '1900-01-01')
            as resolved_on
    from handlers
    inner join fct_documents
        on handlers.document_key = fct_documents.document_key
)

select
    dated.document_handler_key,
    dated.document_key,
    coalesce(officer_versions.officer_key, 0) as officer_key,
    dated.officer_id,
    coalesce(unit_versions.unit_key, 0) as handler_unit_key,
    dated.handler_unit_id,
    dated.role,
    dated.is_main
from dated
left join officer_versions
    on
        dated.officer_id = officer_versions.officer_id
        and dated.resolved_on
        between officer_versions.resolves_from_on and officer_versions.resolves_to_on
left join unit_versions
    on
        dated.handler_unit_id = unit_versions.unit_id
        and dated.resolved_on between unit_versions.resolves_from_on and unit_versions.resolves_to_on
