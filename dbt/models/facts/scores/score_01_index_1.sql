-- Index 1: the time a finished dossier took against the legal time. Its end is what the law promised for the last
-- stage; a date that the office put off or edited does not help. Where no lawful date was ever seen there is
-- nothing to measure against and the dossier is no case.
with

finishes as (
    {{ scored_finishes() }}
),

stages as (
    select
        dossier_key,
        promised_due_at,
        row_number() over (partition by dossier_key order by stage_no desc) as from_the_last
    from {{ ref('dossier_stages') }}
)

select
    finishes.dossier_key,
    finishes.period_key,
    finishes.unit_id,
    finishes.officer_id,
    1 as index_no,
    {{ points_for_time(to_day('finishes.finished_at'), to_day('stages.promised_due_at')) }} as points
from finishes
inner join stages on finishes.dossier_key = stages.dossier_key
where stages.from_the_last = 1 and stages.promised_due_at is not null
