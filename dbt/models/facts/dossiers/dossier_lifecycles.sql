-- One row per dossier: who, what, when, and the due dates that governed at its end (or govern at the end
-- of as_of_on while it is open). Every rate and every form is reckoned from here.
with

run_context as (
    select
        as_of_on,
        {{ end_of_day('as_of_on') }} as as_of_at
    from {{ source('control', 'run_context') }}
),

known as (
    select * from {{ ref('known_dossiers') }}
),

headers as (
    select * from {{ ref('stg_dossiers') }}
),

endings as (
    select * from {{ ref('dossier_endings') }}
),

tallies as (
    select * from {{ ref('dossier_tallies') }}
),

-- the run in which the clock of a dossier stands at the end of as_of_on
standing_clocks as (
    select
        dossier_key,
        stopped_at
    from {{ ref('dossier_clock_runs') }}
    where restarted_at is null
),

channels as (
    select
        channel,
        channel_group
    from {{ ref('channels') }}
),

due_dates as (
    select * from {{ ref('dossier_due_dates') }}
),

original_due_dates as (
    select
        dossier_key,
        {{ first_known('due_at', 'version_no') }} as original_due_at
    from due_dates
    where reason = 'initial'
    group by dossier_key
),

described as (
    select
        known.dossier_key,
        known.dossier_code,
        known.namespace,
        known.source,
        known.has_header,
        coalesce(headers.procedure_code, 'unknown') as procedure_code,
        coalesce(headers.field_code, headers.field_name) as field_code,
        headers.procedure_level,
        case
            when headers.channel is null then 'unknown'
            else coalesce(channels.channel, 'other')
        end as channel,
        coalesce(channels.channel_group, 'other') as channel_group,
        headers.channel_source,
        coalesce(headers.officer, 'unknown') as officer,
        headers.submitted_at,
        coalesce(headers.received_at, endings.received_at) as received_at,
        endings.returned_at,
        endings.finished_at,
        endings.ended_as,
        endings.is_accepted,
        coalesce(endings.status_code, 'unknown') as status_code,
        endings.last_status_class,
        endings.is_in_pause,
        case when endings.finished_at is null then standing_clocks.stopped_at end as clock_stopped_at,
        coalesce(endings.is_header_finish_different, false) as is_header_finish_different,
        coalesce(endings.state_basis, 'first_seen') as state_basis,
        coalesce(endings.finished_at, run_context.as_of_at) as judged_at,
        coalesce(headers.is_deleted_at_source, false) as is_deleted_at_source,
        headers.bad_columns,
        headers.reported_is_on_time,
        headers.reported_due_at,
        run_context.as_of_on,
        run_context.as_of_at
    from known
    cross join run_context
    left join headers on known.dossier_key = headers.dossier_key
    left join endings on known.dossier_key = endings.dossier_key
    left join standing_clocks on known.dossier_key = standing_clocks.dossier_key
    left join channels on headers.channel = channels.channel
),

with_exclusions as (
    select
        *,
        {{ to_day('coalesce(received_at, submitted_at, finished_at, as_of_at)') }} as resolved_on,
        -- an open dossier has none: greatest() alone would take the day of receipt for its finish
        case
            when finished_at is not null then greatest(finished_at, received_at)
        end as counted_finished_at,
        case
            when not has_header then 'no_header'
            when received_at > as_of_at then 'after_as_of'
            when not coalesce(is_accepted, false) then 'not_accepted'
            when received_at is null then 'no_received_at'
            when is_deleted_at_source and finished_at is null then 'deleted_at_source'
        end as exclusion_code
    from described
)

