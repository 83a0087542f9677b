with

results as (
    select * from {{ ref('issued_results') }}
),

run_context as (
    select as_of_on from {{ source('control', 'run_context') }}
),

unit_versions as (
    select * from {{ ref('unit_versions') }}
)

select
    {{ surrogate_key(['results.namespace', 'results.result_code']) }} as result_key,
    results.result_code,
    results.source,
    results.dossier_code,
    results.unit_id,
    coalesce(unit_versions.unit_key, 0) as unit_key,
    results.procedure_code,
    results.field_code,
    results.issued_on,
    results.valid_to_on,
    results.is_permanent,
    coalesce(
        results.issued_on <= run_context.as_of_on and results.expires_on > run_context.as_of_on,
        false
    ) as is_in_force,
    results.is_electronic,
    results.is_digitized,
    results.digitized_on,
    results.is_deleted_at_source,
    {{ join_texts([
        "case when results.issued_on is null then 'no_issued_on' end",
        "case when results.valid_to_on < results.issued_on then 'expired_before_issued' end",
        "case when results.digitized_on < results.issued_on then 'digitized_before_issued' end",
        "case when results.bad_columns is not null then 'bad_cells' end",
    ]) }} as flags
from results
cross join run_context
left join unit_versions
    on
        results.unit_id = unit_versions.unit_id
        and run_context.as_of_on
        between unit_versions.resolves_from_on and unit_versions.resolves_to_on
