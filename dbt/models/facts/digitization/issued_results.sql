-- Issued results: from which day to which each is valid, and from which day it is digitized. What a source
-- deleted is kept here, with its mark.
with

results as (
    select * from {{ ref('stg_results') }}
),

unit_references as (
    select * from {{ ref('unit_references') }}
),

procedures as (
    select * from {{ ref('procedure_versions') }}
)

select
    results.namespace,
    results.result_code,
    results.source,
    results.dossier_code,
    results.procedure_code,
    coalesce(unit_references.unit_id, 'unknown') as unit_id,
    coalesce(results.field_code, procedures.field_code, 'unknown') as field_code,
    results.issued_on,
    results.valid_to_on,
    results.is_permanent,
    -- the first day on which it is no longer valid
    case
        when results.is_permanent or results.valid_to_on is null then date '9999-12-31'
        else greatest({{ date_add_days('results.valid_to_on', 1) }}, results.issued_on)
    end as expires_on,
    results.is_electronic,
    results.is_digitized,
    results.digitized_on,
    -- where no day of digitizing is known, the extract that shows it dates it
    greatest(
        coalesce(results.digitized_on, {{ to_day('results.extracted_at') }}), results.issued_on
    ) as digitized_from_on,
    results.is_deleted_at_source,
    results.bad_columns
from results
left join procedures
    on
        results.procedure_code = procedures.procedure_id
        and results.issued_on between procedures.resolves_from_on and procedures.resolves_to_on
left join unit_references
    on
        results.unit_code = unit_references.reference
        and coalesce(results.issued_on, date '1900-01-01')
        between unit_references.refers_from_on and unit_references.refers_to_on
