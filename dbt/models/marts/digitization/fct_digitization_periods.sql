with

all_periods as (
    select * from {{ ref('periods') }}
    where is_begun
),

run_context as (
    select * from {{ source('control', 'run_context') }}
),

results as (
    select * from {{ ref('stg_results') }}
),

procedures as (
    select * from {{ ref('procedure_versions') }}
),

dossiers as (
    select * from {{ ref('stg_dossiers') }}
),

dossier_period_states as (
    select * from {{ ref('dossier_period_states') }}
),

unit_versions as (
    select * from {{ ref('unit_versions') }}
),

-- inside the running period the state is reckoned at the end of the as-of day
periods as (
    select
        all_periods.period_key,
        all_periods.starts_on,
        least(all_periods.ends_on, run_context.as_of_on) as reckoned_on
    from all_periods
    cross join run_context
),

held_results as (
    select
        coalesce(results.unit_code, 'unknown') as unit_id,
        coalesce(results.field_code, procedures.field_code, 'unknown') as field_code,
        results.issued_on,
        results.is_electronic,
        results.is_digitized,
        case
            when results.is_permanent or results.valid_to_on is null then date '9999-12-31'
            else greatest({{ date_add_days('results.valid_to_on', 1) }}, results.issued_on)
        end as expired_on,
        -- where no day of digitizing is known, the extract that shows it first dates it
        greatest(
            coalesce(results.digitized_on, {{ to_day('results.extracted_at') }}), results.issued_on
        ) as digitized_from_on
    from results
    left join procedures
        on
            results.procedure_code = procedures.procedure_id
            and results.issued_on
            between procedures.resolves_from_on and procedures.resolves_to_on
    where not results.is_deleted_at_source
),

changes as (
    select
        unit_id,
        field_code,
        issued_on as changed_on,
        1 as valid_change,
        0 as digitized_change
    from held_results
    union all
    select
        unit_id,
        field_code,
        expired_on as changed_on,
        -1 as valid_change,
        case when is_digitized and digitized_from_on < expired_on then -1 else 0 end
            as digitized_change
    from held_results
    where expired_on < date '9999-12-31'
    union all
    select
        unit_id,
        field_code,
        digitized_from_on as changed_on,
        0 as valid_change,
        1 as digitized_change
    from held_results
    where is_digitized and digitized_from_on < expired_on
),

changes_by_day as (
    select
        unit_id,
        field_code,
        changed_on,
        sum(valid_change) as valid_change,
        sum(digitized_change) as digitized_change
    from changes
    group by unit_id, field_code, changed_on
),

stock as (
    select
        periods.period_key,
        changes_by_day.unit_id,
        changes_by_day.field_code,
        sum(changes_by_day.valid_change) as results_valid,
        sum(changes_by_day.digitized_change) as results_valid_digitized
    from changes_by_day
    inner join periods
        on changes_by_day.changed_on <= periods.reckoned_on
    group by periods.period_key, changes_by_day.unit_id, changes_by_day.field_code
),

digitizing_known as (
    select
        unit_id,
        field_code,
        count(is_digitized) > 0 as is_known
    from held_results
    group by unit_id, field_code
),

issued as (
    select
        periods.period_key,
        held_results.unit_id,
        held_results.field_code,
        count(*) as results_issued,
        case
            when count(held_results.is_electronic) > 0
                then sum(case when held_results.is_electronic then 1 else 0 end)
        end as results_issued_electronic
    from held_results
    inner join periods
        on held_results.issued_on between periods.starts_on and periods.reckoned_on
    group by periods.period_key, held_results.unit_id, held_results.field_code
),

marked_dossiers as (
    select
        {{ dossier_key('dossiers') }} as dossier_key,
        -- what was submitted online is digital already and needs no scanning
        coalesce(channel, 'unknown') <> 'online' and has_digitized_components is not null
            as is_to_scan,
        coalesce(channel, 'unknown') <> 'online' and has_digitized_components as is_scanned,
        is_reusing_data
    from dossiers
    where has_digitized_components is not null or is_reusing_data is not null
),

received as (
    select
        dossier_period_states.period_key,
        dossier_period_states.unit_id,
        dossier_period_states.field_code,
        sum(case when marked_dossiers.is_to_scan then 1 else 0 end) as dossiers_to_scan,
        sum(case when marked_dossiers.is_scanned then 1 else 0 end) as dossiers_scanned,
        case
            when count(marked_dossiers.is_reusing_data) > 0
                then sum(case when marked_dossiers.is_reusing_data then 1 else 0 end)
        end as dossiers_reusing_data
    from dossier_period_states
    inner join marked_dossiers
        on dossier_period_states.dossier_key = marked_dossiers.dossier_key
    where dossier_period_states.is_received
    group by
        dossier_period_states.period_key,
        dossier_period_states.unit_id,
        dossier_period_states.field_code
),

places as (
    select
        period_key,
        unit_id,
        field_code
    from stock
    union
    select
        period_key,
        unit_id,
        field_code
    from received
)

select
    places.period_key,
    places.unit_id,
    coalesce(unit_versions.unit_key, 0) as unit_key,
    places.field_code,
    cast(stock.results_valid as bigint) as results_valid,
    cast(case when digitizing_known.is_known then stock.results_valid_digitized end as bigint)
        as results_valid_digitized,
    cast(
        case when stock.period_key is not null then coalesce(issued.results_issued, 0) end as bigint
    ) as results_issued,
    cast(issued.results_issued_electronic as bigint) as results_issued_electronic,
    cast(received.dossiers_to_scan as bigint) as dossiers_to_scan,
    cast(received.dossiers_scanned as bigint) as dossiers_scanned,
    cast(received.dossiers_reusing_data as bigint) as dossiers_reusing_data
from places
inner join periods
    on places.period_key = periods.period_key
left join stock
    on
        places.period_key = stock.period_key
        and places.unit_id = stock.unit_id
        and places.field_code = stock.field_code
left join digitizing_known
    on
        stock.unit_id = digitizing_known.unit_id
        and stock.field_code = digitizing_known.field_code
left join issued
    on
        places.period_key = issued.period_key
        and places.unit_id = issued.unit_id
        and places.field_code = issued.field_code
left join received
    on
        places.period_key = received.period_key
        and places.unit_id = received.unit_id
        and places.field_code = received.field_code
left join unit_versions
    on
        places.unit_id = unit_versions.unit_id
        and periods.reckoned_on
        between unit_versions.resolves_from_on and unit_versions.resolves_to_on
