-- The four ratios of digitization, which are never mixed: of the stock (DIG_STOCK), of the results issued
-- (DIG_RESULT), of the dossiers to scan (DIG_COMP), of the dossiers received (REUSE). What no source says
-- gives no row.
with

tallies as (
    select * from {{ ref('digitization_tallies') }}
),

counts as (
    select
        period_key,
        unit_id,
        field_code,
        'DIG_STOCK' as indicator_code,
        results_valid_digitized as numerator,
        results_valid as denominator
    from tallies
    union all
    select
        period_key,
        unit_id,
        field_code,
        'DIG_RESULT' as indicator_code,
        results_issued_electronic as numerator,
        results_issued as denominator
    from tallies
    union all
    select
        period_key,
        unit_id,
        field_code,
        'DIG_COMP' as indicator_code,
        dossiers_scanned as numerator,
        dossiers_to_scan as denominator
    from tallies
    union all
    select
        period_key,
        unit_id,
        field_code,
        'REUSE' as indicator_code,
        dossiers_reusing_data as numerator,
        dossiers_received as denominator
    from tallies
)

select
    period_key,
    unit_id,
    field_code,
    indicator_code,
    'v1' as rule_version,
    numerator,
    denominator,
    cast(0 as bigint) as excluded_count
from counts
where numerator is not null and denominator is not null
