{{ config(materialized='view') }}
-- One unit finishes many dossiers in one second: a list was closed by a command, not dossier by dossier. Where
-- a source writes no seconds, many more in one minute. The numbers are the project's (dbt_project.yml).
with

finishes as (
    select * from {{ ref('stated_finishes') }}
    where has_time
),

crowds as (
    select
        source,
        current_unit_id,
        {{ to_second('finished_at') }} as finished_at,
        count(*) as dossiers
    from finishes
    group by source, current_unit_id, {{ to_second('finished_at') }}
    having
        count(*) >= {{ var('many_finishes_in_a_minute') }}
        or ({{ any_true('writes_seconds') }} and count(*) >= {{ var('many_finishes_in_a_second') }})
)

select
    finishes.dossier_key,
    'many_finishes_at_once' as finding_code,
    finishes.source,
    finishes.found_at,
    cast(crowds.dossiers as varchar) || ' dossiers of the unit at '
    || cast(crowds.finished_at as varchar) as evidence
from finishes
inner join crowds
    on
        finishes.source = crowds.source
        and finishes.current_unit_id = crowds.current_unit_id
        and {{ to_second('finishes.finished_at') }} = crowds.finished_at
