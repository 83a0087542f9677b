-- One number given to several letters: rows of one file that share their place in the register and bear different
-- numbers of their authors or different days. The register's key holds one of them, so all but one are in no count.
-- Rows of different files are versions of one letter, not a repetition.
with

versions as (
    {{ raw_versions('documents', {
        'unit_code': 'label',
        'unit_name': 'label',
        'direction': 'label',
        'book_code': 'label',
        'register_year': 'integer',
        'register_no': 'code',
        'document_no': 'code',
        'issued_on': 'date',
        'registered_on': 'date',
    }) }}
),

repeated as (
    select
        source,
        record_key,
        file_sha256,
        max({{ unit_reference('unit_code', 'unit_name') }}) as unit_reference,
        max(lower(direction)) as direction,
        max(register_year) as register_year,
        max(book_code) as book_code,
        max(register_no) as register_no,
        count(distinct coalesce(document_no, '') || '|' || coalesce(cast(issued_on as varchar), ''))
            as letters_count,
        max(coalesce(registered_on, issued_on)) as resolved_on
    from versions
    where register_no is not null
    group by source, record_key, file_sha256
    having
        min(coalesce(document_no, '') || '|' || coalesce(cast(issued_on as varchar), ''))
        <> max(coalesce(document_no, '') || '|' || coalesce(cast(issued_on as varchar), ''))
),

numbers as (
    select
        source,
        record_key,
        max(unit_reference) as unit_reference,
        max(direction) as direction,
        max(register_year) as register_year,
        max(book_code) as book_code,
        max(register_no) as register_no,
        max(letters_count) as letters_count,
        max(resolved_on) as resolved_on
    from repeated
    group by source, record_key
)

select
    'register_no_repeated' as finding_code,
    numbers.source,
    coalesce(unit_references.unit_id, 'unknown') as unit_id,
    numbers.direction,
    numbers.register_year,
    numbers.book_code,
    numbers.register_no as first_register_no,
    numbers.register_no as last_register_no,
    numbers.letters_count as numbers_count,
    numbers.resolved_on
from numbers
left join {{ ref('unit_references') }} as unit_references
    on
        numbers.unit_reference = unit_references.reference
        and numbers.resolved_on between unit_references.refers_from_on and unit_references.refers_to_on
