select
    cause_code,
    name_vi,
    name_en,
    is_subjective,
    legal_source,
    status as legal_status
from {{ ref('delay_causes') }}
