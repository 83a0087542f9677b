with

documents as (
    select * from {{ ref('stg_documents') }}
),

unit_versions as (
    select * from {{ ref('unit_versions') }}
),

officer_versions as (
    select * from {{ ref('officer_versions') }}
),

read_documents as (
    select
        {{ surrogate_key(['namespace', 'record_key']) }} as document_key,
        source,
        namespace,
        case
            when lower(direction) in ('in', 'out') then lower(direction)
            else 'unknown'
        end as direction,
        coalesce(unit_code, unit_name, 'unknown') as unit_id,
        coalesce(main_officer, 'unknown') as main_officer_id,
        register_year,
        book_code,
        register_no,
        document_no,
        document_type,
        coalesce(field_code, 'unknown') as field_code,
        -- a letter sent is registered on the day it bears; a letter received bears its author's day
        case
            when lower(direction) = 'out' then coalesce(registered_on, issued_on)
            else registered_on
        end as registered_on,
        issued_on,
        due_on,
        answered_on,
        answer_document_no,
        is_deleted_at_source,
        bad_columns
    from documents
),

dated as (
    select
        *,
        coalesce(registered_on, issued_on, date '1900-01-01') as resolved_on
    from read_documents
)

select
    dated.document_key,
    dated.source,
    dated.direction,
    dated.unit_id,
    coalesce(unit_versions.unit_key, 0) as unit_key,
    coalesce(officer_versions.officer_key, 0) as main_officer_key,
    dated.main_officer_id,
    dated.register_year,
    dated.book_code,
    dated.register_no,
    dated.document_no,
    dated.document_type,
    dated.field_code,
    dated.registered_on,
    dated.issued_on,
    dated.due_on,
    dated.answered_on,
    dated.answer_document_no,
    dated.is_deleted_at_source,
    {{ join_texts([
        "case when dated.registered_on is null then 'no_registered_on' end",
        "case when dated.direction = 'unknown' then 'unknown_direction' end",
        "case when dated.answered_on < dated.registered_on then 'answered_before_registered' end",
        "case when dated.bad_columns is not null then 'bad_cells' end",
    ]) }} as flags
from dated
left join unit_versions
    on
        dated.unit_id = unit_versions.unit_id
        and dated.resolved_on between unit_versions.resolves_from_on and unit_versions.resolves_to_on
left join officer_versions
    on
        dated.main_officer_id = officer_versions.officer_id
        and dated.resolved_on
        between officer_versions.resolves_from_on and officer_versions.resolves_to_on
