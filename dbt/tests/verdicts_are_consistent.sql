-- A verdict counts in the denominator or says why not, never both; the numerator is part of the denominator.
select
    dossier_key,
    indicator_code,
    rule_version,
    period_key
from {{ ref('fct_dossier_verdicts') }}
where
    in_numerator not in (0, 1)
    or in_denominator not in (0, 1)
    or in_numerator > in_denominator
    or (in_denominator = 1) <> (exclusion_code is null)
