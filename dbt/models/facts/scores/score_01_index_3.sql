-- Index 3: how often the applicant of a finished dossier had to come back to complete it. A contact is a request
-- for supplements between acceptance and finish; what was asked before acceptance is none. Where a source never
-- tells of supplements the dossier is no case.
with

finishes as (
    {{ scored_finishes() }}
),

dossiers as (
    select
        dossier_key,
        received_at
    from {{ ref('dossier_lifecycles') }}
    where supplement_count is not null
),

requests as (
    select
        dossier_key,
        event_at
    from {{ ref('dossier_events') }}
    where event_type = 'supplement_requested'
),

contacts as (
    select
        requests.dossier_key,
        finishes.period_key,
        count(*) as contacts_count
    from finishes
    inner join dossiers on finishes.dossier_key = dossiers.dossier_key
    inner join requests
        on
            finishes.dossier_key = requests.dossier_key
            and dossiers.received_at <= requests.event_at
            and finishes.finished_at >= requests.event_at
    group by requests.dossier_key, finishes.period_key
)

select
    finishes.dossier_key,
    finishes.period_key,
    finishes.unit_id,
    finishes.officer_id,
    3 as index_no,
    case
        when contacts.contacts_count is null then 2
        when contacts.contacts_count = 1 then 1
        else 0
    end as points
from finishes
inner join dossiers on finishes.dossier_key = dossiers.dossier_key
left join contacts
    on
        finishes.dossier_key = contacts.dossier_key
        and finishes.period_key = contacts.period_key
