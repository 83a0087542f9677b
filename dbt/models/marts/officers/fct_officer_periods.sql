with

periods as (
    select * from {{ ref('periods') }}
    where is_begun
),

run_context as (
    select * from {{ source('control', 'run_context') }}
),

work_by_day as (
    select * from {{ ref('officer_work_by_day') }}
),

document_shares as (
    select * from {{ ref('document_shares') }}
),

days_in_post as (
    select * from {{ ref('officer_days_in_post') }}
),

dossier_period_states as (
    select * from {{ ref('dossier_period_states') }}
),

provided_kinds as (
    select * from {{ ref('stg_provided_kinds') }}
),

unit_versions as (
    select * from {{ ref('unit_versions') }}
),

officer_versions as (
    select * from {{ ref('officer_versions') }}
),

-- what no source delivers is unknown, not 0
provided as (
    select
        {{ any_true("record_kind = 'documents'") }} as has_documents,
        {{ any_true("record_kind = 'dossiers'") }} as has_dossiers,
        {{ any_true("record_kind = 'dossier_steps'") }} as has_steps
    from provided_kinds
),

-- from a day to its periods once, not for every row of work on it
days_worked as (
    select distinct done_on from work_by_day
),

days_of_periods as (
    select
        periods.period_key,
        days_worked.done_on
    from days_worked
    cross join run_context
    inner join periods
        on days_worked.done_on between periods.starts_on and periods.ends_on
    where days_worked.done_on <= run_context.as_of_on
),

work_by_period as (
    select
        days_of_periods.period_key,
        work_by_day.unit_id,
        work_by_day.officer_id,
        work_by_day.documents_in,
        work_by_day.documents_out,
        work_by_day.documents_in_shared,
        work_by_day.documents_out_shared,
        work_by_day.documents_due,
        work_by_day.documents_late,
        0 as documents_open_overdue,
        0 as dossiers_received,
        0 as dossiers_finished,
        0 as dossiers_open,
        work_by_day.steps_done,
        cast(null as bigint) as working_days_in_post
    from work_by_day
    inner join days_of_periods
        on work_by_day.done_on = days_of_periods.done_on
),

-- a stock: overdue at the end of day D is what was due before D and has no answer yet
overdue_by_period as (
    select
        periods.period_key,
        document_shares.unit_id,
        document_shares.officer_id,
        0 as documents_in,
        0 as documents_out,
        0 as documents_in_shared,
        0 as documents_out_shared,
        0 as documents_due,
        0 as documents_late,
        count(*) as documents_open_overdue,
        0 as dossiers_received,
        0 as dossiers_finished,
        0 as dossiers_open,
        0 as steps_done,
        cast(null as bigint) as working_days_in_post
    from document_shares
    cross join run_context
    inner join periods
        on
            document_shares.due_on < least(periods.ends_on, run_context.as_of_on)
            and coalesce(document_shares.answered_on, date '9999-12-31')
            > least(periods.ends_on, run_context.as_of_on)
    where
        document_shares.direction = 'in'
        and document_shares.is_main
        and document_shares.registered_on <= least(periods.ends_on, run_context.as_of_on)
        and {{ is_answered_late('document_shares.due_on', 'document_shares.answered_on') }} = 1
    group by periods.period_key, document_shares.unit_id, document_shares.officer_id
),

dossiers_by_period as (
    select
        period_key,
        unit_id,
        coalesce(officer_id, 'unknown') as officer_id,
        0 as documents_in,
        0 as documents_out,
        0 as documents_in_shared,
        0 as documents_out_shared,
        0 as documents_due,
        0 as documents_late,
        0 as documents_open_overdue,
        sum(case when is_received then 1 else 0 end) as dossiers_received,
        sum(case when is_finished then 1 else 0 end) as dossiers_finished,
        sum(case when is_open then 1 else 0 end) as dossiers_open,
        0 as steps_done,
        cast(null as bigint) as working_days_in_post
    from dossier_period_states
    group by period_key, unit_id, coalesce(officer_id, 'unknown')
),

posts_by_period as (
    select
        period_key,
        unit_id,
        officer_id,
        0 as documents_in,
        0 as documents_out,
        0 as documents_in_shared,
        0 as documents_out_shared,
        0 as documents_due,
        0 as documents_late,
        0 as documents_open_overdue,
        0 as dossiers_received,
        0 as dossiers_finished,
        0 as dossiers_open,
        0 as steps_done,
        working_days_in_post
    from days_in_post
),

counts as (
    select * from work_by_period
    union all
    select * from overdue_by_period
    union all
    select * from dossiers_by_period
    union all
    select * from posts_by_period
),

summed as (
    select
        period_key,
        unit_id,
        officer_id,
        sum(documents_in) as documents_in,
        sum(documents_out) as documents_out,
        sum(documents_in_shared) as documents_in_shared,
        sum(documents_out_shared) as documents_out_shared,
        sum(documents_due) as documents_due,
        sum(documents_late) as documents_late,
        sum(documents_open_overdue) as documents_open_overdue,
        sum(dossiers_received) as dossiers_received,
        sum(dossiers_finished) as dossiers_finished,
        sum(dossiers_open) as dossiers_open,
        sum(steps_done) as steps_done,
        sum(working_days_in_post) as working_days_in_post
    from counts
    group by period_key, unit_id, officer_id
),

resolved as (
    select
        summed.*,
        provided.has_documents,
        provided.has_dossiers,
        provided.has_steps,
        least(periods.ends_on, run_context.as_of_on) as resolved_on
    from summed
    inner join periods
        on summed.period_key = periods.period_key
    cross join run_context
    cross join provided
)

select
    resolved.period_key,
    resolved.unit_id,
    coalesce(unit_versions.unit_key, 0) as unit_key,
    coalesce(unit_versions.current_unit_id, 'unknown') as current_unit_id,
    coalesce(officer_versions.officer_key, 0) as officer_key,
    resolved.officer_id,
    cast(case when resolved.has_documents then resolved.documents_in end as bigint) as documents_in,
    cast(case when resolved.has_documents then resolved.documents_out end as bigint) as documents_out,
    cast(case when resolved.has_documents then resolved.documents_in_shared end as decimal(18, 6))
        as documents_in_shared,
    cast(case when resolved.has_documents then resolved.documents_out_shared end as decimal(18, 6))
        as documents_out_shared,
    cast(case when resolved.has_documents then resolved.documents_due end as bigint) as documents_due,
    cast(case when resolved.has_documents then resolved.documents_late end as bigint) as documents_late,
    cast(case when resolved.has_documents then resolved.documents_open_overdue end as bigint)
        as documents_open_overdue,
    cast(case when resolved.has_dossiers then resolved.dossiers_received end as bigint)
        as dossiers_received,
    cast(case when resolved.has_dossiers then resolved.dossiers_finished end as bigint)
        as dossiers_finished,
    cast(case when resolved.has_dossiers then resolved.dossiers_open end as bigint) as dossiers_open,
    cast(case when resolved.has_steps then resolved.steps_done end as bigint) as steps_done,
    -- no days where no list says that the officer holds a post in this unit
    cast(resolved.working_days_in_post as bigint) as working_days_in_post
from resolved
left join unit_versions
    on
        resolved.unit_id = unit_versions.unit_id
        and resolved.resolved_on
        between unit_versions.resolves_from_on and unit_versions.resolves_to_on
left join officer_versions
    on
        resolved.officer_id = officer_versions.officer_id
        and resolved.resolved_on
        between officer_versions.resolves_from_on and officer_versions.resolves_to_on
