with

periods as (
    select * from {{ ref('periods') }}
    where is_begun
),

run_context as (
    select * from {{ source('control', 'run_context') }}
),

documents as (
    select * from {{ ref('fct_documents') }}
),

dossier_steps as (
    select * from {{ ref('stg_dossier_steps') }}
),

unit_references as (
    select * from {{ ref('unit_references') }}
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

-- A letter that a newer extract of its register no longer holds stays counted: a register of the new
-- year does not undo the letters of the old one.
documents_by_day as (
    select
        unit_id,
        main_officer_id as officer_id,
        registered_on as done_on,
        sum(case when direction = 'in' then 1 else 0 end) as documents_in,
        sum(case when direction = 'out' then 1 else 0 end) as documents_out,
        0 as steps_done
    from documents
    where registered_on is not null
    group by unit_id, main_officer_id, registered_on
),

steps_by_day as (
    select
        coalesce(unit_references.unit_id, 'unknown') as unit_id,
        coalesce(dossier_steps.officer, 'unknown') as officer_id,
        {{ to_day('dossier_steps.finished_at') }} as done_on,
        0 as documents_in,
        0 as documents_out,
        count(*) as steps_done
    from dossier_steps
    left join unit_references
        on
            {{ unit_reference('dossier_steps.unit_code', 'dossier_steps.unit_name') }}
            = unit_references.reference
            and {{ to_day('dossier_steps.finished_at') }}
            between unit_references.refers_from_on and unit_references.refers_to_on
    -- a sync that tells of the same work does not add to it
    where dossier_steps.finished_at is not null and dossier_steps.is_governing
    group by
        coalesce(unit_references.unit_id, 'unknown'),
        coalesce(dossier_steps.officer, 'unknown'),
        {{ to_day('dossier_steps.finished_at') }}
),

work_by_day as (
    select * from documents_by_day
    union all
    select * from steps_by_day
),

work_by_period as (
    select
        periods.period_key,
        work_by_day.unit_id,
        work_by_day.officer_id,
        work_by_day.documents_in,
        work_by_day.documents_out,
        0 as dossiers_received,
        0 as dossiers_finished,
        0 as dossiers_open,
        work_by_day.steps_done
    from work_by_day
    cross join run_context
    inner join periods
        on work_by_day.done_on between periods.starts_on and periods.ends_on
    where work_by_day.done_on <= run_context.as_of_on
),

dossiers_by_period as (
    select
        period_key,
        unit_id,
        coalesce(officer_id, 'unknown') as officer_id,
        0 as documents_in,
        0 as documents_out,
        sum(case when is_received then 1 else 0 end) as dossiers_received,
        sum(case when is_finished then 1 else 0 end) as dossiers_finished,
        sum(case when is_open then 1 else 0 end) as dossiers_open,
        0 as steps_done
    from dossier_period_states
    group by period_key, unit_id, coalesce(officer_id, 'unknown')
),

counts as (
    select * from work_by_period
    union all
    select * from dossiers_by_period
),

summed as (
    select
        period_key,
        unit_id,
        officer_id,
        sum(documents_in) as documents_in,
        sum(documents_out) as documents_out,
        sum(dossiers_received) as dossiers_received,
        sum(dossiers_finished) as dossiers_finished,
        sum(dossiers_open) as dossiers_open,
        sum(steps_done) as steps_done
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
    cast(case when resolved.has_dossiers then resolved.dossiers_received end as bigint)
        as dossiers_received,
    cast(case when resolved.has_dossiers then resolved.dossiers_finished end as bigint)
        as dossiers_finished,
    cast(case when resolved.has_dossiers then resolved.dossiers_open end as bigint) as dossiers_open,
    cast(case when resolved.has_steps then resolved.steps_done end as bigint) as steps_done,
    -- waits for the working calendar
    cast(null as bigint) as working_days_in_post
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
