-- Index 1: the time a finished dossier took against the legal time. Its end is the last due date given by law
-- (on receipt, for the second stage, after a supplement); a date that was put off or edited does not help.
with

finishes as (
    select
        states.dossier_key,
        states.period_key,
        states.unit_id,
        states.officer_id,
        states.finished_at
    from {{ ref('dossier_period_states') }} as states
    inner join {{ ref('scored_periods') }} as scored_periods
        on states.period_key = scored_periods.period_key
    where states.is_finished and states.ended_as in ('done', 'refused')
),

lawful_due_dates as (
    select
        dossier_key,
        due_at,
        known_from_at,
        version_no
    from {{ ref('dossier_due_dates') }}
    where is_governing and reason not in ('reappointed', 'edited')
),

-- a first date seen later than the finish is still the date that was given
legal_ends as (
    select
        finishes.dossier_key,
        finishes.period_key,
        finishes.unit_id,
        finishes.officer_id,
        {{ to_day('min(finishes.finished_at)') }} as finished_on,
        {{ to_day(first_known(
            'lawful_due_dates.due_at',
            'case when lawful_due_dates.known_from_at <= finishes.finished_at'
            ~ ' then -lawful_due_dates.version_no else lawful_due_dates.version_no end'
        )) }} as legal_end_on
    from finishes
    inner join lawful_due_dates on finishes.dossier_key = lawful_due_dates.dossier_key
    group by finishes.dossier_key, finishes.period_key, finishes.unit_id, finishes.officer_id
)

select
    dossier_key,
    period_key,
    unit_id,
    officer_id,
    1 as index_no,
    {{ points_for_time('finished_on', 'legal_end_on') }} as points
from legal_ends
