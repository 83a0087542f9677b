-- Index 2: the time each participating unit took against its own limit. A case is a step that was finished in
-- the period and had a date of its own; a unit that cooperates is scored like the one in charge.
with

steps as (
    select
        step_key,
        unit_id,
        officer_id,
        {{ to_day('finished_at') }} as finished_on,
        {{ to_day('due_at') }} as due_on
    from {{ ref('fct_dossier_steps') }}
    -- a sync that tells of the same work does not add to it
    where is_governing and finished_at is not null and due_at is not null
),

scored_periods as (
    select * from {{ ref('scored_periods') }}
)

select
    steps.step_key,
    scored_periods.period_key,
    steps.unit_id,
    steps.officer_id,
    2 as index_no,
    {{ points_for_time('steps.finished_on', 'steps.due_on') }} as points
from steps
inner join scored_periods
    on steps.finished_on between scored_periods.starts_on and scored_periods.reckoned_on
