-- Whether and when a dossier was accepted, and when and how it ended, as known at the end of as_of_on.
-- The finish comes from recorded events first (finished, then returned, then a last refusal or stop or
-- withdrawal), from the dates on the dossier second, from a status that changed between extracts last:
-- dates on the dossier can be overwritten after the fact, events leave a trace.
with

statuses as (
    select
        cast(status_code as varchar) as status_code,
        status_class
    from {{ ref('statuses') }}
),

classified as (
    select
        events.dossier_key,
        events.event_no,
        events.event_type,
        events.event_at,
        events.basis,
        events.status_code,
        events.status_code is not null and events.basis = 'event' as is_status_event,
        events.event_type = 'status_seen' as is_status_seen,
        case
            when events.status_code is not null then coalesce(statuses.status_class, 'open')
        end as status_class
    from {{ ref('dossier_events') }} as events
    left join statuses on events.status_code = statuses.status_code
),

-- the status a source shows today began after the last status of another kind
with_runs as (
    select
        *,
        max(
            case
                when is_status_seen and status_class in ('open', 'paused', 'excluded') then event_no
            end
        ) over (partition by dossier_key) as last_unended_no
    from classified
),

gathered as (
    select
        dossier_key,
        min(case when event_type = 'received' then event_at end) as header_received_at,
        min(case when event_type = 'finished' then event_at end) as header_finished_at,
        min(case when event_type = 'refused' then event_at end) as header_refused_at,
        min(case when event_type = 'returned' then event_at end) as header_returned_at,
        {{ any_true("status_class <> 'excluded'") }} as is_accepted_by_status,
        min(case when is_status_event and status_class <> 'excluded' then event_at end)
            as status_received_at,
        min(
            case
                when
                    is_status_event
                    and status_class = 'done'
                    and status_code <> '{{ var("status_returned") }}'
                    then event_at
            end
        ) as event_done_at,
        min(
            case
                when is_status_event and status_code = '{{ var("status_returned") }}' then event_at
            end
        ) as event_returned_at,
        {{ first_known('event_at', 'case when is_status_event then -event_no end') }} as last_event_at,
        {{ first_known('status_class', 'case when is_status_event then -event_no end') }}
            as last_event_class,
        {{ first_known('status_code', 'case when is_status_event then -event_no end') }}
            as last_event_code,
        {{ first_known('status_class', 'case when is_status_seen then -event_no end') }}
            as seen_class,
        {{ first_known('status_code', 'case when is_status_seen then -event_no end') }}
            as seen_code,
        min(
            case
                when is_status_seen and event_no > coalesce(last_unended_no, 0) then event_at
            end
        ) as seen_ended_at,
        {{ first_known(
            'basis',
            'case when is_status_seen and event_no > coalesce(last_unended_no, 0) then event_no end'
        ) }} as seen_basis,
        {{ first_known(
            'event_type', "case when event_type in ('paused', 'resumed') then -event_no end"
        ) }} as last_pause_event,
        {{ first_known('basis', '-event_no') }} as last_basis
    from with_runs
    group by dossier_key
),

-- "not accepted" after an acceptance is a refusal
judged as (
    select
        *,
        case
            when last_event_class in ('refused', 'stopped', 'withdrawn') then last_event_class
            when
                last_event_code = '{{ var("status_not_accepted") }}' and is_accepted_by_status
                then 'refused'
        end as ended_by_event_as,
        case
            when seen_class in ('done', 'refused', 'stopped', 'withdrawn') then seen_class
            when
                seen_code = '{{ var("status_not_accepted") }}' and is_accepted_by_status
                then 'refused'
            when header_refused_at is not null then 'refused'
        end as ended_by_header_as,
        coalesce(header_received_at, status_received_at) as received_at,
        coalesce(seen_code, last_event_code) as status_code,
        coalesce(seen_class, last_event_class) as last_status_class
    from gathered
),

ended as (
    select
        *,
        coalesce(
            event_done_at,
            event_returned_at,
            case when ended_by_event_as is not null then last_event_at end
        ) as event_finished_at,
        coalesce(header_finished_at, header_refused_at, header_returned_at) as date_finished_at,
        case
            when ended_by_header_as is not null then seen_ended_at
        end as seen_finished_at
    from judged
)

select
    dossier_key,
    received_at,
    case
        when last_status_class = 'excluded' then is_accepted_by_status
        else received_at is not null or is_accepted_by_status
    end as is_accepted,
    coalesce(event_finished_at, date_finished_at, seen_finished_at) as finished_at,
    case
        when event_done_at is not null or event_returned_at is not null then 'done'
        when event_finished_at is not null then ended_by_event_as
        when date_finished_at is not null then coalesce(ended_by_header_as, 'done')
        when seen_finished_at is not null then ended_by_header_as
    end as ended_as,
    case
        when event_finished_at is not null then 'event'
        when date_finished_at is not null then 'date'
        when seen_finished_at is not null then seen_basis
        else last_basis
    end as state_basis,
    header_returned_at as returned_at,
    status_code,
    last_status_class,
    coalesce(last_pause_event = 'paused', false) as is_in_pause,
    coalesce(event_finished_at <> header_finished_at, false) as is_header_finish_different
from ended
