-- Letters are counted on two ways: DOC_IN and DOC_OUT of a unit are the sums over its officers.
with

officers as (
    select
        period_key,
        unit_id,
        sum(documents_in) as documents_in,
        sum(documents_out) as documents_out
    from {{ ref('fct_officer_periods') }}
    group by period_key, unit_id
),

indicators as (
    select
        period_key,
        unit_id,
        max(case when indicator_code = 'DOC_IN' then numerator end) as documents_in,
        max(case when indicator_code = 'DOC_OUT' then numerator end) as documents_out
    from {{ ref('fct_indicators') }}
    where indicator_code in ('DOC_IN', 'DOC_OUT') and scope = 'own'
    group by period_key, unit_id
)

select
    coalesce(officers.period_key, indicators.period_key) as period_key,
    coalesce(officers.unit_id, indicators.unit_id) as unit_id,
    officers.documents_in as officers_in,
    indicators.documents_in as indicator_in,
    officers.documents_out as officers_out,
    indicators.documents_out as indicator_out
from officers
full outer join indicators
    on
        officers.period_key = indicators.period_key
        and officers.unit_id = indicators.unit_id
where
    coalesce(officers.documents_in, 0) <> coalesce(indicators.documents_in, 0)
    or coalesce(officers.documents_out, 0) <> coalesce(indicators.documents_out, 0)
