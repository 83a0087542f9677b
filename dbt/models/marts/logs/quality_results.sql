with

quality_results as (
    select * from {{ source('control', 'quality_results') }}
)

select
    run_id,
    run_at,
    suite,
    expectation_id,
    table_name,
    column_name,
    severity,
    owner,
    status,
    observed,
    unexpected_count,
    message,
    message_vi
from quality_results
