-- Until when each petition had to be answered, by the clock that the law sets for its kind and case (seed
-- petition_clocks). The day that starts a clock does not count, and a term that ends on a day off ends on the next
-- working day (Civil Code 2015, Articles 147(2) and 148(5)). Where no clock fits, the day that the source states.
with

petitions as (
    select * from {{ ref('stg_petitions') }}
),

clocks as (
    select * from {{ ref('petition_clocks') }}
),

calendar_dates as (
    select
        date_on,
        is_working_day,
        working_day_no
    from {{ ref('calendar_dates') }}
),

cases as (
    select
        {{ surrogate_key(['namespace', 'petition_code']) }} as petition_key,
        *,
        lower(petition_type) as type_name,
        cast(coalesce(instance_no, 1) as varchar) as instance_name,
        case when is_remote then 'true' else 'false' end as remote_name,
        coalesce(lower(complexity), 'normal') as complexity_name,
        case
            when lower(handling) in ('refused', 'supplement_asked') then lower(handling)
            else 'answered'
        end as handling_name,
        coalesce(lower(handling), '') = 'transferred_out' as is_transferred_out,
        {{ to_day('coalesce(transferred_at, sent_at)') }} as sent_or_transferred_on,
        {{ to_day('accepted_at') }} as accepted_on,
        {{ to_day('answered_at') }} as answered_on,
        {{ to_day('published_at') }} as published_on,
        {{ to_day('due_at') }} as stated_due_on
    from petitions
),

started as (
    select
        cases.*,
        clocks.clock_code,
        clocks.limit_days,
        clocks.day_kind,
        case clocks.starts_from
            when 'accepted' then cases.accepted_on
            when 'sent_or_transferred' then cases.sent_or_transferred_on
        end as starts_on
    from cases
    left join clocks
        on
            cases.type_name = clocks.petition_type
            and clocks.instance_no in ('any', cases.instance_name)
            and clocks.is_remote in ('any', cases.remote_name)
            and clocks.complexity in ('any', cases.complexity_name)
            and clocks.handling in ('any', cases.handling_name)
            and case clocks.starts_from
                when 'accepted' then cases.accepted_on
                when 'sent_or_transferred' then cases.sent_or_transferred_on
                else coalesce(cases.sent_or_transferred_on, cases.accepted_on)
            end between clocks.valid_from_on and clocks.valid_to_on
),

-- the last day by number: so many working days on, or the first working day from the calendar day on
numbered as (
    select
        started.*,
        case
            when started.day_kind = 'working_day' then starts.working_day_no + started.limit_days
            when not ends.is_working_day then ends.working_day_no + 1
            else ends.working_day_no
        end as due_day_no,
        publication.working_day_no + publication_clocks.limit_days as publication_day_no,
        coalesce(started.sent_or_transferred_on, started.accepted_on, date '1900-01-01') as resolved_on
    from started
    left join calendar_dates as starts on started.starts_on = starts.date_on
    left join calendar_dates as ends
        on {{ date_add_days('started.starts_on', 'started.limit_days') }} = ends.date_on
    left join calendar_dates as publication on started.answered_on = publication.date_on
    left join clocks as publication_clocks
        on
            started.type_name = publication_clocks.petition_type
            and publication_clocks.handling = 'published'
            and started.answered_on
            between publication_clocks.valid_from_on and publication_clocks.valid_to_on
),

working_days as (
    select
        date_on,
        working_day_no
    from calendar_dates
    where is_working_day
)

select
    numbered.petition_key,
    numbered.petition_code,
    numbered.source,
    coalesce(unit_references.unit_id, 'unknown') as unit_id,
    numbered.petition_type,
    numbered.type_name,
    numbered.sent_at,
    numbered.accepted_at,
    numbered.transferred_at,
    numbered.due_at,
    numbered.answered_at,
    numbered.published_at,
    numbered.answered_on,
    numbered.resolved_on,
    case
        when due_days.date_on is null and numbered.stated_due_on is null then null
        else coalesce(numbered.clock_code, 'stated')
    end as clock_code,
    numbered.starts_on as clock_starts_on,
    coalesce(due_days.date_on, numbered.stated_due_on) as due_on,
    publication_days.date_on as publication_due_on,
    numbered.published_on,
    numbered.is_satisfied,
    numbered.is_transferred_out,
    numbered.is_deleted_at_source
from numbered
left join working_days as due_days on numbered.due_day_no = due_days.working_day_no
left join working_days as publication_days
    on numbered.publication_day_no = publication_days.working_day_no
left join {{ ref('unit_references') }} as unit_references
    on
        numbered.unit_code = unit_references.reference
        and numbered.resolved_on
        between unit_references.refers_from_on and unit_references.refers_to_on
