-- The units of a dossier: the one that resolves it, the one that received it, the one that goes on with it
-- today. Where the source moves a dossier to a successor of the unit that had it, that is the reorganisation,
-- not a transfer: the dossier stays with the unit that had it, and the successor is its own continuing unit.
-- Every other dossier follows the default successor. No dossier is ever split.
with recursive

run_context as (
    select as_of_on from {{ source('control', 'run_context') }}
),

headers as (
    select
        dossier_key,
        unit_label,
        {{ unit_reference('unit_code', 'unit_name') }} as reference,
        {{ unit_reference('receiving_unit_code', 'receiving_unit_name') }} as receiving_reference,
        received_at,
        submitted_at,
        extracted_at
    from {{ ref('stg_dossiers') }}
),

endings as (
    select
        dossier_key,
        received_at,
        finished_at
    from {{ ref('dossier_endings') }}
),

unit_references as (
    select * from {{ ref('unit_references') }}
),

dated as (
    select
        headers.dossier_key,
        headers.unit_label,
        headers.reference,
        headers.receiving_reference,
        {{ to_day('headers.extracted_at') }} as extracted_on,
        coalesce(
            {{ to_day('coalesce(headers.received_at, endings.received_at, headers.submitted_at)') }},
            {{ to_day('endings.finished_at') }},
            run_context.as_of_on
        ) as resolved_on
    from headers
    cross join run_context
    left join endings on headers.dossier_key = endings.dossier_key
),

-- a record means by a code the unit that bears it; the newest extract speaks of its own day
dossiers as (
    select
        dated.dossier_key,
        dated.unit_label,
        dated.reference,
        dated.resolved_on,
        greatest(coalesce(dated.extracted_on, dated.resolved_on), dated.resolved_on) as stated_on,
        coalesce(units.unit_id, 'unknown') as unit_id,
        units.unit_key,
        units.unit_code,
        units.current_unit_id,
        receiving_units.unit_id as receiving_unit_id,
        receiving_units.unit_key as receiving_unit_key,
        receiving_units.unit_code as receiving_unit_code
    from dated
    left join unit_references as units
        on
            dated.reference = units.reference
            and dated.resolved_on between units.refers_from_on and units.refers_to_on
    left join unit_references as receiving_units
        on
            dated.receiving_reference = receiving_units.reference
            and dated.resolved_on between receiving_units.refers_from_on and receiving_units.refers_to_on
),

-- what earlier extracts said, where they meant another unit
earlier_statements as (
    select
        dossiers.dossier_key,
        dossiers.resolved_on,
        units.unit_id,
        units.unit_key,
        units.unit_code,
        max(versions.extracted_at) as stated_at
    from {{ ref('stg_dossier_versions') }} as versions
    inner join dossiers on versions.dossier_key = dossiers.dossier_key
    inner join unit_references as units
        on
            {{ unit_reference('versions.unit_code', 'versions.unit_name') }} = units.reference
            and dossiers.resolved_on between units.refers_from_on and units.refers_to_on
    where units.unit_id <> dossiers.unit_id
    group by dossiers.dossier_key, dossiers.resolved_on, units.unit_id, units.unit_key, units.unit_code
),

-- Units that may have had the dossier before: the last one stated that handed its work on to the unit which has
-- it now (a clerk may have put a wrong one right in between), else the one that received it.
holders as (
    select
        dossier_key,
        resolved_on,
        unit_id,
        unit_key,
        unit_code,
        stated_at,
        1 as candidate_no
    from earlier_statements
    union all
    select
        dossier_key,
        resolved_on,
        receiving_unit_id as unit_id,
        receiving_unit_key as unit_key,
        receiving_unit_code as unit_code,
        cast(null as {{ type_wall_clock() }}) as stated_at,
        2 as candidate_no
    from dossiers
    where receiving_unit_id <> unit_id
),

holding_units as (
    select distinct unit_id from holders
),

-- to whom the work of these units has gone, over any number of steps forward in time
heirs as (
    select
        successions.old_unit_id as unit_id,
        successions.new_unit_id as heir_unit_id,
        successions.succeeded_on as left_on,
        successions.succeeded_on
    from {{ ref('unit_successions') }} as successions
    inner join holding_units
        on successions.old_unit_id = holding_units.unit_id
    where successions.old_unit_id <> successions.new_unit_id
    union
    select
        heirs.unit_id,
        successions.new_unit_id as heir_unit_id,
        heirs.left_on,
        successions.succeeded_on
    from heirs
    inner join {{ ref('unit_successions') }} as successions
        on
            heirs.heir_unit_id = successions.old_unit_id
            and heirs.succeeded_on < successions.succeeded_on
),

reorganised as (
    select
        holders.dossier_key,
        holders.unit_id,
        holders.unit_key,
        holders.unit_code,
        continuing.current_unit_id,
        row_number() over (
            partition by holders.dossier_key
            order by
                holders.candidate_no asc, holders.stated_at desc, holders.unit_id asc, heirs.left_on asc
        ) as choice_no
    from holders
    inner join dossiers on holders.dossier_key = dossiers.dossier_key
    inner join unit_references as continuing
        on
            dossiers.reference = continuing.reference
            and dossiers.stated_on between continuing.refers_from_on and continuing.refers_to_on
    inner join heirs
        on
            holders.unit_id = heirs.unit_id
            and continuing.unit_id = heirs.heir_unit_id
            and holders.resolved_on < heirs.left_on
)

select
    dossiers.dossier_key,
    coalesce(kept.unit_id, dossiers.unit_id) as unit_id,
    coalesce(kept.unit_key, dossiers.unit_key, 0) as unit_key,
    coalesce(kept.unit_code, dossiers.unit_label, dossiers.unit_code, 'unknown') as unit_code,
    coalesce(dossiers.receiving_unit_id, 'unknown') as receiving_unit_id,
    coalesce(kept.current_unit_id, dossiers.current_unit_id, 'unknown') as current_unit_id,
    kept.dossier_key is not null as is_reorganised
from dossiers
left join reorganised as kept
    on
        dossiers.dossier_key = kept.dossier_key
        and kept.choice_no = 1
