{{ config(materialized='view') }}
-- A due date that was changed although nothing happened that changes one: since the date before it, no papers
-- were asked for or came, no tax or posting began or ended, and no letter went out.
with

due_dates as (
    select * from {{ ref('dossier_due_dates') }}
    where is_governing
),

with_previous as (
    select
        dossier_key,
        due_at,
        reason,
        known_from_at,
        version_no,
        lag(due_at) over (partition by dossier_key order by version_no) as previous_due_at,
        lag(known_from_at) over (partition by dossier_key order by version_no) as previously_known_at
    from due_dates
),

edits as (
    select * from with_previous
    where reason = 'edited' and due_at <> previous_due_at
),

reasons as (
    select
        dossier_key,
        event_at
    from {{ ref('dossier_events') }}
    where event_type in ('supplement_requested', 'supplement_answered', 'paused', 'resumed')
),

explained as (
    select distinct
        edits.dossier_key,
        edits.version_no
    from edits
    inner join reasons
        on
            edits.dossier_key = reasons.dossier_key
            and edits.previously_known_at < reasons.event_at
            and edits.known_from_at >= reasons.event_at
),

unexplained as (
    select
        edits.*,
        row_number() over (partition by edits.dossier_key order by edits.version_no) as finding_no
    from edits
    left join explained
        on
            edits.dossier_key = explained.dossier_key
            and edits.version_no = explained.version_no
    where explained.dossier_key is null
),

lifecycles as (
    select
        dossier_key,
        source
    from {{ ref('dossier_lifecycles') }}
    where is_counted
)

select
    unexplained.dossier_key,
    'due_date_edited' as finding_code,
    lifecycles.source,
    unexplained.known_from_at as found_at,
    'due ' || cast(unexplained.previous_due_at as varchar)
    || ' became ' || cast(unexplained.due_at as varchar) as evidence
from unexplained
inner join lifecycles on unexplained.dossier_key = lifecycles.dossier_key
where unexplained.finding_no = 1