select
    dossiers.dossier_key,
    dossiers.dossier_code,
    dossiers.namespace,
    dossiers.source,
    coalesce(units.unit_id, 'unknown') as unit_id,
    coalesce(units.unit_key, 0) as unit_key,
    coalesce(units.receiving_unit_id, 'unknown') as receiving_unit_id,
    coalesce(units.current_unit_id, 'unknown') as current_unit_id,
    coalesce(units.unit_code, 'unknown') as unit_code,
    coalesce(procedures.procedure_key, 0) as procedure_key,
    dossiers.procedure_code,
    coalesce(dossiers.field_code, procedures.field_code, 'unknown') as field_code,
    coalesce(dossiers.procedure_level, procedures.procedure_level, 'unknown') as procedure_level,
    dossiers.channel,
    dossiers.channel_group,
    dossiers.channel_source,
    coalesce(officers.officer_id, 'unknown') as officer_id,
    coalesce(officers.officer_key, 0) as officer_key,
    dossiers.submitted_at,
    dossiers.received_at,
    original_due_dates.original_due_at,
    governing.due_at,
    governing.reason as due_reason,
    governing.basis as due_basis,
    planned.due_at as planned_due_at,
    dossiers.finished_at,
    dossiers.counted_finished_at,
    dossiers.returned_at,
    dossiers.ended_as,
    dossiers.status_code,
    case
        when dossiers.exclusion_code is not null then 'excluded'
        when dossiers.ended_as is not null then dossiers.ended_as
        when
            dossiers.last_status_class = 'paused'
            or dossiers.is_in_pause
            or dossiers.clock_stopped_at is not null
            then 'paused'
        else 'open'
    end as status_class,
    dossiers.state_basis,
    dossiers.exclusion_code is null as is_counted,
    dossiers.exclusion_code,
    dossiers.is_deleted_at_source,
    tallies.supplement_count,
    tallies.reappointment_count,
    -- NULL where the namespace shows no re-appointment at all, so that no apology can be known
    case
        when tallies.reappointment_count is not null
            then coalesce(tallies.first_reappointed_at <= dossiers.judged_at, false)
    end as has_apology,
    tallies.paused_days,
    dossiers.clock_stopped_at,
    -- the day up to which an open dossier is measured: the due date moves along while the clock stands
    least(
        dossiers.as_of_on, coalesce({{ to_day('dossiers.clock_stopped_at') }}, dossiers.as_of_on)
    ) as measured_on,
    dossiers.reported_is_on_time,
    dossiers.reported_due_at,
    {{ join_texts([
        "case when dossiers.bad_columns is not null then 'bad_cells' end",
        "case when dossiers.is_deleted_at_source then 'deleted_at_source' end",
        "case when governing.due_at < dossiers.received_at then 'due_before_received' end",
        "case when dossiers.finished_at is not null and dossiers.last_status_class in ('open', 'paused')"
        ~ " then 'finished_but_status_open' end",
        "case when dossiers.finished_at < dossiers.received_at then 'finished_before_received' end",
        "case when dossiers.is_header_finish_different then 'header_finish_differs' end",
        "case when not dossiers.has_header then 'no_header' end",
        "case when dossiers.received_at is null then 'no_received_at' end",
    ]) }} as flags,
    dossiers.as_of_on
from with_exclusions as dossiers
left join tallies on dossiers.dossier_key = tallies.dossier_key
left join original_due_dates on dossiers.dossier_key = original_due_dates.dossier_key
left join due_dates as governing
    on
        dossiers.dossier_key = governing.dossier_key
        and governing.is_governing
        and dossiers.judged_at >= governing.effective_from_at
        and dossiers.judged_at < governing.effective_to_at
left join due_dates as planned
    on
        dossiers.dossier_key = planned.dossier_key
        and not planned.is_governing
        and dossiers.judged_at >= planned.effective_from_at
        and dossiers.judged_at < planned.effective_to_at
left join {{ ref('dossier_units') }} as units on dossiers.dossier_key = units.dossier_key
left join {{ ref('procedure_versions') }} as procedures
    on
        dossiers.procedure_code = procedures.procedure_code
        and dossiers.resolved_on between procedures.resolves_from_on and procedures.resolves_to_on
left join {{ ref('officer_versions') }} as officers
    on
        dossiers.officer = officers.officer_code
        and dossiers.resolved_on between officers.resolves_from_on and officers.resolves_to_on
