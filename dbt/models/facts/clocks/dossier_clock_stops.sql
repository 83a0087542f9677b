-- Spans in which the clock of an accepted dossier stands still: lawful pauses, and requests for missing papers
-- until they are answered. What was asked for before acceptance stops nothing: no clock ran yet.
-- effect says what the limit does afterwards: pause (extended by the time away) or restart (begins anew).
with

run_context as (
    select {{ start_of_next_day('as_of_on') }} as not_yet_at
    from {{ source('control', 'run_context') }}
),

time_rules as (
    select
        valid_from_on,
        valid_to_on,
        supplement_effect
    from {{ ref('time_rules') }}
),

pause_reasons as (
    select
        reason,
        is_clock_stopped
    from {{ ref('pause_reasons') }}
),

headers as (
    select
        dossier_key,
        is_deleted_at_source
    from {{ ref('stg_dossiers') }}
),

dossiers as (
    select
        endings.dossier_key,
        endings.received_at,
        endings.finished_at,
        time_rules.supplement_effect,
        coalesce(headers.is_deleted_at_source, false) as is_deleted_at_source
    from {{ ref('dossier_endings') }} as endings
    inner join time_rules
        on
            {{ to_day('endings.received_at') }}
            between time_rules.valid_from_on and time_rules.valid_to_on
    left join headers on endings.dossier_key = headers.dossier_key
),

pauses as (
    select
        pauses.dossier_key,
        coalesce(pauses.reason, 'unknown') as reason,
        'pause' as effect,
        pauses.paused_at as stopped_at,
        pauses.resumed_at as restarted_at,
        pauses.holder_unit_code,
        pauses.record_key
    from {{ ref('stg_pauses') }} as pauses
    inner join dossiers on pauses.dossier_key = dossiers.dossier_key
    left join pause_reasons on lower(pauses.reason) = pause_reasons.reason
    where
        pauses.is_governing
        and {{ still_stated('pauses', 'dossiers') }}
        -- the record kind holds time off the clock: a reason that no list knows does not start it again
        and coalesce(pause_reasons.is_clock_stopped, true)
),

supplements as (
    select
        supplements.dossier_key,
        'supplement' as reason,
        dossiers.supplement_effect as effect,
        supplements.requested_at as stopped_at,
        supplements.answered_at as restarted_at,
        cast(null as varchar) as holder_unit_code,
        supplements.record_key
    from {{ ref('stg_supplement_requests') }} as supplements
    inner join dossiers on supplements.dossier_key = dossiers.dossier_key
    where supplements.is_governing and {{ still_stated('supplements', 'dossiers') }}
),

combined as (
    select * from pauses
    union all
    select * from supplements
),

-- what began after the finish, or lies ahead of as_of_on, stopped nothing
known as (
    select
        combined.dossier_key,
        combined.reason,
        combined.effect,
        combined.stopped_at,
        case
            when combined.restarted_at < run_context.not_yet_at
                then greatest(combined.restarted_at, combined.stopped_at)
        end as restarted_at,
        combined.holder_unit_code,
        combined.record_key
    from combined
    cross join run_context
    inner join dossiers on combined.dossier_key = dossiers.dossier_key
    where
        combined.stopped_at >= dossiers.received_at
        and combined.stopped_at < run_context.not_yet_at
        and combined.stopped_at <= coalesce(dossiers.finished_at, {{ end_of_time() }})
),

-- spans that overlap stop the clock once: they are one run
with_earlier as (
    select
        *,
        max(coalesce(restarted_at, {{ end_of_time() }})) over (
            partition by dossier_key
            order by stopped_at, restarted_at nulls last, reason, record_key
            rows between unbounded preceding and 1 preceding
        ) as stopped_until
    from known
)

select
    dossier_key,
    reason,
    effect,
    stopped_at,
    restarted_at,
    holder_unit_code,
    row_number() over (
        partition by dossier_key
        order by stopped_at, restarted_at nulls last, reason, record_key
    ) as stop_no,
    sum(case when stopped_at <= stopped_until then 0 else 1 end) over (
        partition by dossier_key
        order by stopped_at, restarted_at nulls last, reason, record_key
        rows between unbounded preceding and current row
    ) as run_no
from with_earlier
