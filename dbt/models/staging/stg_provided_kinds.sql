-- Record kinds that a namespace delivers at all. Where a kind is not delivered, its counts are unknown, not 0.
select
    namespace,
    record_kind,
    max(extracted_at) as data_through_at
from {{ ref('stg_outcomes') }}
group by namespace, record_kind
