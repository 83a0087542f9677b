-- The dossiers that somebody answers for: finished late, or open past their due date. The one place that says
-- which; it takes the verdict of fct_dossiers and adds no rule of its own about time limits.
-- The term in which the delay arose began when the clock did: at receipt, or anew when missing papers came in
-- or a second appointment was given. What happened before is no cause of this delay.
with

run_context as (
    select {{ end_of_day('as_of_on') }} as as_of_at
    from {{ source('control', 'run_context') }}
),

dossiers as (
    select
        dossier_key,
        unit_id,
        responsible_officer_key,
        received_at,
        due_at,
        finished_at,
        late_days,
        timeliness,
        {{ to_day('due_at') }} as due_on,
        {{ to_day('finished_at') }} as finished_on
    from {{ ref('fct_dossiers') }}
    where timeliness in ('late', 'open_overdue')
),

held as (
    select
        dossiers.*,
        coalesce(dossiers.finished_at, run_context.as_of_at) as held_until_at
    from dossiers
    cross join run_context
),

new_terms as (
    select
        held.dossier_key,
        max(due_dates.known_from_at) as started_at
    from held
    inner join {{ ref('dossier_due_dates') }} as due_dates
        on
            held.dossier_key = due_dates.dossier_key
            and held.held_until_at >= due_dates.known_from_at
    where due_dates.is_governing and due_dates.reason in ('after_supplement', 'stage_2')
    group by held.dossier_key
)

select
    held.dossier_key,
    held.unit_id,
    held.responsible_officer_key as officer_key,
    held.timeliness,
    held.late_days,
    held.finished_at,
    case
        when held.finished_at is not null then {{ to_day('greatest(held.finished_at, held.received_at)') }}
    end as counted_finished_on,
    -- a term ends with the end of its last day; a limit in hours, missed on that very day, with its moment
    case
        when held.finished_on = held.due_on then held.due_at
        else {{ end_of_day('held.due_on') }}
    end as passed_at,
    coalesce(new_terms.started_at, held.received_at) as term_started_at,
    held.held_until_at
from held
left join new_terms on held.dossier_key = new_terms.dossier_key
