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
),

-- what the law asks of the stock of every unit of a level by the end of a year
stock_lines as (
    select
        procedure_level,
        period,
        value as stock_target
    from {{ ref('targets') }}
    where indicator_code = 'DIG_STOCK' and unit_code = 'any'
)

select
    tallies.period_key,
    tallies.unit_id,
    coalesce(unit_versions.unit_key, 0) as unit_key,
    coalesce(unit_versions.current_unit_id, 'unknown') as current_unit_id,
    tallies.field_code,
    tallies.results_valid,
    tallies.results_valid_digitized,
    case when tallies.results_valid > 0 then stock_lines.stock_target end as stock_target,
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
left join stock_lines
    on
        unit_versions.level = stock_lines.procedure_level
        and cast(periods.year_no as varchar) = stock_lines.period
