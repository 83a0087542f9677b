-- Index 8: feedback of citizens taken up and answered. One case per petition, in the period in which it was
-- decided: on the day of an answer in time, else on the day after the answer was due. What was passed on to
-- another body is not the unit's to answer. The share that was kept gives the points, later and at each node.
with

petitions as (
    select
        petition_key,
        unit_id,
        {{ to_day('due_at') }} as due_on,
        {{ to_day('answered_at') }} as answered_on
    from {{ ref('fct_petitions') }}
    where
        petition_type = '{{ var("petition_type_feedback") }}'
        and due_at is not null
        and (transferred_at is null or answered_at is not null)
        and not is_deleted_at_source
),

decided as (
    select
        petition_key,
        unit_id,
        coalesce(answered_on <= due_on, false) as is_kept,
        case
            when answered_on <= due_on then answered_on
            else {{ date_add_days('due_on', 1) }}
        end as decided_on
    from petitions
),

scored_periods as (
    select * from {{ ref('scored_periods') }}
)

select
    decided.petition_key,
    scored_periods.period_key,
    decided.unit_id,
    8 as index_no,
    case when decided.is_kept then 1 else 0 end as points
from decided
inner join scored_periods
    on decided.decided_on between scored_periods.starts_on and scored_periods.reckoned_on
