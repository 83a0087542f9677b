select
    dossier_key,
    indicator_code,
    rule_version,
    period_key,
    unit_id,
    field_code,
    in_numerator,
    in_denominator,
    exclusion_code
from {{ ref('dossier_verdicts') }}
