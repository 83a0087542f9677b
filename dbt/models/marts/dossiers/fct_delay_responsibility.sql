-- Who held a late dossier, for how long, and with what limit. Needs step limits and delay reviews together
-- with a working calendar; until those rules exist the table is empty rather than guessed.
select
    dossier_key,
    unit_id,
    officer_key,
    cast(null as boolean) as is_holder_at_due,
    cast(null as double) as working_days_used,
    cast(null as double) as working_days_allowed,
    cast(null as double) as late_days_share,
    cast(null as varchar) as cause_code
from {{ ref('dossier_lifecycles') }}
where false
