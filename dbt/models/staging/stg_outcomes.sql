-- Outcomes of the reads that count: completed loads under the map that counts for the file.
select distinct
    outcomes.source,
    files.namespace,
    outcomes.input,
    outcomes.record_kind,
    outcomes.file,
    outcomes.file_id,
    outcomes.sha256,
    outcomes.mode,
    {{ try_as('outcomes.extracted_at', type_wall_clock()) }} as extracted_at,
    outcomes.rows_read,
    outcomes.rows_loaded
from {{ source('raw', 'ingest_outcomes') }} as outcomes
inner join {{ source('raw', '_dlt_loads') }} as loads
    on outcomes._dlt_load_id = loads.load_id and loads.status = 0
inner join {{ ref('stg_files') }} as files
    on
        outcomes.source = files.source
        and outcomes.file_id = files.file_id
        and outcomes.map_fingerprint = files.map_fingerprint
where outcomes.status = 'loaded'
