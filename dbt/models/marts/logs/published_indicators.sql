with

published_indicators as (
    select * from {{ source('control', 'published_indicators') }}
)

select
    release_id,
    released_at,
    period_key,
    unit_id,
    scope,
    field_code,
    indicator_code,
    rule_version,
    measure_type,
    numerator,
    denominator,
    value,
    n,
    target,
    is_met,
    score,
    max_score,
    status,
    published_value,
    published_release_id,
    restatement_reason,
    as_of_on
from published_indicators
