-- Names are compared here, once for each way of writing one, and not again for each record.
with

dossier_versions as (
    select * from {{ ref('stg_dossier_versions') }}
),

dossier_steps as (
    select * from {{ ref('stg_dossier_steps') }}
),

documents as (
    select * from {{ ref('stg_documents') }}
),

stated as (
    select
        unit_code,
        unit_name
    from dossier_versions
    union
    select
        receiving_unit_code as unit_code,
        receiving_unit_name as unit_name
    from dossier_versions
    union
    select
        unit_code,
        unit_name
    from dossier_steps
    union
    select
        unit_code,
        unit_name
    from documents
)

select
    unit_code,
    unit_name,
    case when unit_code is null then {{ one_unit_code('unit_name') }} end as inferred_unit_code,
    case when unit_code is null then {{ folded_name(one_unit_code('unit_name')) }} end as folded_name
from stated
where unit_code is not null or unit_name is not null
