with

procedure_versions as (
    select * from {{ ref('procedure_versions') }}
)

select
    procedure_key,
    procedure_id,
    procedure_code,
    procedure_name,
    field_code,
    field_name,
    procedure_level,
    cast(limit_value as double) as limit_value,
    limit_unit,
    has_paper_result,
    valid_from_on,
    valid_to_on,
    resolves_from_on,
    resolves_to_on,
    is_inferred
from procedure_versions
