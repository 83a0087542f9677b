{{ config(materialized='view') }}
-- The sync sent the dossier under another number of it, in a dossier or a progress row, at least once.
with

sync_sources as (
    select * from {{ ref('sync_sources') }}
),

aliases as (
    select
        namespace,
        dossier_code,
        min(other_code) as other_code
    from {{ ref('dossier_aliases') }}
    group by namespace, dossier_code
),

sent as (
    select
        dossier_key,
        namespace,
        dossier_code,
        source,
        extracted_at
    from {{ ref('stg_dossier_versions') }}
    where is_other_code
    union all
    select
        dossier_key,
        namespace,
        dossier_code,
        source,
        extracted_at
    from {{ ref('stg_dossier_steps') }}
    where is_other_code
)

select
    sent.dossier_key,
    'sync_other_code' as finding_code,
    min(sent.source) as source,
    min(sent.extracted_at) as found_at,
    'sent as ' || min(aliases.other_code) as evidence
from sent
inner join sync_sources on sent.source = sync_sources.source
inner join aliases
    on
        sent.namespace = aliases.namespace
        and sent.dossier_code = aliases.dossier_code
group by sent.dossier_key
