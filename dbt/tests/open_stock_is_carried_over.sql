-- What a period leaves open is exactly what the next period of the same kind carries in, over all units:
-- the stocks are reckoned for each period from events, so the two are found on different ways.
with

totals as (
    select
        periods.calendar,
        periods.period_type,
        periods.starts_on,
        periods.ends_on,
        sum(form.open_total) as open_total,
        sum(form.carried_in) as carried_in
    from {{ ref('fct_dossier_periods') }} as form
    inner join {{ ref('dim_periods') }} as periods on form.period_key = periods.period_key
    group by periods.calendar, periods.period_type, periods.starts_on, periods.ends_on
)

select
    earlier.calendar,
    earlier.period_type,
    earlier.ends_on,
    earlier.open_total,
    later.carried_in
from totals as earlier
inner join totals as later
    on
        earlier.calendar = later.calendar
        and earlier.period_type = later.period_type
        and later.starts_on = {{ date_add_days('earlier.ends_on', 1) }}
where earlier.open_total <> later.carried_in
