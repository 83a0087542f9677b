-- The recomputed date stands beside the stated ones as evidence, version 0 of a dossier; it governs nothing.
with

stated as (
    select * from {{ ref('dossier_due_dates') }}
),

recomputed as (
    select
        dates.dossier_key,
        dates.recomputed_due_at,
        clocks.counts_from_at
    from {{ ref('recomputed_due_dates') }} as dates
    inner join {{ ref('dossier_clocks') }} as clocks on dates.dossier_key = clocks.dossier_key
)

select
    dossier_key,
    version_no,
    is_governing,
    due_at,
    known_from_at,
    reason,
    basis
from stated
union all
select
    dossier_key,
    0 as version_no,
    false as is_governing,
    recomputed_due_at as due_at,
    counts_from_at as known_from_at,
    'recomputed' as reason,
    'recomputed' as basis
from recomputed
