with

officers as (
    select * from {{ ref('stg_officers') }}
),

source_maps as (
    select * from {{ source('control', 'source_maps') }}
),

mentions as (
    select * from {{ ref('officer_mentions') }}
),

unit_references as (
    select * from {{ ref('unit_references') }}
),

-- a version that its source deleted stands only where the officer has no other
described as (
    select
        officers.officer,
        officers.position,
        officers.unit_code,
        coalesce(officers.valid_from_on, date '1900-01-01') as valid_from_on,
        officers.valid_to_on,
        officers.is_deleted_at_source,
        officers.source,
        officers.record_key,
        coalesce(source_maps.precedence, 1000) as precedence,
        min(case when officers.is_deleted_at_source then 1 else 0 end)
            over (partition by officers.officer) as is_every_version_deleted
    from officers
    left join source_maps
        on officers.source = source_maps.source
    where
        officers.officer is not null
        and officers.officer <> 'unknown'
),

ranked as (
    select
        *,
        row_number() over (
            partition by officer, valid_from_on
            order by precedence, source, record_key
        ) as version_rank
    from described
    where not is_deleted_at_source or is_every_version_deleted = 1
),

following as (
    select
        *,
        lead(valid_from_on) over (partition by officer order by valid_from_on) as next_valid_from_on,
        lag(valid_from_on) over (partition by officer order by valid_from_on) as previous_valid_from_on
    from ranked
    where version_rank = 1
),

inferred as (
    select mentions.officer
    from mentions
    left join following
        on mentions.officer = following.officer
    where following.officer is null
),

members as (
    select
        following.officer,
        following.position,
        coalesce(unit_references.unit_id, 'unknown') as unit_id,
        following.valid_from_on,
        least(
            coalesce(following.valid_to_on, date '9999-12-31'),
            coalesce({{ date_add_days('following.next_valid_from_on', -1) }}, date '9999-12-31')
        ) as valid_to_on,
        case
            when following.previous_valid_from_on is null then date '1900-01-01'
            else following.valid_from_on
        end as resolves_from_on,
        coalesce({{ date_add_days('following.next_valid_from_on', -1) }}, date '9999-12-31')
            as resolves_to_on,
        false as is_inferred
    from following
    left join unit_references
        on
            following.unit_code = unit_references.reference
            and following.valid_from_on
            between unit_references.refers_from_on and unit_references.refers_to_on
    union all
    select
        officer,
        cast(null as varchar) as position,
        'unknown' as unit_id,
        date '1900-01-01' as valid_from_on,
        date '9999-12-31' as valid_to_on,
        date '1900-01-01' as resolves_from_on,
        date '9999-12-31' as resolves_to_on,
        true as is_inferred
    from inferred
    union all
    select
        'unknown' as officer,
        cast(null as varchar) as position,
        'unknown' as unit_id,
        date '1900-01-01' as valid_from_on,
        date '9999-12-31' as valid_to_on,
        date '1900-01-01' as resolves_from_on,
        date '9999-12-31' as resolves_to_on,
        false as is_inferred
)

select
    case
        when officer = 'unknown' then cast(0 as bigint)
        else {{ surrogate_key(['officer', 'valid_from_on']) }}
    end as officer_key,
    officer as officer_id,
    officer as officer_code,
    position,
    unit_id,
    valid_from_on,
    valid_to_on,
    resolves_from_on,
    resolves_to_on,
    is_inferred
from members
