{{ config(materialized='view') }}
-- The dossier was still worked on after the finish that its register states. Handing over the result is no
-- work: a step that returns it, or that begins with the finish, may end later. A whole minute of difference,
-- because one may write seconds and the other not.
with

finishes as (
    select * from {{ ref('stated_finishes') }}
    where has_time
),

steps as (
    select
        dossier_key,
        started_at,
        finished_at
    from {{ ref('stg_dossier_steps') }}
    where
        is_governing
        and not is_deleted_at_source
        and status_code is distinct from '{{ var("status_returned") }}'
),

work as (
    select
        finishes.dossier_key,
        max(
            case
                when steps.started_at >= finishes.finished_at then steps.started_at
                else steps.finished_at
            end
        ) as last_worked_at
    from finishes
    inner join steps
        on
            finishes.dossier_key = steps.dossier_key
            and (finishes.finished_at < steps.finished_at or finishes.finished_at < steps.started_at)
    group by finishes.dossier_key
)

select
    finishes.dossier_key,
    'finish_before_last_step' as finding_code,
    finishes.source,
    finishes.found_at,
    'finish ' || cast(finishes.finished_at as varchar)
    || ', last step ' || cast(work.last_worked_at as varchar) as evidence
from finishes
inner join work on finishes.dossier_key = work.dossier_key
where {{ span_in_days('finishes.finished_at', 'work.last_worked_at') }} * 1440 >= 1
