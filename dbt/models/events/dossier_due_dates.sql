-- Every due date a dossier ever had, from when it was known, and why it was set. The office's own plan
-- (reason planned) is a series of its own beside the governing dates that applicants were given.
-- effective_from_at/effective_to_at say which version governs at a moment T: the last one known by T;
-- before the first known version the first one is used, because nothing else was ever seen.
with

dossiers as (
    select
        dossier_key,
        received_at,
        submitted_at,
        original_due_at,
        extracted_at,
        is_deleted_at_source
    from {{ ref('stg_dossiers') }}
),

appointments as (
    select
        due_dates.dossier_key,
        due_dates.due_at,
        coalesce(lower(due_dates.reason), 'unknown') as reason,
        -- the first date and the plan are given on the receipt; any other undated one was known when extracted
        coalesce(
            due_dates.known_from_at,
            case when lower(due_dates.reason) in ('initial', 'planned') then dossiers.received_at end,
            due_dates.extracted_at
        ) as known_from_at,
        case
            when due_dates.known_from_at is not null then 'event'
            when lower(due_dates.reason) in ('initial', 'planned') then 'date'
            else 'first_seen'
        end as basis,
        due_dates.precedence
    from {{ ref('stg_due_dates') }} as due_dates
    left join dossiers on due_dates.dossier_key = dossiers.dossier_key
    where
        due_dates.due_at is not null
        and due_dates.is_governing
        and {{ still_stated('due_dates', 'dossiers') }}
),

-- Where a source keeps a list of appointments, what less trusted ones show in passing adds nothing to it.
keepers_of_appointments as (
    select
        dossier_key,
        max(precedence) as precedence
    from appointments
    where reason <> 'planned'
    group by dossier_key
),

first_dates_on_header as (
    select
        dossier_key,
        original_due_at as due_at,
        'initial' as reason,
        coalesce(received_at, submitted_at, extracted_at) as known_from_at,
        'date' as basis
    from dossiers
    where original_due_at is not null
),

supplements as (
    select
        supplements.dossier_key,
        supplements.requested_at,
        supplements.answered_at,
        supplements.previous_due_at,
        supplements.new_due_at
    from {{ ref('stg_supplement_requests') }} as supplements
    left join dossiers on supplements.dossier_key = dossiers.dossier_key
    left join keepers_of_appointments as keepers on supplements.dossier_key = keepers.dossier_key
    where
        supplements.is_governing
        and supplements.precedence <= coalesce(keepers.precedence, supplements.precedence)
        and {{ still_stated('supplements', 'dossiers') }}
),

dates_after_supplement as (
    select
        dossier_key,
        new_due_at as due_at,
        'after_supplement' as reason,
        coalesce(answered_at, requested_at) as known_from_at,
        'event' as basis
    from supplements
    where new_due_at is not null
),

-- Seen only as "the date before": in force when the supplement was asked for, of unknown origin.
dates_before_supplement as (
    select
        dossier_key,
        previous_due_at as due_at,
        'unknown' as reason,
        requested_at as known_from_at,
        'first_seen' as basis
    from supplements
    where previous_due_at is not null
),

stated as (
    select
        dossier_key,
        due_at,
        reason,
        known_from_at,
        basis
    from appointments
    union all
    select * from first_dates_on_header
    union all
    select * from dates_after_supplement
),

-- The due date on the dossier row, from the most trusted source that gives one.
header_versions as (
    select
        versions.dossier_key,
        versions.due_at,
        versions.extracted_at,
        versions.version_no,
        versions.record_key,
        dense_rank() over (
            partition by versions.dossier_key
            order by versions.precedence asc, versions.source asc
        ) as source_rank
    from {{ ref('stg_dossier_versions') }} as versions
    left join keepers_of_appointments as keepers on versions.dossier_key = keepers.dossier_key
    where
        versions.due_at is not null
        and versions.dossier_code is not null
        and versions.precedence <= coalesce(keepers.precedence, versions.precedence)
),

header_changes as (
    select
        dossier_key,
        due_at,
        extracted_at,
        lag(due_at) over (
            partition by dossier_key
            order by extracted_at asc, version_no asc, record_key asc
        ) as previous_due_at
    from header_versions
    where source_rank = 1
),

dates_seen as (
    select
        dossier_key,
        due_at,
        case when previous_due_at is null then 'unknown' else 'edited' end as reason,
        extracted_at as known_from_at,
        case when previous_due_at is null then 'first_seen' else 'snapshot' end as basis
    from header_changes
    where due_at is distinct from previous_due_at
    union all
    select * from dates_before_supplement
),

explained as (
    select distinct
        dossier_key,
        due_at
    from stated
    where reason <> 'planned'
),

-- What a header shows is news only where no record says the same.
unexplained as (
    select dates_seen.*
    from dates_seen
    left join explained
        on
            dates_seen.dossier_key = explained.dossier_key
            and dates_seen.due_at = explained.due_at
    where explained.dossier_key is null
),

combined as (
    select * from stated
    union
    select * from unexplained
),

with_series as (
    select
        *,
        reason <> 'planned' as is_governing
    from combined
),

numbered as (
    select
        *,
        row_number() over (
            partition by dossier_key, is_governing
            order by
                known_from_at asc nulls first,
                {{ trust_in('basis') }} asc,
                due_at asc,
                reason asc
        ) as version_no
    from with_series
)

select
    dossier_key,
    due_at,
    known_from_at,
    reason,
    basis,
    version_no,
    is_governing,
    case
        when version_no = 1 then {{ beginning_of_time() }}
        else known_from_at
    end as effective_from_at,
    coalesce(
        lead(known_from_at) over (partition by dossier_key, is_governing order by version_no),
        {{ end_of_time() }}
    ) as effective_to_at
from numbered
