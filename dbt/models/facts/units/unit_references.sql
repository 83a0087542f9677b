-- Which unit a record means: from its code, or the name it gives instead, and a day to one version. Every code
-- and name that any record uses is here on every day.
with

unit_versions as (
    select * from {{ ref('unit_versions') }}
),

unit_names as (
    select * from {{ ref('unit_names') }}
),

-- the ways in which records write a name
spellings as (
    select distinct
        'name:' || unit_name as reference,
        folded_name
    from {{ ref('unit_labels') }}
    where unit_code is null
),

listed_names as (
    select distinct folded_name from unit_names
),

by_listed_name as (
    select
        spellings.reference,
        bearers.unit_id,
        unit_names.named_from_on,
        unit_names.named_to_on
    from spellings
    inner join unit_names on spellings.folded_name = unit_names.folded_name
    inner join unit_versions as bearers
        on
            unit_names.unit_code = bearers.one_unit_code
            and unit_names.borne_from_on between bearers.code_from_on and bearers.code_to_on
),

-- units met only in records, by the name that is their code
inferred_names as (
    select
        {{ folded_name('one_unit_code') }} as folded_name,
        min(unit_id) as unit_id
    from unit_versions
    where code_from_on = date '1900-01-01'
    group by {{ folded_name('one_unit_code') }}
),

by_inferred_name as (
    select
        spellings.reference,
        inferred_names.unit_id
    from spellings
    inner join inferred_names on spellings.folded_name = inferred_names.folded_name
    left join listed_names on spellings.folded_name = listed_names.folded_name
    where listed_names.folded_name is null
),

named as (
    select * from by_listed_name
    union all
    select
        reference,
        unit_id,
        date '1900-01-01' as named_from_on,
        date '9999-12-31' as named_to_on
    from by_inferred_name
)

select
    one_unit_code as reference,
    unit_id,
    unit_key,
    unit_code,
    current_unit_id,
    code_from_on as refers_from_on,
    code_to_on as refers_to_on
from unit_versions
union all
select
    named.reference,
    unit_versions.unit_id,
    unit_versions.unit_key,
    unit_versions.unit_code,
    unit_versions.current_unit_id,
    greatest(unit_versions.resolves_from_on, named.named_from_on) as refers_from_on,
    least(unit_versions.resolves_to_on, named.named_to_on) as refers_to_on
from named
inner join unit_versions
    on
        named.unit_id = unit_versions.unit_id
        and named.named_from_on <= unit_versions.resolves_to_on
        and named.named_to_on >= unit_versions.resolves_from_on
