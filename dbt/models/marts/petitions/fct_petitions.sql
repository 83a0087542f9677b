with

petitions as (
    select * from {{ ref('petition_due_dates') }}
),

run_context as (
    select as_of_on from {{ source('control', 'run_context') }}
),

unit_versions as (
    select * from {{ ref('unit_versions') }}
)

select
    petitions.petition_key,
    petitions.petition_code,
    petitions.source,
    petitions.unit_id,
    coalesce(unit_versions.unit_key, 0) as unit_key,
    petitions.petition_type,
    petitions.sent_at,
    petitions.accepted_at,
    petitions.transferred_at,
    petitions.due_at,
    petitions.clock_code,
    petitions.clock_starts_on,
    petitions.due_on,
    petitions.answered_at,
    petitions.is_transferred_out,
    case
        -- who answers it, is asked
        when petitions.is_transferred_out or petitions.due_on is null then null
        when petitions.answered_on is not null then petitions.answered_on <= petitions.due_on
        when petitions.due_on < run_context.as_of_on then false
    end as is_answered_on_time,
    petitions.publication_due_on,
    petitions.published_at,
    case
        when petitions.published_on is not null
            then petitions.published_on <= petitions.publication_due_on
        when petitions.publication_due_on < run_context.as_of_on then false
    end as is_published_on_time,
    petitions.is_satisfied,
    petitions.is_deleted_at_source
from petitions
cross join run_context
left join unit_versions
    on
        petitions.unit_id = unit_versions.unit_id
        and petitions.resolved_on
        between unit_versions.resolves_from_on and unit_versions.resolves_to_on
