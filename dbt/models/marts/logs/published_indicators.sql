with

published_indicators as (
    select * from {{ source('control', 'published_indicators') }}
)

select
    release_id,
    cast(released_at as {{ type_wall_clock() }}) as released_at,
    period_key,
    unit_id,
    scope,
    field_code,
    indicator_code,
    rule_version,
    measure_type,
    cast(numerator as bigint) as numerator,
    cast(denominator as bigint) as denominator,
    cast(value as double) as value,
    cast(n as bigint) as n,
    cast(target as double) as target,
    is_met,
    cast(score as double) as score,
    cast(max_score as double) as max_score,
    status,
    cast(published_value as double) as published_value,
    published_release_id,
    published_rule_version,
    restatement_reason,
    as_of_on
from published_indicators
