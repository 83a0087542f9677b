with

steps as (
    select
        {{ surrogate_key([
            'stg_dossier_steps.namespace',
            'stg_dossier_steps.source',
            'stg_dossier_steps.record_key',
        ]) }} as step_key,
        stg_dossier_steps.*,
        {{ unit_reference('stg_dossier_steps.unit_code', 'stg_dossier_steps.unit_name') }} as unit,
        {{ to_day('coalesce(stg_dossier_steps.finished_at, stg_dossier_steps.started_at)') }} as done_on,
        {{ to_day('coalesce(stg_dossier_steps.started_at, stg_dossier_steps.finished_at)') }} as begun_on
    from {{ ref('stg_dossier_steps') }} as stg_dossier_steps
    where stg_dossier_steps.dossier_code is not null
),

dossiers as (
    select
        dossier_key,
        is_deleted_at_source
    from {{ ref('dossier_lifecycles') }}
)

select
    steps.step_key,
    steps.dossier_key,
    steps.dossier_code,
    steps.step_no,
    steps.step_name,
    coalesce(units.unit_id, 'unknown') as unit_id,
    coalesce(officers.officer_key, 0) as officer_key,
    coalesce(officers.officer_id, 'unknown') as officer_id,
    steps.status_code,
    steps.started_at,
    steps.due_at,
    steps.finished_at,
    cast(steps.allowed_days as double) as allowed_days,
    {{ to_day('steps.finished_at') }} <= {{ to_day('steps.due_at') }} as is_on_time,
    steps.source,
    steps.is_governing,
    steps.not_governing_reason
from steps
inner join dossiers on steps.dossier_key = dossiers.dossier_key
left join {{ ref('unit_references') }} as units
    on
        steps.unit = units.reference
        and steps.done_on between units.refers_from_on and units.refers_to_on
left join {{ ref('officer_versions') }} as officers
    on
        steps.officer = officers.officer_code
        and steps.begun_on between officers.resolves_from_on and officers.resolves_to_on
where {{ still_stated('steps', 'dossiers') }}
