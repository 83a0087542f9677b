with

documents as (
    select * from {{ ref('registered_documents') }}
),

unit_versions as (
    select * from {{ ref('unit_versions') }}
),

officer_versions as (
    select * from {{ ref('officer_versions') }}
)

select
    documents.document_key,
    documents.source,
    documents.direction,
    documents.unit_id,
    coalesce(unit_versions.unit_key, 0) as unit_key,
    coalesce(officer_versions.officer_key, 0) as main_officer_key,
    documents.main_officer_id,
    documents.register_year,
    documents.book_code,
    documents.register_no,
    documents.document_no,
    documents.document_type,
    documents.field_code,
    documents.registered_on,
    documents.issued_on,
    documents.due_on,
    documents.answered_on,
    documents.answer_document_no,
    documents.is_deleted_at_source,
    {{ join_texts([
        "case when documents.registered_on is null then 'no_registered_on' end",
        "case when documents.is_day_far_off then 'day_far_from_register' end",
        "case when documents.direction = 'unknown' then 'unknown_direction' end",
        "case when documents.answered_on < documents.registered_on then 'answered_before_registered' end",
        "case when documents.bad_columns is not null then 'bad_cells' end",
    ]) }} as flags
from documents
left join unit_versions
    on
        documents.unit_id = unit_versions.unit_id
        and documents.resolved_on between unit_versions.resolves_from_on and unit_versions.resolves_to_on
left join officer_versions
    on
        documents.main_officer_id = officer_versions.officer_id
        and documents.resolved_on
        between officer_versions.resolves_from_on and officer_versions.resolves_to_on
