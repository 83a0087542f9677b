-- Who held a late dossier when its due date passed. Simple while step limits and the working calendar are
-- not reckoned: the one holder at the due moment bears the whole delay, working days stay empty.
with

late_dossiers as (
    select
        dossier_key,
        unit_id,
        responsible_officer_key,
        due_at
    from {{ ref('fct_dossiers') }}
    where timeliness in ('late', 'open_overdue')
),

steps as (
    select * from {{ ref('fct_dossier_steps') }}
    where is_governing
),

delay_reviews as (
    select * from {{ ref('stg_delay_reviews') }}
),

delay_causes as (
    select * from {{ ref('delay_causes') }}
),

-- of several steps that ran at the due moment, the one that began last
running_steps as (
    select
        late_dossiers.dossier_key,
        steps.unit_id,
        steps.officer_key,
        row_number() over (
            partition by late_dossiers.dossier_key
            order by steps.started_at desc, steps.step_no desc nulls last, steps.step_key asc
        ) as step_rank
    from late_dossiers
    inner join steps
        on
            late_dossiers.dossier_key = steps.dossier_key
            and late_dossiers.due_at >= steps.started_at
            and late_dossiers.due_at < coalesce(steps.finished_at, {{ end_of_time() }})
),

reviews as (
    select
        {{ dossier_key('delay_reviews') }} as dossier_key,
        delay_reviews.cause_code,
        row_number() over (
            partition by delay_reviews.namespace, delay_reviews.dossier_code
            order by delay_reviews.reviewed_on desc nulls last, delay_reviews.record_key desc
        ) as review_rank
    from delay_reviews
    where not delay_reviews.is_deleted_at_source
)

select
    late_dossiers.dossier_key,
    coalesce(running_steps.unit_id, late_dossiers.unit_id) as unit_id,
    case
        when running_steps.dossier_key is not null then running_steps.officer_key
        else late_dossiers.responsible_officer_key
    end as officer_key,
    true as is_holder_at_due,
    cast(null as double) as working_days_used,
    cast(null as double) as working_days_allowed,
    cast(1 as double) as late_days_share,
    -- a cause that no list knows is not known
    coalesce(delay_causes.cause_code, 'unknown') as cause_code
from late_dossiers
left join running_steps
    on
        late_dossiers.dossier_key = running_steps.dossier_key
        and running_steps.step_rank = 1
left join reviews
    on
        late_dossiers.dossier_key = reviews.dossier_key
        and reviews.review_rank = 1
left join delay_causes on reviews.cause_code = delay_causes.cause_code
