-- Rates and form are two sums over the same dossiers: OT_06 by date is (8 + 9 without what it leaves out)
-- over (7 without it), LATE_OPEN is 13 over 11 without the undated, ONLINE is 4 over 4 + 5. A rule under which
-- this home has no case at all has no rows.
with

form as (
    select
        period_key,
        unit_id,
        field_code,
        sum(finished_early + finished_on_time - withdrawn - stopped - finished_no_due_date) as on_time,
        sum(finished_total - withdrawn - stopped - finished_no_due_date) as judged,
        sum(open_overdue) as open_overdue,
        sum(open_total - open_no_due_date) as open_with_due_date,
        sum(received_online) as received_online,
        sum(received_online + received_other) as received_new
    from {{ ref('fct_dossier_periods') }}
    group by period_key, unit_id, field_code
),

expected as (
    select
        period_key,
        unit_id,
        field_code,
        'OT_06' as indicator_code,
        'by_date_v1' as rule_version,
        on_time as numerator,
        judged as denominator
    from form
    union all
    select
        period_key,
        unit_id,
        field_code,
        'LATE_OPEN' as indicator_code,
        'by_date_v1' as rule_version,
        open_overdue as numerator,
        open_with_due_date as denominator
    from form
    union all
    select
        period_key,
        unit_id,
        field_code,
        'ONLINE' as indicator_code,
        'v1' as rule_version,
        received_online as numerator,
        received_new as denominator
    from form
)

select
    expected.*,
    indicators.numerator as found_numerator,
    indicators.denominator as found_denominator
from expected
left join {{ ref('fct_indicators') }} as indicators
    on
        expected.period_key = indicators.period_key
        and expected.unit_id = indicators.unit_id
        and expected.field_code = indicators.field_code
        and expected.indicator_code = indicators.indicator_code
        and expected.rule_version = indicators.rule_version
        and indicators.scope = 'own'
where
    expected.numerator <> coalesce(indicators.numerator, 0)
    or expected.denominator <> coalesce(indicators.denominator, 0)
