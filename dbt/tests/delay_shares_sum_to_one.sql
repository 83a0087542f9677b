-- The delay of a dossier is shared out among its holders without rest.
select
    dossier_key,
    sum(late_days_share) as shares
from {{ ref('fct_delay_responsibility') }}
group by dossier_key
having abs(sum(late_days_share) - 1) > 0.000001
