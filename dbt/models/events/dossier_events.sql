-- What happened to a dossier and when, from every kind of evidence, up to the end of the day as_of_on.
-- basis: event (a record of its own), date (a date on the dossier), snapshot (the status changed between
-- two extracts; dated by the later one), first_seen (the status the first extract showed).
with

run_context as (
    select {{ start_of_next_day('as_of_on') }} as not_yet_at
    from {{ source('control', 'run_context') }}
),

dossiers as (
    select
        dossier_key,
        submitted_at,
        received_at,
        finished_at,
        refused_at,
        returned_at,
        state_source,
        state_precedence,
        is_deleted_at_source,
        coalesce(unit_code, unit_name) as unit,
        source
    from {{ ref('stg_dossiers') }}
),

header_dates as (
    select
        dossier_key,
        'submitted' as event_type,
        submitted_at as event_at,
        unit,
        source
    from dossiers
    union all
    select
        dossier_key,
        'received' as event_type,
        received_at as event_at,
        unit,
        source
    from dossiers
    union all
    select
        dossier_key,
        'finished' as event_type,
        finished_at as event_at,
        unit,
        state_source as source
    from dossiers
    union all
    select
        dossier_key,
        'refused' as event_type,
        refused_at as event_at,
        unit,
        state_source as source
    from dossiers
    union all
    select
        dossier_key,
        'returned' as event_type,
        returned_at as event_at,
        unit,
        state_source as source
    from dossiers
),

-- A step ends a dossier only where its source is trusted at least as much as the one that states the
-- dossier's own status and finish: a sync that reports "done" must not close what the register holds open.
steps as (
    select
        steps.dossier_key,
        coalesce(steps.finished_at, steps.started_at) as event_at,
        coalesce(steps.unit_code, steps.unit_name) as unit,
        steps.officer,
        case
            when steps.precedence <= coalesce(dossiers.state_precedence, steps.precedence)
                then steps.status_code
        end as status_code,
        steps.source,
        steps.step_no
    from {{ ref('stg_dossier_steps') }} as steps
    left join dossiers on steps.dossier_key = dossiers.dossier_key
    where steps.is_governing and {{ still_stated('steps', 'dossiers') }}
),

supplements as (
    select
        supplements.dossier_key,
        supplements.requested_at,
        supplements.answered_at,
        supplements.officer,
        supplements.source
    from {{ ref('stg_supplement_requests') }} as supplements
    left join dossiers on supplements.dossier_key = dossiers.dossier_key
    where supplements.is_governing and {{ still_stated('supplements', 'dossiers') }}
),

pauses as (
    select
        pauses.dossier_key,
        pauses.paused_at,
        pauses.resumed_at,
        pauses.holder_unit_code,
        pauses.source
    from {{ ref('stg_pauses') }} as pauses
    left join dossiers on pauses.dossier_key = dossiers.dossier_key
    where pauses.is_governing and {{ still_stated('pauses', 'dossiers') }}
),

-- Only what the source shows that states the dossier's end: a less trusted one that merely lags behind, or
-- rewrites what it passes on, must not look like a change of status.
header_versions as (
    select
        versions.dossier_key,
        versions.status_code,
        versions.extracted_at,
        versions.version_no,
        versions.record_key,
        coalesce(versions.unit_code, versions.unit_name) as unit,
        versions.source
    from {{ ref('stg_dossier_versions') }} as versions
    inner join dossiers
        on
            versions.dossier_key = dossiers.dossier_key
            and versions.source = dossiers.state_source
    where versions.status_code is not null
),

statuses_seen as (
    select
        dossier_key,
        status_code,
        extracted_at,
        unit,
        source,
        lag(status_code) over (
            partition by dossier_key
            order by extracted_at asc, version_no asc, record_key asc
        ) as previous_status_code
    from header_versions
),

combined as (
    select
        dossier_key,
        event_type,
        event_at,
        'date' as basis,
        unit as unit_code,
        cast(null as varchar) as officer,
        cast(null as varchar) as status_code,
        source,
        cast(null as bigint) as step_no
    from header_dates
    union all
    select
        dossier_key,
        'step' as event_type,
        event_at,
        'event' as basis,
        unit as unit_code,
        officer,
        status_code,
        source,
        step_no
    from steps
    union all
    select
        dossier_key,
        'supplement_requested' as event_type,
        requested_at as event_at,
        'event' as basis,
        null as unit_code,
        officer,
        null as status_code,
        source,
        null as step_no
    from supplements
    union all
    select
        dossier_key,
        'supplement_answered' as event_type,
        answered_at as event_at,
        'event' as basis,
        null as unit_code,
        officer,
        null as status_code,
        source,
        null as step_no
    from supplements
    union all
    select
        dossier_key,
        'paused' as event_type,
        paused_at as event_at,
        'event' as basis,
        holder_unit_code as unit_code,
        null as officer,
        null as status_code,
        source,
        null as step_no
    from pauses
    union all
    select
        dossier_key,
        'resumed' as event_type,
        resumed_at as event_at,
        'event' as basis,
        holder_unit_code as unit_code,
        null as officer,
        null as status_code,
        source,
        null as step_no
    from pauses
    union all
    select
        dossier_key,
        'status_seen' as event_type,
        extracted_at as event_at,
        case when previous_status_code is null then 'first_seen' else 'snapshot' end as basis,
        unit as unit_code,
        null as officer,
        status_code,
        source,
        null as step_no
    from statuses_seen
    where status_code is distinct from previous_status_code
)

select
    combined.dossier_key,
    combined.event_type,
    combined.event_at,
    combined.event_at as known_from_at,
    combined.basis,
    combined.unit_code,
    combined.officer,
    combined.status_code,
    combined.source,
    -- events that tie in all of this are of one kind and moment: which of them comes first decides nothing
    row_number() over (
        partition by combined.dossier_key
        order by
            combined.event_at,
            {{ trust_in('combined.basis') }},
            combined.step_no nulls first,
            combined.event_type,
            combined.status_code nulls first
    ) as event_no
from combined
cross join run_context
where combined.event_at < run_context.not_yet_at
