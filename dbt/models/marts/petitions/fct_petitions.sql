with

petitions as (
    select * from {{ ref('stg_petitions') }}
),

run_context as (
    select as_of_on from {{ source('control', 'run_context') }}
),

unit_references as (
    select * from {{ ref('unit_references') }}
)

select
    {{ surrogate_key(['petitions.namespace', 'petitions.petition_code']) }} as petition_key,
    petitions.petition_code,
    petitions.source,
    coalesce(unit_references.unit_id, petitions.unit_code, 'unknown') as unit_id,
    coalesce(unit_references.unit_key, 0) as unit_key,
    petitions.petition_type,
    petitions.sent_at,
    petitions.accepted_at,
    petitions.transferred_at,
    petitions.due_at,
    petitions.answered_at,
    -- by day, as for dossiers: a term ends with its last day
    case
        when petitions.answered_at is not null
            then {{ to_day('petitions.answered_at') }} <= {{ to_day('petitions.due_at') }}
        when {{ to_day('petitions.due_at') }} < run_context.as_of_on then false
    end as is_answered_on_time,
    petitions.is_satisfied,
    petitions.is_deleted_at_source
from petitions
cross join run_context
left join unit_references
    on
        petitions.unit_code = unit_references.reference
        and {{ to_day('coalesce(petitions.sent_at, petitions.accepted_at)') }}
        between unit_references.refers_from_on and unit_references.refers_to_on
