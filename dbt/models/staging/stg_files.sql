-- Which map's rows count for a file: today's map of its source where the file was read under it,
-- else (the file is no longer in landing, so it was not read again) the map of its newest load.
with outcomes as (
    select distinct
        outcomes.source,
        outcomes.file_id,
        outcomes.map_fingerprint,
        loads.inserted_at,
        outcomes._dlt_load_id as load_id
    from {{ source('raw', 'ingest_outcomes') }} as outcomes
    inner join {{ source('raw', '_dlt_loads') }} as loads
        on outcomes._dlt_load_id = loads.load_id and loads.status = 0
    where outcomes.status = 'loaded'
),

maps as (
    select * from {{ source('control', 'source_maps') }}
)

select
    outcomes.source,
    outcomes.file_id,
    outcomes.map_fingerprint,
    maps.namespace,
    maps.precedence
from outcomes
inner join maps on outcomes.source = maps.source
qualify row_number() over (
    partition by outcomes.source, outcomes.file_id
    order by
        outcomes.map_fingerprint = maps.map_fingerprint desc,
        outcomes.inserted_at desc,
        outcomes.load_id desc,
        outcomes.map_fingerprint asc
) = 1
