with

listed as (
    select * from {{ ref('fields') }}
),

mentions as (
    select field_code from {{ ref('dossier_lifecycles') }}
    union
    select field_code from {{ ref('issued_results') }}
    union
    select field_code from {{ ref('registered_documents') }}
    union
    select 'unknown' as field_code
),

inferred as (
    select mentions.field_code
    from mentions
    left join listed on mentions.field_code = listed.field_code
    where listed.field_code is null and mentions.field_code is not null
)

select
    field_code,
    name_vi,
    name_en,
    national_code,
    legal_source,
    status as legal_status,
    false as is_inferred
from listed
union all
select
    field_code,
    case when field_code = 'unknown' then 'Không rõ' else field_code end as name_vi,
    case when field_code = 'unknown' then 'Unknown' else field_code end as name_en,
    cast(null as varchar) as national_code,
    cast(null as varchar) as legal_source,
    'assumed' as legal_status,
    true as is_inferred
from inferred
