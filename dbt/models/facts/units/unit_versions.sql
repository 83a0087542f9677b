with recursive

units as (
    select * from {{ ref('stg_units') }}
),

successions as (
    select * from {{ ref('stg_unit_successions') }}
),

source_maps as (
    select * from {{ source('control', 'source_maps') }}
),

mentions as (
    select * from {{ ref('unit_mentions') }}
),

-- a version that its source deleted stands only where the unit has no other
described as (
    select
        units.unit_code,
        units.unit_name,
        units.level,
        lower(units.kind) as kind,
        units.parent_unit_code,
        coalesce(units.valid_from_on, date '1900-01-01') as valid_from_on,
        units.valid_to_on,
        units.is_deleted_at_source,
        units.source,
        units.record_key,
        coalesce(source_maps.precedence, 1000) as precedence,
        min(case when units.is_deleted_at_source then 1 else 0 end)
            over (partition by units.unit_code) as is_every_version_deleted
    from units
    left join source_maps
        on units.source = source_maps.source
    where
        units.unit_code is not null
        and units.unit_code not in ('root', 'unknown')
),

ranked as (
    select
        *,
        row_number() over (
            partition by unit_code, valid_from_on
            order by precedence, source, record_key
        ) as version_rank
    from described
    where not is_deleted_at_source or is_every_version_deleted = 1
),

following as (
    select
        *,
        lead(valid_from_on) over (partition by unit_code order by valid_from_on)
            as next_valid_from_on,
        lag(valid_from_on) over (partition by unit_code order by valid_from_on)
            as previous_valid_from_on
    from ranked
    where version_rank = 1
),

inferred as (
    select mentions.*
    from mentions
    left join following
        on mentions.unit_code = following.unit_code
    where following.unit_code is null
),

-- the default successor: said by the source, else the largest share
default_successions as (
    select
        old_unit_code,
        new_unit_code,
        coalesce(succeeded_on, date '1900-01-01') as succeeded_on,
        row_number() over (
            partition by old_unit_code
            order by
                case when is_default then 0 else 1 end asc,
                coalesce(share, 0) desc,
                succeeded_on desc,
                new_unit_code asc
        ) as succession_rank
    from successions
    where
        old_unit_code is not null
        and new_unit_code is not null
        and old_unit_code <> new_unit_code
        and not is_deleted_at_source
),

-- A chain only runs forward in time: a code that is given anew on the day its old owner ends is not
-- succeeded on that day, and two codes that were swapped never chase each other.
chains as (
    select
        old_unit_code as unit_code,
        new_unit_code as successor_code,
        succeeded_on,
        1 as chain_length
    from default_successions
    where succession_rank = 1
    union all
    select
        chains.unit_code,
        default_successions.new_unit_code as successor_code,
        default_successions.succeeded_on,
        chains.chain_length + 1 as chain_length
    from chains
    inner join default_successions
        on
            chains.successor_code = default_successions.old_unit_code
            and default_successions.succession_rank = 1
            and chains.succeeded_on < default_successions.succeeded_on
),

last_successors as (
    select
        unit_code,
        successor_code,
        row_number() over (partition by unit_code order by chain_length desc) as from_the_end
    from chains
),

members as (
    select
        unit_code,
        coalesce(unit_name, unit_code) as unit_name,
        level,
        coalesce(kind, 'own') as kind,
        coalesce(nullif(parent_unit_code, unit_code), 'root') as parent_unit_id,
        valid_from_on,
        least(
            coalesce(valid_to_on, date '9999-12-31'),
            coalesce({{ date_add_days('next_valid_from_on', -1) }}, date '9999-12-31')
        ) as valid_to_on,
        case
            when previous_valid_from_on is null then date '1900-01-01' else valid_from_on
        end as resolves_from_on,
        coalesce({{ date_add_days('next_valid_from_on', -1) }}, date '9999-12-31') as resolves_to_on,
        false as is_inferred
    from following
    union all
    select
        unit_code,
        coalesce(unit_name, unit_code) as unit_name,
        cast(null as varchar) as level,
        case when is_holder_of_pauses_only then 'external' else 'own' end as kind,
        'root' as parent_unit_id,
        date '1900-01-01' as valid_from_on,
        date '9999-12-31' as valid_to_on,
        date '1900-01-01' as resolves_from_on,
        date '9999-12-31' as resolves_to_on,
        true as is_inferred
    from inferred
    union all
    select
        'root' as unit_code,
        'Toàn bộ đơn vị' as unit_name,
        'root' as level,
        'own' as kind,
        cast(null as varchar) as parent_unit_id,
        date '1900-01-01' as valid_from_on,
        date '9999-12-31' as valid_to_on,
        date '1900-01-01' as resolves_from_on,
        date '9999-12-31' as resolves_to_on,
        false as is_inferred
    union all
    select
        'unknown' as unit_code,
        'Không rõ' as unit_name,
        'unknown' as level,
        'unknown' as kind,
        'root' as parent_unit_id,
        date '1900-01-01' as valid_from_on,
        date '9999-12-31' as valid_to_on,
        date '1900-01-01' as resolves_from_on,
        date '9999-12-31' as resolves_to_on,
        false as is_inferred
)

select
    case
        when members.unit_code = 'unknown' then cast(0 as bigint)
        else {{ surrogate_key(['members.unit_code', 'members.valid_from_on']) }}
    end as unit_key,
    members.unit_code as unit_id,
    members.unit_code,
    members.unit_name,
    members.level,
    members.kind,
    members.parent_unit_id,
    coalesce(last_successors.successor_code, members.unit_code) as current_unit_id,
    members.valid_from_on,
    members.valid_to_on,
    members.resolves_from_on,
    members.resolves_to_on,
    members.is_inferred
from members
left join last_successors
    on
        members.unit_code = last_successors.unit_code
        and last_successors.from_the_end = 1
