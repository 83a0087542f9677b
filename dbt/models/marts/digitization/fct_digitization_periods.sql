with

tallies as (
    select * from {{ ref('digitization_tallies') }}
),

periods as (
    select * from {{ ref('periods') }}
),

run_context as (
    select * from {{ source('control', 'run_context') }}
),

unit_versions as (
    select * from {{ ref('unit_versions') }}
)

select
    tallies.period_key,
    tallies.unit_id,
    coalesce(unit_versions.unit_key, 0) as unit_key,
    coalesce(unit_versions.current_unit_id, 'unknown') as current_unit_id,
    tallies.field_code,
    tallies.results_valid,
    tallies.results_valid_digitized,
    tallies.results_issued,
    tallies.results_issued_electronic,
    tallies.dossiers_to_scan,
    tallies.dossiers_scanned,
    tallies.dossiers_reusing_data
from tallies
inner join periods on tallies.period_key = periods.period_key
cross join run_context
left join unit_versions
    on
        tallies.unit_id = unit_versions.unit_id
        and least(periods.ends_on, run_context.as_of_on)
        between unit_versions.resolves_from_on and unit_versions.resolves_to_on
