-- Every dossier that any record names. One that has steps or appointments but no row of its own is kept
-- (has_header false) and counted nowhere, so that nothing gets lost without a trace.
with

headers as (
    select
        dossier_key,
        namespace,
        dossier_code,
        source
    from {{ ref('stg_dossiers') }}
),

mentions as (
    select
        dossier_key,
        namespace,
        dossier_code,
        source
    from {{ ref('stg_dossier_steps') }}
    union all
    select
        dossier_key,
        namespace,
        dossier_code,
        source
    from {{ ref('stg_due_dates') }}
    union all
    select
        dossier_key,
        namespace,
        dossier_code,
        source
    from {{ ref('stg_supplement_requests') }}
    union all
    select
        dossier_key,
        namespace,
        dossier_code,
        source
    from {{ ref('stg_pauses') }}
),

mentioned_only as (
    select
        mentions.dossier_key,
        mentions.namespace,
        mentions.dossier_code,
        min(mentions.source) as source
    from mentions
    left join headers on mentions.dossier_key = headers.dossier_key
    where headers.dossier_key is null and mentions.dossier_code is not null
    group by mentions.dossier_key, mentions.namespace, mentions.dossier_code
)

select
    dossier_key,
    namespace,
    dossier_code,
    source,
    true as has_header
from headers
union all
select
    dossier_key,
    namespace,
    dossier_code,
    source,
    false as has_header
from mentioned_only
