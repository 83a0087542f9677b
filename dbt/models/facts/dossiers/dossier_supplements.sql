-- Requests for missing papers after acceptance and their answers, in order, as known at the end of as_of_on.
-- What was asked of an online dossier before it was received is no such request: the clock had not begun.
-- Neither is what was asked after the finish. An answer after the finish ends with the finish; spans that
-- overlap count once.
with

run_context as (
    select {{ start_of_next_day('as_of_on') }} as not_yet_at
    from {{ source('control', 'run_context') }}
),

dossiers as (
    select
        dossier_key,
        received_at,
        counted_finished_at,
        is_deleted_at_source
    from {{ ref('dossier_lifecycles') }}
    where is_counted
),

requests as (
    select
        supplements.dossier_key,
        dossiers.received_at,
        supplements.requested_at,
        case
            when supplements.answered_at < run_context.not_yet_at
                then greatest(
                    supplements.requested_at,
                    least(
                        supplements.answered_at,
                        coalesce(dossiers.counted_finished_at, supplements.answered_at)
                    )
                )
        end as answered_at,
        supplements.source,
        supplements.record_key
    from {{ ref('stg_supplement_requests') }} as supplements
    inner join dossiers on supplements.dossier_key = dossiers.dossier_key
    cross join run_context
    where
        supplements.is_governing
        and {{ still_stated('supplements', 'dossiers') }}
        and supplements.requested_at >= dossiers.received_at
        and supplements.requested_at < run_context.not_yet_at
        and supplements.requested_at
        <= coalesce(dossiers.counted_finished_at, supplements.requested_at)
),

in_order as (
    select
        *,
        row_number() over (
            partition by dossier_key
            order by requested_at asc, answered_at asc nulls last, source asc, record_key asc
        ) as request_no,
        max(answered_at) over (
            partition by dossier_key
            order by requested_at asc, answered_at asc nulls last, source asc, record_key asc
            rows between unbounded preceding and 1 preceding
        ) as already_away_until
    from requests
)

select
    dossier_key,
    request_no,
    received_at,
    requested_at,
    answered_at,
    -- from when on this request alone keeps the dossier away
    greatest(requested_at, coalesce(already_away_until, requested_at)) as away_from_at,
    case
        when answered_at is not null
            then greatest(
                {{ seconds_between(
                    'greatest(requested_at, coalesce(already_away_until, requested_at))', 'answered_at'
                ) }},
                0
            )
    end as away_seconds
from in_order
