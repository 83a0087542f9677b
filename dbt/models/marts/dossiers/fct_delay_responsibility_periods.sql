-- Delays of the dossiers finished late in a period, by the unit that answers and the cause. Open overdue dossiers
-- are not in it: their delay is not over, and no period that is told may change when it ends.
with

run_context as (
    select as_of_on from {{ source('control', 'run_context') }}
),

periods as (
    select
        all_periods.period_key,
        all_periods.starts_on,
        least(all_periods.ends_on, run_context.as_of_on) as reckoned_on
    from {{ ref('periods') }} as all_periods
    cross join run_context
    where all_periods.starts_on <= run_context.as_of_on
),

late_finishes as (
    select
        dossier_key,
        late_days,
        counted_finished_on
    from {{ ref('late_dossiers') }}
    where finished_at is not null
),

shares as (
    select
        responsibility.unit_id,
        responsibility.cause_code,
        responsibility.is_holder_at_due,
        responsibility.is_subjective,
        responsibility.late_days_share * late_finishes.late_days as late_days,
        late_finishes.counted_finished_on
    from {{ ref('fct_delay_responsibility') }} as responsibility
    inner join late_finishes on responsibility.dossier_key = late_finishes.dossier_key
    where responsibility.is_holder_at_due or responsibility.late_days_share > 0
),

summed as (
    select
        periods.period_key,
        shares.unit_id,
        shares.cause_code,
        sum(case when shares.is_holder_at_due then 1 else 0 end) as late_dossier_count,
        -- sums of fractions are rounded: they must not depend on the order of rows
        round(sum(shares.late_days), 6) as late_days,
        round(sum(case when shares.is_subjective then shares.late_days else 0 end), 6)
            as subjective_late_days,
        round(sum(case when not shares.is_subjective then shares.late_days else 0 end), 6)
            as objective_late_days
    from shares
    inner join periods
        on shares.counted_finished_on between periods.starts_on and periods.reckoned_on
    group by periods.period_key, shares.unit_id, shares.cause_code
),

with_totals as (
    select
        *,
        sum(late_days) over (partition by period_key) as period_late_days
    from summed
)

select
    period_key,
    unit_id,
    cause_code,
    cast(late_dossier_count as bigint) as late_dossier_count,
    cast(late_days as double) as late_days,
    cast(round(late_days / nullif(period_late_days, 0), 9) as double) as late_days_share,
    cast(subjective_late_days as double) as subjective_late_days,
    cast(objective_late_days as double) as objective_late_days
from with_totals
