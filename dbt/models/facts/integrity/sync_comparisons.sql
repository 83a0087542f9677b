-- What the local register and the sync say today of one dossier, side by side; rows that a source has taken
-- back say nothing. Only namespaces with a sync.
with

sync_sources as (
    select * from {{ ref('sync_sources') }}
),

namespaces as (
    select distinct namespace from sync_sources
),

latest as (
    select
        versions.dossier_key,
        versions.namespace,
        versions.source,
        versions.submitted_at,
        versions.received_at,
        versions.extracted_at,
        sync_sources.source is not null as is_sync,
        row_number() over (
            partition by versions.dossier_key, sync_sources.source is not null
            order by versions.precedence asc, versions.source asc, versions.record_key asc
        ) as trust_order
    from {{ ref('stg_dossier_versions') }} as versions
    inner join namespaces on versions.namespace = namespaces.namespace
    left join sync_sources on versions.source = sync_sources.source
    where
        versions.is_latest
        and not versions.is_deleted_at_source
        and versions.dossier_code is not null
),

local_rows as (
    select * from latest
    where not is_sync and trust_order = 1
),

sync_rows as (
    select * from latest
    where is_sync and trust_order = 1
)

select
    coalesce(local_rows.dossier_key, sync_rows.dossier_key) as dossier_key,
    coalesce(local_rows.namespace, sync_rows.namespace) as namespace,
    local_rows.source as local_source,
    local_rows.submitted_at as local_submitted_at,
    local_rows.extracted_at as local_extracted_at,
    sync_rows.source as sync_source,
    sync_rows.submitted_at as sync_submitted_at,
    sync_rows.received_at as sync_received_at,
    sync_rows.extracted_at as sync_extracted_at
from local_rows
full outer join sync_rows on local_rows.dossier_key = sync_rows.dossier_key
