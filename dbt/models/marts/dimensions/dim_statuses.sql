with

statuses as (
    select * from {{ ref('statuses') }}
),

dossier_versions as (
    select * from {{ ref('stg_dossier_versions') }}
),

dossier_steps as (
    select * from {{ ref('stg_dossier_steps') }}
),

met_codes as (
    select status_code from dossier_versions
    union
    select status_code from dossier_steps
),

inferred as (
    select met_codes.status_code
    from met_codes
    left join statuses
        on met_codes.status_code = statuses.status_code
    where
        met_codes.status_code is not null
        and statuses.status_code is null
),

members as (
    select
        status_code,
        status_class,
        name_vi,
        name_en,
        legal_source,
        status as legal_status,
        false as is_inferred
    from statuses
    union all
    -- a code of no list neither ends nor excludes a dossier
    select
        status_code,
        'open' as status_class,
        status_code as name_vi,
        status_code as name_en,
        'Met in the data only' as legal_source,
        'assumed' as legal_status,
        true as is_inferred
    from inferred
)

select
    case
        when status_code = 'unknown' then cast(0 as bigint)
        else {{ surrogate_key(['status_code']) }}
    end as status_key,
    status_code,
    status_class,
    name_vi,
    name_en,
    legal_source,
    legal_status,
    is_inferred
from members
