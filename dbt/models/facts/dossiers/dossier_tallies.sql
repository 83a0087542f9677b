-- Counts and spans per dossier: supplements, re-appointments, paused time. What a namespace never delivers
-- is unknown (NULL) for all its dossiers; where it is delivered, a dossier without a record has none (0).
with

run_context as (
    select {{ end_of_day('as_of_on') }} as as_of_at
    from {{ source('control', 'run_context') }}
),

dossiers as (
    select
        dossier_key,
        namespace
    from {{ ref('known_dossiers') }}
),

endings as (
    select
        dossier_key,
        finished_at
    from {{ ref('dossier_endings') }}
),

kinds as (
    select
        namespace,
        max(case when record_kind = 'supplement_requests' then 1 else 0 end) as has_supplements,
        max(case when record_kind = 'pauses' then 1 else 0 end) as has_pauses
    from {{ ref('stg_provided_kinds') }}
    group by namespace
),

supplements as (
    select
        dossier_key,
        count(*) as supplement_count
    from {{ ref('dossier_events') }}
    where event_type = 'supplement_requested'
    group by dossier_key
),

reappointments as (
    select
        due_dates.dossier_key,
        dossiers.namespace,
        count(*) as reappointment_count,
        min(due_dates.known_from_at) as first_reappointed_at
    from {{ ref('dossier_due_dates') }} as due_dates
    inner join dossiers on due_dates.dossier_key = dossiers.dossier_key
    cross join run_context
    where due_dates.reason = 'reappointed' and due_dates.known_from_at <= run_context.as_of_at
    group by due_dates.dossier_key, dossiers.namespace
),

-- a re-appointment is the only trace of an apology: without any, apologies are unknown
reappointing_namespaces as (
    select distinct namespace from reappointments
),

pauses as (
    select
        stg_pauses.dossier_key,
        stg_pauses.paused_at,
        least(
            coalesce(stg_pauses.resumed_at, run_context.as_of_at),
            coalesce(endings.finished_at, run_context.as_of_at)
        ) as resumed_at,
        stg_pauses.record_key
    from {{ ref('stg_pauses') }} as stg_pauses
    inner join endings on stg_pauses.dossier_key = endings.dossier_key
    cross join run_context
    where
        stg_pauses.paused_at is not null
        and stg_pauses.is_governing
        and not stg_pauses.is_deleted_at_source
),

-- pauses that overlap stop the clock once
pauses_in_order as (
    select
        *,
        max(resumed_at) over (
            partition by dossier_key
            order by paused_at, resumed_at, record_key
            rows between unbounded preceding and 1 preceding
        ) as already_paused_until
    from pauses
),

paused as (
    select
        dossier_key,
        sum(
            greatest(
                {{ span_in_days(
                    'greatest(paused_at, coalesce(already_paused_until, paused_at))', 'resumed_at'
                ) }},
                0
            )
        ) as paused_days
    from pauses_in_order
    group by dossier_key
)

select
    dossiers.dossier_key,
    case
        when kinds.has_supplements = 1 then coalesce(supplements.supplement_count, 0)
    end as supplement_count,
    case
        when reappointing_namespaces.namespace is not null
            then coalesce(reappointments.reappointment_count, 0)
    end as reappointment_count,
    reappointments.first_reappointed_at,
    case
        when kinds.has_pauses = 1 then coalesce(paused.paused_days, 0)
    end as paused_days
from dossiers
left join kinds on dossiers.namespace = kinds.namespace
left join supplements on dossiers.dossier_key = supplements.dossier_key
left join reappointments on dossiers.dossier_key = reappointments.dossier_key
left join reappointing_namespaces on dossiers.namespace = reappointing_namespaces.namespace
left join paused on dossiers.dossier_key = paused.dossier_key
