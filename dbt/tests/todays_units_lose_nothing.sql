-- Every period read on today's units, from the period tables and from the records one by one: no dossier, step,
-- letter or officer-day gets lost on the way or counts twice.
with

periods as (
    select
        dim_periods.period_key,
        dim_periods.starts_on,
        least(dim_periods.ends_on, run_context.as_of_on) as reckoned_on
    from {{ ref('dim_periods') }} as dim_periods
    cross join {{ source('control', 'run_context') }} as run_context
    where dim_periods.starts_on <= run_context.as_of_on
),

current_units as (
    select distinct
        unit_id,
        current_unit_id
    from {{ ref('dim_units') }}
),

received_by_day as (
    select
        current_unit_id,
        {{ to_day('received_at') }} as done_on,
        count(*) as counted
    from {{ ref('fct_dossiers') }}
    where status_class <> 'excluded'
    group by current_unit_id, {{ to_day('received_at') }}
),

-- a letter stands in the unit where its main handler holds a post (decision 0075)
letters_by_day as (
    select
        current_units.current_unit_id,
        letters.registered_on as done_on,
        count(*) as counted
    from {{ ref('document_shares') }} as letters
    inner join current_units on letters.unit_id = current_units.unit_id
    where letters.is_main and letters.direction in ('in', 'out') and letters.registered_on is not null
    group by current_units.current_unit_id, letters.registered_on
),

records as (
    select
        'received' as measure,
        periods.period_key,
        received_by_day.current_unit_id,
        sum(received_by_day.counted) as counted
    from received_by_day
    inner join periods on received_by_day.done_on between periods.starts_on and periods.reckoned_on
    group by periods.period_key, received_by_day.current_unit_id
    union all
    select
        'letters' as measure,
        periods.period_key,
        letters_by_day.current_unit_id,
        sum(letters_by_day.counted) as counted
    from letters_by_day
    inner join periods on letters_by_day.done_on between periods.starts_on and periods.reckoned_on
    group by periods.period_key, letters_by_day.current_unit_id
    union all
    -- officer-days as they were, told through the units
    select
        'officer_days' as measure,
        officers.period_key,
        current_units.current_unit_id,
        sum(officers.working_days_in_post) as counted
    from {{ ref('fct_officer_periods') }} as officers
    inner join current_units on officers.unit_id = current_units.unit_id
    group by officers.period_key, current_units.current_unit_id
    union all
    select
        'results' as measure,
        digitization.period_key,
        current_units.current_unit_id,
        sum(digitization.results_valid) as counted
    from {{ ref('fct_digitization_periods') }} as digitization
    inner join current_units on digitization.unit_id = current_units.unit_id
    group by digitization.period_key, current_units.current_unit_id
),

tables as (
    select
        'received' as measure,
        period_key,
        current_unit_id,
        sum(received_online + received_other) as counted
    from {{ ref('fct_dossier_periods') }}
    group by period_key, current_unit_id
    union all
    select
        'letters' as measure,
        period_key,
        current_unit_id,
        sum(documents_in + documents_out) as counted
    from {{ ref('fct_officer_periods') }}
    group by period_key, current_unit_id
    union all
    select
        'officer_days' as measure,
        period_key,
        current_unit_id,
        sum(working_days_in_post) as counted
    from {{ ref('fct_officer_periods') }}
    group by period_key, current_unit_id
    union all
    select
        'results' as measure,
        period_key,
        current_unit_id,
        sum(results_valid) as counted
    from {{ ref('fct_digitization_periods') }}
    group by period_key, current_unit_id
)

select
    coalesce(records.measure, tables.measure) as measure,
    coalesce(records.period_key, tables.period_key) as period_key,
    coalesce(records.current_unit_id, tables.current_unit_id) as current_unit_id,
    records.counted as counted_from_records,
    tables.counted as counted_from_tables
from records
full outer join tables
    on
        records.measure = tables.measure
        and records.period_key = tables.period_key
        and records.current_unit_id = tables.current_unit_id
where coalesce(records.counted, 0) <> coalesce(tables.counted, 0)
