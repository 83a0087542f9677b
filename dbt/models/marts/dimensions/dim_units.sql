with

unit_versions as (
    select * from {{ ref('unit_versions') }}
)

select
    unit_key,
    unit_id,
    unit_code,
    unit_name,
    level,
    kind,
    parent_unit_id,
    current_unit_id,
    valid_from_on,
    valid_to_on,
    resolves_from_on,
    resolves_to_on,
    is_inferred
from unit_versions
