-- Whose work a letter is, in two measures: the main handler's alone (is_main), or shared equally among all who
-- are named. The shares of one letter sum to exactly 1: what does not divide goes to the first of them. Work is
-- done in the unit in which the handler holds a post on the day of registration; where no list of officers says
-- so, in the unit that keeps the register.
with

documents as (
    select * from {{ ref('registered_documents') }}
),

listed_handlers as (
    select * from {{ ref('listed_handlers') }}
),

officer_versions as (
    select * from {{ ref('officer_versions') }}
),

-- an officer counts once, whatever stands beside the name; a main handler need not stand in the list
named as (
    select distinct
        document_key,
        officer_id,
        case when officer_id = 'unknown' then handler_unit_id else 'unknown' end as handler_unit_id
    from listed_handlers
    where officer_id <> 'unknown' or handler_unit_id <> 'unknown'
    union
    select
        document_key,
        main_officer_id as officer_id,
        'unknown' as handler_unit_id
    from documents
    where main_officer_id <> 'unknown'
),

ranked as (
    select
        named.*,
        named.officer_id <> 'unknown' and named.officer_id = documents.main_officer_id as is_main,
        count(*) over (partition by named.document_key) as handlers_count,
        row_number() over (
            partition by named.document_key
            order by
                case when named.officer_id = documents.main_officer_id then 0 else 1 end asc,
                named.officer_id asc,
                named.handler_unit_id asc
        ) as handler_no
    from named
    inner join documents on named.document_key = documents.document_key
),

shared as (
    select
        document_key,
        officer_id,
        handler_unit_id,
        is_main,
        cast(
            case
                when handler_no = 1
                    then 1000000 - (handlers_count - 1) * floor(1000000.0 / handlers_count)
                else floor(1000000.0 / handlers_count)
            end / 1000000 as decimal(18, 6)
        ) as share
    from ranked
    union all
    -- a letter without a main handler is nobody's in the first measure; without any handler in both
    select
        documents.document_key,
        'unknown' as officer_id,
        'unknown' as handler_unit_id,
        true as is_main,
        cast(case when ranked.document_key is null then 1 else 0 end as decimal(18, 6)) as share
    from documents
    left join ranked
        on documents.document_key = ranked.document_key and ranked.handler_no = 1
    where documents.main_officer_id = 'unknown'
)

select
    shared.document_key,
    documents.direction,
    documents.registered_on,
    documents.due_on,
    documents.answered_on,
    shared.officer_id,
    coalesce(
        nullif(shared.handler_unit_id, 'unknown'),
        nullif(officer_versions.unit_id, 'unknown'),
        documents.unit_id
    ) as unit_id,
    shared.is_main,
    shared.share
from shared
inner join documents on shared.document_key = documents.document_key
left join officer_versions
    on
        shared.officer_id = officer_versions.officer_id
        and documents.resolved_on
        between officer_versions.resolves_from_on and officer_versions.resolves_to_on
