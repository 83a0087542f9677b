with

procedures as (
    select * from {{ ref('stg_procedures') }}
),

source_maps as (
    select * from {{ source('control', 'source_maps') }}
),

mentions as (
    select * from {{ ref('procedure_mentions') }}
),

-- a version that its source deleted stands only where the procedure has no other
described as (
    select
        procedures.procedure_code,
        procedures.procedure_name,
        procedures.field_code,
        procedures.field_name,
        procedures.level,
        procedures.limit_value,
        procedures.limit_unit,
        procedures.has_paper_result,
        coalesce(procedures.valid_from_on, date '1900-01-01') as valid_from_on,
        procedures.valid_to_on,
        procedures.decided_on,
        procedures.law_effective_on,
        procedures.published_on,
        procedures.is_deleted_at_source,
        procedures.source,
        procedures.record_key,
        coalesce(source_maps.precedence, 1000) as precedence,
        min(case when procedures.is_deleted_at_source then 1 else 0 end)
            over (partition by procedures.procedure_code) as is_every_version_deleted
    from procedures
    left join source_maps
        on procedures.source = source_maps.source
    where
        procedures.procedure_code is not null
        and procedures.procedure_code <> 'unknown'
),

ranked as (
    select
        *,
        row_number() over (
            partition by procedure_code, valid_from_on
            order by precedence, source, record_key
        ) as version_rank
    from described
    where not is_deleted_at_source or is_every_version_deleted = 1
),

following as (
    select
        *,
        lead(valid_from_on) over (partition by procedure_code order by valid_from_on)
            as next_valid_from_on,
        lag(valid_from_on) over (partition by procedure_code order by valid_from_on)
            as previous_valid_from_on
    from ranked
    where version_rank = 1
),

inferred as (
    select mentions.*
    from mentions
    left join following
        on mentions.procedure_code = following.procedure_code
    where following.procedure_code is null
),

members as (
    select
        procedure_code,
        procedure_name,
        field_code,
        field_name,
        level,
        limit_value,
        limit_unit,
        has_paper_result,
        valid_from_on,
        least(
            coalesce(valid_to_on, date '9999-12-31'),
            coalesce({{ date_add_days('next_valid_from_on', -1) }}, date '9999-12-31')
        ) as valid_to_on,
        case
            when previous_valid_from_on is null then date '1900-01-01' else valid_from_on
        end as resolves_from_on,
        coalesce({{ date_add_days('next_valid_from_on', -1) }}, date '9999-12-31') as resolves_to_on,
        decided_on,
        law_effective_on,
        published_on,
        false as is_inferred
    from following
    union all
    select
        procedure_code,
        procedure_name,
        field_code,
        field_name,
        level,
        cast(null as decimal(18, 4)) as limit_value,
        cast(null as varchar) as limit_unit,
        cast(null as boolean) as has_paper_result,
        date '1900-01-01' as valid_from_on,
        date '9999-12-31' as valid_to_on,
        date '1900-01-01' as resolves_from_on,
        date '9999-12-31' as resolves_to_on,
        cast(null as date) as decided_on,
        cast(null as date) as law_effective_on,
        cast(null as date) as published_on,
        true as is_inferred
    from inferred
    union all
    select
        'unknown' as procedure_code,
        'Không rõ' as procedure_name,
        cast(null as varchar) as field_code,
        cast(null as varchar) as field_name,
        cast(null as varchar) as level,
        cast(null as decimal(18, 4)) as limit_value,
        cast(null as varchar) as limit_unit,
        cast(null as boolean) as has_paper_result,
        date '1900-01-01' as valid_from_on,
        date '9999-12-31' as valid_to_on,
        date '1900-01-01' as resolves_from_on,
        date '9999-12-31' as resolves_to_on,
        cast(null as date) as decided_on,
        cast(null as date) as law_effective_on,
        cast(null as date) as published_on,
        false as is_inferred
)

select
    case
        when procedure_code = 'unknown' then cast(0 as bigint)
        else {{ surrogate_key(['procedure_code', 'valid_from_on']) }}
    end as procedure_key,
    procedure_code as procedure_id,
    procedure_code,
    coalesce(procedure_name, procedure_code) as procedure_name,
    coalesce(field_code, 'unknown') as field_code,
    field_name,
    coalesce(level, 'unknown') as procedure_level,
    limit_value,
    limit_unit,
    has_paper_result,
    valid_from_on,
    valid_to_on,
    resolves_from_on,
    resolves_to_on,
    decided_on,
    law_effective_on,
    published_on,
    is_inferred
from members
