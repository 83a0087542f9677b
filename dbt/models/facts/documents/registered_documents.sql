-- Letters in and out as one register reads them: who, which way, which day. What is counted and what is
-- published both come from here.
with

documents as (
    select * from {{ ref('stg_documents') }}
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
)

select
    *,
    coalesce(registered_on, issued_on, date '1900-01-01') as resolved_on
from read_documents
