-- Who had a late dossier in hands, from when to when: its steps, and the spans with a holder outside the office
-- (tax office, commune, the applicant asked for papers) that no step of an outside holder tells more of.
-- An officer who left the unit before the due date passed, or before the step ended, answers for nothing any more: the
-- unit does.
with

late_dossiers as (
    select * from {{ ref('late_dossiers') }}
),

units as (
    select
        reference,
        unit_id,
        refers_from_on,
        refers_to_on
    from {{ ref('unit_references') }}
),

external_units as (
    select distinct unit_id from {{ ref('unit_versions') }}
    where kind = 'external'
),

officers as (
    select
        officer_key,
        valid_to_on
    from {{ ref('officer_versions') }}
),

steps as (
    select
        late_dossiers.dossier_key,
        'step' as holding_kind,
        steps.step_key,
        steps.step_no,
        steps.unit_id,
        steps.officer_key,
        external_units.unit_id is not null as is_external,
        steps.started_at,
        greatest(
            least(coalesce(steps.finished_at, late_dossiers.held_until_at), late_dossiers.held_until_at),
            steps.started_at
        ) as ended_at,
        steps.due_at,
        steps.allowed_days,
        late_dossiers.passed_at,
        late_dossiers.term_started_at
    from late_dossiers
    inner join {{ ref('fct_dossier_steps') }} as steps
        on
            late_dossiers.dossier_key = steps.dossier_key
            and late_dossiers.held_until_at > steps.started_at
    left join external_units on steps.unit_id = external_units.unit_id
    where steps.is_governing
),

stops as (
    select
        late_dossiers.dossier_key,
        'stop' as holding_kind,
        cast(null as bigint) as step_key,
        cast(null as bigint) as step_no,
        units.unit_id,
        cast(0 as bigint) as officer_key,
        true as is_external,
        stops.stopped_at as started_at,
        least(
            coalesce(stops.restarted_at, late_dossiers.held_until_at), late_dossiers.held_until_at
        ) as ended_at,
        cast(null as {{ type_wall_clock() }}) as due_at,
        cast(null as double) as allowed_days,
        late_dossiers.passed_at,
        late_dossiers.term_started_at
    from late_dossiers
    inner join {{ ref('dossier_clock_stops') }} as stops
        on
            late_dossiers.dossier_key = stops.dossier_key
            and late_dossiers.held_until_at > stops.stopped_at
    inner join units
        on
            coalesce(
                stops.holder_unit_code,
                case when stops.reason = 'supplement' then '{{ var("unit_applicant") }}' end
            ) = units.reference
            and {{ to_day('stops.stopped_at') }} between units.refers_from_on and units.refers_to_on
),

stops_told_by_steps as (
    select distinct
        stops.dossier_key,
        stops.started_at
    from stops
    inner join steps
        on
            stops.dossier_key = steps.dossier_key
            and stops.ended_at > steps.started_at
            and stops.started_at < steps.ended_at
    where steps.is_external
),

combined as (
    select * from steps
    union all
    select stops.*
    from stops
    left join stops_told_by_steps as told
        on
            stops.dossier_key = told.dossier_key
            and stops.started_at = told.started_at
    where told.dossier_key is null
)

select
    combined.dossier_key,
    row_number() over (
        partition by combined.dossier_key
        order by
            combined.started_at asc,
            combined.step_no asc nulls last,
            combined.step_key asc nulls last,
            combined.unit_id asc,
            combined.ended_at asc
    ) as holding_no,
    combined.holding_kind,
    combined.step_key,
    combined.unit_id,
    case
        when {{ to_day('least(combined.ended_at, combined.passed_at)') }} <= officers.valid_to_on
            then combined.officer_key
        else 0
    end as officer_key,
    combined.is_external,
    combined.started_at,
    combined.ended_at,
    combined.due_at,
    combined.allowed_days,
    combined.passed_at,
    combined.term_started_at
from combined
left join officers on combined.officer_key = officers.officer_key
