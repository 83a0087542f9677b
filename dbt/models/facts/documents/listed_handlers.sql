-- Who stands in the registers' lists of handlers: a person, or a unit where no person is named. The list names
-- a document by its place in the register; one place holds one document.
with

documents as (
    select * from {{ ref('stg_documents') }}
),

registered_documents as (
    select
        document_key,
        resolved_on
    from {{ ref('registered_documents') }}
),

unit_references as (
    select * from {{ ref('unit_references') }}
),

document_handlers as (
    select * from {{ ref('stg_document_handlers') }}
),

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
)

select
    {{ surrogate_key(['document_handlers.namespace', 'document_handlers.record_key']) }}
        as document_handler_key,
    register_places.document_key,
    coalesce(document_handlers.officer, 'unknown') as officer_id,
    coalesce(unit_references.unit_id, 'unknown') as handler_unit_id,
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
inner join registered_documents
    on register_places.document_key = registered_documents.document_key
left join unit_references
    on
        document_handlers.handler_unit_code = unit_references.reference
        and registered_documents.resolved_on
        between unit_references.refers_from_on and unit_references.refers_to_on
where not document_handlers.is_deleted_at_source
