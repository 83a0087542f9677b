-- Units with their history, the unit above each, and the unit that does its work today.
with recursive

histories as (
    select * from {{ ref('unit_histories') }}
),

-- the last time that a unit handed its work on, and to whom; one that goes on by itself has no successor
last_handovers as (
    select
        *,
        row_number() over (partition by old_unit_id order by succeeded_on desc) as from_the_end
    from {{ ref('unit_successions') }}
    where is_default
),

handovers as (
    select
        old_unit_id,
        new_unit_id,
        succeeded_on
    from last_handovers
    where from_the_end = 1 and old_unit_id <> new_unit_id
),

-- A chain only runs forward in time: what goes round in a circle on one day ends after its first step. One
-- succession a year for twenty years is more than any unit has seen.
chains as (
    select
        old_unit_id as unit_id,
        new_unit_id as successor_id,
        succeeded_on,
        1 as chain_length
    from handovers
    union all
    select
        chains.unit_id,
        handovers.new_unit_id as successor_id,
        handovers.succeeded_on,
        chains.chain_length + 1 as chain_length
    from chains
    inner join handovers
        on
            chains.successor_id = handovers.old_unit_id
            and chains.succeeded_on < handovers.succeeded_on
    where chains.chain_length < 20
),

last_successors as (
    select
        unit_id,
        successor_id,
        row_number() over (partition by unit_id order by chain_length desc) as from_the_end
    from chains
),

-- A code above means the unit that bears it at the time; a version may outlast it, so the first day decides.
parents as (
    select
        histories.unit_key,
        parents.unit_id as parent_unit_id
    from histories
    inner join histories as parents
        on
            histories.parent_unit_code = parents.one_unit_code
            and histories.valid_from_on between parents.code_from_on and parents.code_to_on
),

members as (
    select
        histories.unit_key,
        histories.unit_id,
        histories.one_unit_code,
        histories.unit_code,
        histories.unit_name,
        histories.level,
        histories.kind,
        coalesce(parents.parent_unit_id, 'root') as parent_unit_id,
        histories.valid_from_on,
        histories.valid_to_on,
        histories.resolves_from_on,
        histories.resolves_to_on,
        histories.code_from_on,
        histories.code_to_on,
        histories.is_inferred
    from histories
    left join parents on histories.unit_key = parents.unit_key
    union all
    select
        {{ surrogate_key(["'root'", "date '1900-01-01'"]) }} as unit_key,
        'root' as unit_id,
        'root' as one_unit_code,
        'root' as unit_code,
        'Toàn bộ đơn vị' as unit_name,
        'root' as level,
        'own' as kind,
        cast(null as varchar) as parent_unit_id,
        date '1900-01-01' as valid_from_on,
        date '9999-12-31' as valid_to_on,
        date '1900-01-01' as resolves_from_on,
        date '9999-12-31' as resolves_to_on,
        date '1900-01-01' as code_from_on,
        date '9999-12-31' as code_to_on,
        false as is_inferred
    union all
    select
        cast(0 as bigint) as unit_key,
        'unknown' as unit_id,
        'unknown' as one_unit_code,
        'unknown' as unit_code,
        'Không rõ' as unit_name,
        'unknown' as level,
        'unknown' as kind,
        'root' as parent_unit_id,
        date '1900-01-01' as valid_from_on,
        date '9999-12-31' as valid_to_on,
        date '1900-01-01' as resolves_from_on,
        date '9999-12-31' as resolves_to_on,
        date '1900-01-01' as code_from_on,
        date '9999-12-31' as code_to_on,
        false as is_inferred
)

select
    members.unit_key,
    members.unit_id,
    members.one_unit_code,
    members.unit_code,
    members.unit_name,
    members.level,
    members.kind,
    members.parent_unit_id,
    coalesce(last_successors.successor_id, members.unit_id) as current_unit_id,
    members.valid_from_on,
    members.valid_to_on,
    members.resolves_from_on,
    members.resolves_to_on,
    members.code_from_on,
    members.code_to_on,
    members.is_inferred
from members
left join last_successors
    on
        members.unit_id = last_successors.unit_id
        and last_successors.from_the_end = 1
