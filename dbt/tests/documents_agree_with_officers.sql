-- Letters are counted in three ways: by the register (DOC_IN, DOC_OUT), by main handler, and shared among all
-- handlers. A letter has one place in each, so the totals of every period are the same.
with

officers as (
    select
        period_key,
        sum(documents_in) as documents_in,
        sum(documents_out) as documents_out,
        sum(documents_in_shared) as documents_in_shared,
        sum(documents_out_shared) as documents_out_shared,
        sum(documents_due) as documents_due,
        sum(documents_late) as documents_late
    from {{ ref('fct_officer_periods') }}
    group by period_key
),

indicators as (
    select
        period_key,
        sum(case when indicator_code = 'DOC_IN' then numerator end) as documents_in,
        sum(case when indicator_code = 'DOC_OUT' then numerator end) as documents_out,
        sum(case when indicator_code = 'DOC_LATE' then denominator end) as documents_due,
        sum(case when indicator_code = 'DOC_LATE' then numerator end) as documents_late
    from {{ ref('fct_indicators') }}
    where indicator_code in ('DOC_IN', 'DOC_OUT', 'DOC_LATE') and scope = 'own'
    group by period_key
)

select
    coalesce(officers.period_key, indicators.period_key) as period_key,
    officers.documents_in as officers_in,
    officers.documents_in_shared,
    indicators.documents_in as indicator_in,
    officers.documents_out as officers_out,
    officers.documents_out_shared,
    indicators.documents_out as indicator_out,
    officers.documents_late as officers_late,
    indicators.documents_late as indicator_late
from officers
full outer join indicators on officers.period_key = indicators.period_key
where
    coalesce(officers.documents_in, 0) <> coalesce(indicators.documents_in, 0)
    or coalesce(officers.documents_out, 0) <> coalesce(indicators.documents_out, 0)
    or coalesce(officers.documents_in_shared, 0) <> coalesce(indicators.documents_in, 0)
    or coalesce(officers.documents_out_shared, 0) <> coalesce(indicators.documents_out, 0)
    or coalesce(officers.documents_due, 0) <> coalesce(indicators.documents_due, 0)
    or coalesce(officers.documents_late, 0) <> coalesce(indicators.documents_late, 0)
