-- What one person would write by hand: the newest row of every dossier in the registers, the newest due date, and
-- OT_06 by unit and quarter. No history, no clocks, no checks, no contract: the floor that `make bench` compares with.
with

dossiers as (
    select
        dossier_code,
        arg_max(unit_code, _extracted_at) as unit_code,
        try_cast(arg_max(finished_at, _extracted_at) as timestamp) as finished_at,
        arg_max(status_code, _extracted_at) as status_code
    from raw.dossiers
    group by dossier_code
),

due_dates as (
    select
        dossier_code,
        arg_max(try_cast(due_at as timestamp), known_from_at) as due_at
    from raw.due_dates
    group by dossier_code
)

select
    dossiers.unit_code,
    date_trunc('quarter', dossiers.finished_at) as quarter,
    count(*) filter (where cast(dossiers.finished_at as date) <= cast(due_dates.due_at as date)) as on_time,
    count(*) as finished
from dossiers
inner join due_dates using (dossier_code)
where dossiers.finished_at is not null and dossiers.status_code not in ('7', '8')
group by all
order by all
