-- The stock of results at the end of each period, and what was issued in it. A running total per unit and
-- field is read on the last day of each period and on the day before its first; stocks are never summed
-- over shorter periods.
with

run_context as (
    select * from {{ source('control', 'run_context') }}
),

all_periods as (
    select * from {{ ref('periods') }}
    where is_begun
),

held_results as (
    select * from {{ ref('held_results') }}
),

dossiers as (
    select * from {{ ref('dossier_lifecycles') }}
    where is_counted
),

-- periods begin with the first dossier; where there is none, with the first result
first_receipts as (
    select {{ to_day('min(received_at)') }} as first_on
    from dossiers
),

first_issues as (
    select min(issued_on) as first_on
    from held_results
),

-- inside the running period the state is reckoned at the end of the as-of day
periods as (
    select
        all_periods.period_key,
        {{ date_add_days('all_periods.starts_on', -1) }} as eve_on,
        least(all_periods.ends_on, run_context.as_of_on) as reckoned_on
    from all_periods
    cross join run_context
    cross join first_receipts
    cross join first_issues
    where all_periods.ends_on >= coalesce(first_receipts.first_on, first_issues.first_on)
),

changes as (
    select
        unit_id,
        field_code,
        issued_on as changed_on,
        1 as valid_change,
        0 as digitized_change,
        1 as issued_count,
        case when is_electronic then 1 else 0 end as electronic_count,
        case when is_electronic is not null then 1 else 0 end as electronic_known_count
    from held_results
    union all
    select
        unit_id,
        field_code,
        expires_on as changed_on,
        -1 as valid_change,
        case when is_digitized and digitized_from_on < expires_on then -1 else 0 end
            as digitized_change,
        0 as issued_count,
        0 as electronic_count,
        0 as electronic_known_count
    from held_results
    where expires_on < date '9999-12-31'
    union all
    select
        unit_id,
        field_code,
        digitized_from_on as changed_on,
        0 as valid_change,
        1 as digitized_change,
        0 as issued_count,
        0 as electronic_count,
        0 as electronic_known_count
    from held_results
    where is_digitized and digitized_from_on < expires_on
),

days_to_read as (
    select reckoned_on as read_on
    from periods
    union
    select eve_on as read_on
    from periods
),

places as (
    select
        unit_id,
        field_code,
        count(is_digitized) > 0 as is_digitizing_known
    from held_results
    group by unit_id, field_code
),

changes_and_readings as (
    select
        unit_id,
        field_code,
        changed_on as day_on,
        false as is_reading,
        sum(valid_change) as valid_change,
        sum(digitized_change) as digitized_change,
        sum(issued_count) as issued_count,
        sum(electronic_count) as electronic_count,
        sum(electronic_known_count) as electronic_known_count
    from changes
    group by unit_id, field_code, changed_on
    union all
    select
        places.unit_id,
        places.field_code,
        days_to_read.read_on as day_on,
        true as is_reading,
        0 as valid_change,
        0 as digitized_change,
        0 as issued_count,
        0 as electronic_count,
        0 as electronic_known_count
    from places
    cross join days_to_read
),

-- rows of one day are peers: a reading holds all that changed on its day
running_totals as (
    select
        unit_id,
        field_code,
        day_on,
        is_reading,
        sum(valid_change) over up_to_the_day as valid_count,
        sum(digitized_change) over up_to_the_day as digitized_count,
        sum(issued_count) over up_to_the_day as issued_count,
        sum(electronic_count) over up_to_the_day as electronic_count,
        sum(electronic_known_count) over up_to_the_day as electronic_known_count
    from changes_and_readings
    window up_to_the_day as (partition by unit_id, field_code order by day_on)
),

readings as (
    select * from running_totals
    where is_reading
)

-- what no source says is empty, not 0
select
    periods.period_key,
    at_end.unit_id,
    at_end.field_code,
    cast(at_end.valid_count as bigint) as results_valid,
    cast(case when places.is_digitizing_known then at_end.digitized_count end as bigint)
        as results_valid_digitized,
    cast(at_end.issued_count - on_eve.issued_count as bigint) as results_issued,
    cast(
        case
            when at_end.electronic_known_count > on_eve.electronic_known_count
                then at_end.electronic_count - on_eve.electronic_count
        end as bigint
    ) as results_issued_electronic
from periods
inner join readings as at_end on periods.reckoned_on = at_end.day_on
inner join readings as on_eve
    on
        periods.eve_on = on_eve.day_on
        and at_end.unit_id = on_eve.unit_id
        and at_end.field_code = on_eve.field_code
inner join places
    on
        at_end.unit_id = places.unit_id
        and at_end.field_code = places.field_code
where at_end.issued_count > 0
