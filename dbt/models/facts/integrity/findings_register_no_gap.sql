-- Numbers that a register skips between two it holds. What lies before the first number delivered is unknown, not
-- missing: an extract may begin within the year.
with

documents as (
    select * from {{ ref('registered_documents') }}
),

numbered as (
    select
        source,
        unit_id,
        direction,
        register_year,
        book_code,
        {{ try_as('register_no', 'bigint') }} as register_no,
        resolved_on
    from documents
),

following as (
    select
        *,
        lag(register_no) over (
            partition by source, unit_id, direction, register_year, book_code
            order by register_no
        ) as previous_no
    from numbered
    where register_no is not null and register_year is not null
)

select
    'register_no_gap' as finding_code,
    source,
    unit_id,
    direction,
    register_year,
    book_code,
    cast(previous_no + 1 as varchar) as first_register_no,
    cast(register_no - 1 as varchar) as last_register_no,
    register_no - previous_no - 1 as numbers_count,
    resolved_on
from following
where register_no > previous_no + 1
