select
    dossier_key,
    indicator_code,
    rule_version,
    period_key,
    in_numerator,
    in_denominator,
    exclusion_code
from {{ ref('dossier_verdicts') }}
