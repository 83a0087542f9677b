select
    reason,
    name_vi,
    name_en,
    legal_source,
    status as legal_status
from {{ ref('due_reasons') }}
