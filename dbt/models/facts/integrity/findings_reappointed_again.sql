{{ config(materialized='view') }}
-- More than one new appointment by letter of apology. A second stage and a date after a supplement are no
-- re-appointments.
with

letters as (
    select
        dossier_key,
        due_at,
        known_from_at,
        row_number() over (partition by dossier_key order by version_no) as letter_no,
        count(*) over (partition by dossier_key) as letters
    from {{ ref('dossier_due_dates') }}
    where is_governing and reason = 'reappointed'
),

lifecycles as (
    select
        dossier_key,
        source
    from {{ ref('dossier_lifecycles') }}
    where is_counted
)

select
    letters.dossier_key,
    'reappointed_again' as finding_code,
    lifecycles.source,
    letters.known_from_at as found_at,
    cast(letters.letters as varchar) || ' letters, the second to '
    || cast(letters.due_at as varchar) as evidence
from letters
inner join lifecycles on letters.dossier_key = lifecycles.dossier_key
where letters.letter_no = 2
