-- Sources that pass on what others register: less trusted than another source of the namespace that delivers
-- dossiers. What they say is held against the local registers. Empty where no namespace has such a pair.
with

source_maps as (
    select * from {{ source('control', 'source_maps') }}
),

deliveries as (
    select
        namespace,
        source,
        max(extracted_at) as data_through_at
    from {{ ref('stg_outcomes') }}
    where record_kind = 'dossiers' and rows_loaded > 0
    group by namespace, source
),

registers as (
    select
        deliveries.namespace,
        min(source_maps.precedence) as precedence
    from deliveries
    inner join source_maps on deliveries.source = source_maps.source
    group by deliveries.namespace
)

select
    source_maps.namespace,
    source_maps.source,
    -- NULL where it sends no dossiers, only what belongs to them
    deliveries.data_through_at
from source_maps
inner join registers
    on
        source_maps.namespace = registers.namespace
        and source_maps.precedence > registers.precedence
left join deliveries on source_maps.source = deliveries.source
