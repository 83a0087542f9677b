with

officer_versions as (
    select * from {{ ref('officer_versions') }}
)

select
    officer_key,
    officer_id,
    officer_code,
    position,
    unit_id,
    valid_from_on,
    valid_to_on,
    resolves_from_on,
    resolves_to_on,
    is_inferred
from officer_versions
