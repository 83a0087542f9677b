with

procedure_versions as (
    select * from {{ ref('procedure_versions') }}
),

successors as (
    select * from {{ ref('procedure_successors') }}
),

publications as (
    select * from {{ ref('procedure_publications') }}
)

select
    procedure_versions.procedure_key,
    procedure_versions.procedure_id,
    procedure_versions.procedure_code,
    procedure_versions.procedure_name,
    procedure_versions.field_code,
    procedure_versions.field_name,
    procedure_versions.procedure_level,
    cast(procedure_versions.limit_value as double) as limit_value,
    procedure_versions.limit_unit,
    procedure_versions.has_paper_result,
    procedure_versions.valid_from_on,
    procedure_versions.valid_to_on,
    procedure_versions.resolves_from_on,
    procedure_versions.resolves_to_on,
    coalesce(successors.successor_code, procedure_versions.procedure_id) as current_procedure_id,
    procedure_versions.decided_on,
    procedure_versions.law_effective_on,
    procedure_versions.published_on,
    publications.decision_due_on,
    publications.is_decided_on_time,
    publications.online_due_on,
    publications.is_online_on_time,
    procedure_versions.is_inferred
from procedure_versions
left join successors on procedure_versions.procedure_code = successors.procedure_code
left join publications on procedure_versions.procedure_key = publications.procedure_key
