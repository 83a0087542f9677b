with

dossiers as (
    select * from {{ ref('stg_dossier_versions') }}
),

results as (
    select * from {{ ref('stg_results') }}
),

successions as (
    select * from {{ ref('stg_procedure_successions') }}
),

mentions as (
    select
        procedure_code,
        procedure_name,
        field_code,
        field_name,
        procedure_level as level
    from dossiers
    union all
    select
        procedure_code,
        cast(null as varchar) as procedure_name,
        field_code,
        cast(null as varchar) as field_name,
        cast(null as varchar) as level
    from results
    union all
    select
        old_procedure_code as procedure_code,
        cast(null as varchar) as procedure_name,
        cast(null as varchar) as field_code,
        cast(null as varchar) as field_name,
        cast(null as varchar) as level
    from successions
    union all
    select
        new_procedure_code as procedure_code,
        cast(null as varchar) as procedure_name,
        cast(null as varchar) as field_code,
        cast(null as varchar) as field_name,
        cast(null as varchar) as level
    from successions
)

select
    procedure_code,
    -- any one of the names would do; the last in the alphabet is the same one in every rebuild
    max(procedure_name) as procedure_name,
    -- a field or level is known only where all mentions agree on it
    case when min(field_code) = max(field_code) then max(field_code) end as field_code,
    case when min(field_code) = max(field_code) then max(field_name) end as field_name,
    case when min(level) = max(level) then max(level) end as level
from mentions
where
    procedure_code is not null
    and procedure_code <> 'unknown'
group by procedure_code
