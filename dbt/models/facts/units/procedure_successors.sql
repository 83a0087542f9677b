-- Which procedure stands in the place of each today. A chain only runs forward in time; where one was split, it
-- follows the newest succession, then the first code.
with recursive

successions as (
    select
        old_procedure_code,
        new_procedure_code,
        coalesce(succeeded_on, date '1900-01-01') as succeeded_on,
        row_number() over (
            partition by old_procedure_code
            order by succeeded_on desc, new_procedure_code asc
        ) as succession_rank
    from {{ ref('stg_procedure_successions') }}
    where
        old_procedure_code is not null
        and new_procedure_code is not null
        and old_procedure_code <> new_procedure_code
        and not is_deleted_at_source
),

chains as (
    select
        old_procedure_code as procedure_code,
        new_procedure_code as successor_code,
        succeeded_on,
        1 as chain_length
    from successions
    where succession_rank = 1
    union all
    select
        chains.procedure_code,
        successions.new_procedure_code as successor_code,
        successions.succeeded_on,
        chains.chain_length + 1 as chain_length
    from chains
    inner join successions
        on
            chains.successor_code = successions.old_procedure_code
            and successions.succession_rank = 1
            and chains.succeeded_on < successions.succeeded_on
),

ranked as (
    select
        procedure_code,
        successor_code,
        row_number() over (partition by procedure_code order by chain_length desc) as from_the_end
    from chains
)

select
    procedure_code,
    successor_code
from ranked
where from_the_end = 1
