with

documents as (
    select * from {{ ref('stg_documents') }}
),

document_handlers as (
    select * from {{ ref('stg_document_handlers') }}
),

fct_documents as (
    select * from {{ ref('fct_documents') }}
),

unit_references as (
    select * from {{ ref('unit_references') }}
),

officer_versions as (
    select * from {{ ref('officer_versions') }}
),

-- the handlers' list names a document by its place in the register; one place holds one document
register_places as (
    select
        namespace,
        coalesce(unit_code, '') as unit_code,
        coalesce(direction, '') as direction,
        coalesce(register_year, 0) as register_year,
        coalesce(book_code, '') as book_code,
        coalesce(register_no, '') as register_no,
        min({{ surrogate_key(['namespace', 'record_key']) }}) as document_key
    from documents
    group by
        namespace,
        coalesce(unit_code, ''),
        coalesce(direction, ''),
        coalesce(register_year, 0),
        coalesce(book_code, ''),
        coalesce(register_no, '')
),

handlers as (
    select
        {{ surrogate_key(['document_handlers.namespace', 'document_handlers.record_key']) }}
            as document_handler_key,
        register_places.document_key,
        coalesce(document_handlers.officer, 'unknown') as officer_id,
        document_handlers.handler_unit_code,
        lower(document_handlers.role) as role
    from document_handlers
    inner join register_places
        on
            document_handlers.namespace = register_places.namespace
            and coalesce(document_handlers.unit_code, '') = register_places.unit_code
            and coalesce(document_handlers.direction, '') = register_places.direction
            and coalesce(document_handlers.register_year, 0) = register_places.register_year
            and coalesce(document_handlers.book_code, '') = register_places.book_code
            and coalesce(document_handlers.register_no, '') = register_places.register_no
    where not document_handlers.is_deleted_at_source
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
    coalesce(unit_references.unit_key, 0) as handler_unit_key,
    coalesce(unit_references.unit_id, 'unknown') as handler_unit_id,
    dated.role,
    dated.is_main
from dated
left join officer_versions
    on
        dated.officer_id = officer_versions.officer_id
        and dated.resolved_on
        between officer_versions.resolves_from_on and officer_versions.resolves_to_on
left join unit_references
    on
        dated.handler_unit_code = unit_references.reference
        and dated.resolved_on between unit_references.refers_from_on and unit_references.refers_to_on
