with

outcomes as (
    select * from {{ source('raw', 'ingest_outcomes') }}
),

loads as (
    select * from {{ source('raw', '_dlt_loads') }}
),

-- a load that was killed after its commit stands twice: the first complete one speaks for both
numbered as (
    select
        outcomes.*,
        row_number() over (
            partition by
                outcomes.source,
                outcomes.input,
                outcomes.file_id,
                outcomes.record_kind,
                outcomes.map_fingerprint,
                outcomes.status
            order by loads.inserted_at, loads.load_id, outcomes.file
        ) as outcome_rank
    from outcomes
    inner join loads
        on outcomes._dlt_load_id = loads.load_id
    where loads.status = 0
)

select
    {{ surrogate_key([
        'source',
        'input',
        'file_id',
        'record_kind',
        'map_fingerprint',
        'status',
    ]) }} as ingest_outcome_key,
    file,
    file_id,
    sha256,
    source,
    input,
    record_kind,
    map_fingerprint,
    {{ try_as('extracted_at', type_wall_clock()) }} as extracted_at,
    mode,
    rows_read,
    rows_loaded,
    rows_duplicate,
    rows_quarantined,
    rows_skipped,
    ignored_columns,
    status,
    error
from numbered
where outcome_rank = 1
