-- What happened to a dossier, with the clock as it stood right after.
with

events as (
    select
        *,
        {{ to_day('event_at') }} as event_on
    from {{ ref('dossier_events') }}
),

dossiers as (
    select
        dossier_key,
        received_at,
        counted_finished_at
    from {{ ref('dossier_lifecycles') }}
),

runs as (
    select
        dossier_key,
        stopped_at,
        coalesce(restarted_at, {{ end_of_time() }}) as restarted_at
    from {{ ref('dossier_clock_runs') }}
)

select
    events.dossier_key,
    events.event_no,
    events.event_type,
    events.event_at,
    events.basis,
    coalesce(units_by_code.unit_id, units_by_name.unit_id, 'unknown') as unit_id,
    coalesce(officers.officer_key, 0) as officer_key,
    events.status_code,
    case
        when dossiers.received_at is null or events.event_at < dossiers.received_at then 'not_started'
        when events.event_at >= dossiers.counted_finished_at then 'ended'
        when runs.dossier_key is not null then 'stopped'
        else 'running'
    end as clock_state_code,
    events.source
from events
inner join dossiers on events.dossier_key = dossiers.dossier_key
left join runs
    on
        events.dossier_key = runs.dossier_key
        and events.event_at >= runs.stopped_at
        and events.event_at < runs.restarted_at
left join {{ ref('unit_references') }} as units_by_code
    on
        events.unit_code = units_by_code.reference
        and events.event_on between units_by_code.refers_from_on and units_by_code.refers_to_on
-- where a record names its unit without a code, the name stands in the code's place
left join {{ ref('unit_references') }} as units_by_name
    on
        {{ unit_reference('cast(null as varchar)', 'events.unit_code') }} = units_by_name.reference
        and events.event_on between units_by_name.refers_from_on and units_by_name.refers_to_on
left join {{ ref('officer_versions') }} as officers
    on
        events.officer = officers.officer_code
        and events.event_on between officers.resolves_from_on and officers.resolves_to_on
