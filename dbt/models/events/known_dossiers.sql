-- Every dossier that any record names. One that has steps or appointments but no row of its own is kept
-- (has_header false) and counted nowhere, so that nothing gets lost without a trace.
with

headers as (
    select
        namespace,
        dossier_code
    from {{ ref('stg_dossiers') }}
),

mentions as (
    select
        namespace,
        dossier_code,
        source
    from {{ ref('stg_dossier_steps') }}
    union all
    select
        namespace,
        dossier_code,
        source
    from {{ ref('stg_due_dates') }}
    union all
    select
        namespace,
        dossier_code,
        source
    from {{ ref('stg_supplement_requests') }}
    union all
    select
        namespace,
        dossier_code,
        source
    from {{ ref('stg_pauses') }}
),

mentioned_only as (
    select
        mentions.namespace,
        mentions.dossier_code,
        min(mentions.source) as source
    from mentions
    left join headers
        on
            mentions.namespace = headers.namespace
            and mentions.dossier_code = headers.dossier_code
    where headers.dossier_code is null and mentions.dossier_code is not null
    group by mentions.namespace, mentions.dossier_code
),

combined as (
    select
        namespace,
        dossier_code,
        source,
        true as has_header
    from {{ ref('stg_dossiers') }}
    union all
    select
        namespace,
        dossier_code,
        source,
        false as has_header
    from mentioned_only
)

select
    {{ dossier_key('combined') }} as dossier_key,
    combined.namespace,
    combined.dossier_code,
    combined.source,
    combined.has_header
from combined
