{{ config(materialized='view') }}
-- An accepted dossier that the sync never sent, although it was received before the sync's newest extract.
with

syncs as (
    select
        namespace,
        max(data_through_at) as data_through_at
    from {{ ref('sync_sources') }}
    group by namespace
),

comparisons as (
    select * from {{ ref('sync_comparisons') }}
),

dossiers as (
    select
        dossier_key,
        received_at
    from {{ ref('dossier_lifecycles') }}
    where is_counted
)

select
    comparisons.dossier_key,
    'local_only' as finding_code,
    comparisons.local_source as source,
    syncs.data_through_at as found_at,
    cast(null as varchar) as evidence
from comparisons
inner join syncs on comparisons.namespace = syncs.namespace
inner join dossiers
    on
        comparisons.dossier_key = dossiers.dossier_key
        and syncs.data_through_at >= dossiers.received_at
where comparisons.sync_source is null
