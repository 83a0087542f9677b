{{ config(materialized='view') }}
-- The sync says finished while the local register waits for papers or money, or has stopped: the sending
-- software turns those statuses into "finished", so the national portal shows a result that does not exist.
-- Held against each other are what the two say today, and what the sync said last whenever the register was
-- extracted: later messages mend the portal, not what it showed until then.
with

sync_sources as (
    select * from {{ ref('sync_sources') }}
),

namespaces as (
    select distinct namespace from sync_sources
),

statuses as (
    select
        cast(status_code as varchar) as status_code,
        status_class
    from {{ ref('statuses') }}
),

versions as (
    select
        dossier_key,
        namespace,
        source,
        record_key,
        version_no,
        status_code,
        extracted_at,
        is_latest
    from {{ ref('stg_dossier_versions') }}
    where dossier_code is not null
),

said_by_sync as (
    select
        versions.*,
        lead(versions.extracted_at) over (
            partition by versions.source, versions.record_key
            order by versions.version_no
        ) as said_until_at
    from versions
    inner join sync_sources on versions.source = sync_sources.source
),

finished_in_sync as (
    select said_by_sync.*
    from said_by_sync
    inner join statuses
        on
            said_by_sync.status_code = statuses.status_code
            and statuses.status_class = 'done'
),

waiting_in_register as (
    select versions.*
    from versions
    inner join namespaces on versions.namespace = namespaces.namespace
    inner join statuses
        on
            versions.status_code = statuses.status_code
            and statuses.status_class in ('paused', 'stopped')
    left join sync_sources on versions.source = sync_sources.source
    where sync_sources.source is null
),

contradictions as (
    select
        waiting.dossier_key,
        finished.source,
        greatest(waiting.extracted_at, finished.extracted_at) as found_at,
        'sync ' || finished.status_code || ', register ' || waiting.status_code as evidence
    from waiting_in_register as waiting
    inner join finished_in_sync as finished
        on
            waiting.dossier_key = finished.dossier_key
            and (
                (
                    waiting.extracted_at >= finished.extracted_at
                    and waiting.extracted_at < coalesce(finished.said_until_at, {{ end_of_time() }})
                )
                or (waiting.is_latest and finished.is_latest)
            )
),

in_order as (
    select
        *,
        row_number() over (partition by dossier_key order by found_at, evidence, source) as finding_no
    from contradictions
)

select
    dossier_key,
    'sync_status_rewritten' as finding_code,
    source,
    found_at,
    evidence
from in_order
where finding_no = 1
