with

unit_ancestors as (
    select * from {{ ref('unit_ancestors') }}
)

select
    ancestor_unit_id,
    descendant_unit_id,
    cast(depth as bigint) as depth,
    valid_from_on,
    valid_to_on
from unit_ancestors
