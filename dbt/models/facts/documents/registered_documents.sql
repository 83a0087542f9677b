-- Letters in and out as one register reads them: who, which way, which day. What is counted and what is
-- published both come from here.
with

documents as (
    select * from {{ ref('stg_documents') }}
),

unit_references as (
    select * from {{ ref('unit_references') }}
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
        {{ unit_reference('unit_code', 'unit_name') }} as unit_reference,
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

letters_by_day as (
    select
        source,
        registered_on,
        count(*) as letters_count
    from read_documents
    where registered_on is not null
    group by source, registered_on
),

-- a stretch of days ends where nothing is registered for more than a year
stretch_starts as (
    select
        *,
        case
            when {{ days_between('lag(registered_on) over by_day', 'registered_on') }} > 366 then 1
            else 0
        end as is_start
    from letters_by_day
    window by_day as (partition by source order by registered_on)
),

stretches as (
    select
        *,
        sum(is_start) over (partition by source order by registered_on) as stretch_no
    from stretch_starts
),

weighed as (
    select
        *,
        sum(letters_count) over (partition by source, stretch_no) as in_stretch,
        sum(letters_count) over (partition by source) as in_all
    from stretches
),

-- the few letters far from all others: a clock that was never set, a year mistyped
days_far_off as (
    select
        source,
        registered_on
    from weighed
    where in_stretch * 100 < in_all
),

dated as (
    select
        read_documents.*,
        coalesce(read_documents.registered_on, read_documents.issued_on, date '1900-01-01') as resolved_on,
        days_far_off.registered_on is not null as is_day_far_off
    from read_documents
    left join days_far_off
        on
            read_documents.source = days_far_off.source
            and read_documents.registered_on = days_far_off.registered_on
)

select
    dated.document_key,
    dated.source,
    dated.namespace,
    dated.direction,
    coalesce(unit_references.unit_id, 'unknown') as unit_id,
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
    dated.bad_columns,
    dated.resolved_on,
    dated.is_day_far_off
from dated
left join unit_references
    on
        dated.unit_reference = unit_references.reference
        and dated.resolved_on between unit_references.refers_from_on and unit_references.refers_to_on
