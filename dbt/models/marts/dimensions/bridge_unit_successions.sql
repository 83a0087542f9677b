with

unit_successions as (
    select * from {{ ref('unit_successions') }}
),

-- each unit stands today where dim_units says
current_units as (
    select distinct
        unit_id,
        current_unit_id
    from {{ ref('unit_versions') }}
)

select
    unit_successions.old_unit_id,
    unit_successions.new_unit_id,
    unit_successions.succeeded_on,
    cast(unit_successions.share as double) as share,
    unit_successions.is_default,
    unit_successions.is_circular,
    current_units.current_unit_id,
    unit_successions.legal_source,
    unit_successions.source
from unit_successions
inner join current_units
    on unit_successions.old_unit_id = current_units.unit_id
