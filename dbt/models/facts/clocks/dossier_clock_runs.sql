-- Unbroken runs of stopped clock: spans that touch or overlap, put together. restarted_at is NULL while it stands.
select
    dossier_key,
    run_no,
    min(stopped_at) as stopped_at,
    case when count(restarted_at) = count(*) then max(restarted_at) end as restarted_at
from {{ ref('dossier_clock_stops') }}
group by dossier_key, run_no
