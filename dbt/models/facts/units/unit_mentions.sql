with

unit_names as (
    select * from {{ ref('unit_names') }}
),

unit_labels as (
    select * from {{ ref('unit_labels') }}
),

document_handlers as (
    select * from {{ ref('stg_document_handlers') }}
),

results as (
    select * from {{ ref('stg_results') }}
),

officers as (
    select * from {{ ref('stg_officers') }}
),

posts as (
    select * from {{ ref('stg_posts') }}
),

petitions as (
    select * from {{ ref('stg_petitions') }}
),

delay_reviews as (
    select * from {{ ref('stg_delay_reviews') }}
),

reported_figures as (
    select * from {{ ref('stg_reported_figures') }}
),

units as (
    select * from {{ ref('stg_units') }}
),

unit_successions as (
    select * from {{ ref('stg_unit_successions') }}
),

pauses as (
    select * from {{ ref('stg_pauses') }}
),

supplement_requests as (
    select * from {{ ref('stg_supplement_requests') }}
),

-- Where a source names a unit without a code and no list knows the name, the name is the code: of several
-- spellings, the first in the alphabet.
spellings as (
    select
        folded_name,
        min(inferred_unit_code) as unit_code
    from unit_labels
    where unit_code is null
    group by folded_name
),

listed_names as (
    select distinct folded_name from unit_names
),

mentions as (
    select
        unit_code,
        unit_name,
        false as is_holder_of_pauses
    from unit_labels
    union all
    select
        spellings.unit_code,
        spellings.unit_code as unit_name,
        false as is_holder_of_pauses
    from spellings
    left join listed_names on spellings.folded_name = listed_names.folded_name
    where listed_names.folded_name is null
    union all
    select distinct
        unit_code,
        cast(null as varchar) as unit_name,
        false as is_holder_of_pauses
    from document_handlers
    union all
    select distinct
        handler_unit_code as unit_code,
        cast(null as varchar) as unit_name,
        false as is_holder_of_pauses
    from document_handlers
    union all
    select distinct
        unit_code,
        cast(null as varchar) as unit_name,
        false as is_holder_of_pauses
    from results
    union all
    select distinct
        unit_code,
        cast(null as varchar) as unit_name,
        false as is_holder_of_pauses
    from officers
    union all
    select distinct
        unit_code,
        cast(null as varchar) as unit_name,
        false as is_holder_of_pauses
    from posts
    union all
    select distinct
        unit_code,
        cast(null as varchar) as unit_name,
        false as is_holder_of_pauses
    from petitions
    union all
    select distinct
        unit_code,
        cast(null as varchar) as unit_name,
        false as is_holder_of_pauses
    from delay_reviews
    union all
    select distinct
        unit_code,
        cast(null as varchar) as unit_name,
        false as is_holder_of_pauses
    from reported_figures
    union all
    select distinct
        parent_unit_code as unit_code,
        cast(null as varchar) as unit_name,
        false as is_holder_of_pauses
    from units
    union all
    select distinct
        old_unit_code as unit_code,
        cast(null as varchar) as unit_name,
        false as is_holder_of_pauses
    from unit_successions
    union all
    select distinct
        new_unit_code as unit_code,
        cast(null as varchar) as unit_name,
        false as is_holder_of_pauses
    from unit_successions
    union all
    select distinct
        holder_unit_code as unit_code,
        cast(null as varchar) as unit_name,
        true as is_holder_of_pauses
    from pauses
    -- who is asked for papers holds the dossier until they come
    union all
    select distinct
        '{{ var("unit_applicant") }}' as unit_code,
        'Người nộp hồ sơ' as unit_name,
        true as is_holder_of_pauses
    from supplement_requests
)

select
    unit_code,
    -- any one of the names would do; the last in the alphabet is the same one in every rebuild
    max(unit_name) as unit_name,
    {{ all_true('is_holder_of_pauses') }} as is_holder_of_pauses_only
from mentions
where
    unit_code is not null
    and unit_code not in ('root', 'unknown')
group by unit_code
