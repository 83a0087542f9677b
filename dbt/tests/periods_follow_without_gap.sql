-- In each calendar the periods of one type follow one another day by day.
with

periods as (
    select * from {{ ref('dim_periods') }}
),

following as (
    select
        period_key,
        ends_on,
        lead(starts_on) over (partition by calendar, period_type order by starts_on) as next_starts_on
    from periods
)

select * from following
where next_starts_on <> {{ date_add_days('ends_on', 1) }}
