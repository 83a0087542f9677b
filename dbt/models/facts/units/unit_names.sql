-- Which unit a name means, and when: syncs name units without code. A name may pass from one unit to another
-- (the department after a merger is often called as before), but where two units of the lists bear it at one
-- time it means none.
with

listed as (
    select distinct
        {{ folded_name('unit_name') }} as folded_name,
        unit_code,
        coalesce(valid_from_on, date '1900-01-01') as valid_from_on,
        valid_to_on
    from {{ ref('stg_units') }}
    where unit_name is not null and unit_code is not null and not is_deleted_at_source
),

dated as (
    select
        folded_name,
        unit_code,
        valid_from_on,
        max(coalesce(valid_to_on, date '9999-12-31')) as valid_to_on
    from listed
    group by folded_name, unit_code, valid_from_on
),

-- the next version of a unit ends the one before
following as (
    select
        dated.*,
        lead(valid_from_on) over (partition by unit_code order by valid_from_on) as next_valid_from_on
    from dated
),

bearers as (
    select
        folded_name,
        unit_code,
        valid_from_on,
        case
            when next_valid_from_on <= valid_to_on
                then {{ date_add_days('next_valid_from_on', -1) }}
            else valid_to_on
        end as valid_to_on
    from following
),

in_turn as (
    select
        *,
        lag(unit_code) over (partition by folded_name order by valid_from_on, unit_code)
            as previous_unit_code,
        lag(valid_to_on) over (partition by folded_name order by valid_from_on, unit_code)
            as previous_valid_to_on,
        lead(valid_from_on) over (partition by folded_name order by valid_from_on, unit_code)
            as next_named_from_on
    from bearers
),

-- no two versions of one unit overlap, so units that do stand next to each other here
clear_names as (
    select folded_name
    from in_turn
    group by folded_name
    having
        not {{ any_true('previous_unit_code <> unit_code and previous_valid_to_on >= valid_from_on') }}
)

select
    in_turn.folded_name,
    in_turn.unit_code,
    in_turn.valid_from_on as borne_from_on,
    case
        when in_turn.previous_unit_code is null then date '1900-01-01' else in_turn.valid_from_on
    end as named_from_on,
    coalesce({{ date_add_days('in_turn.next_named_from_on', -1) }}, date '9999-12-31') as named_to_on
from in_turn
inner join clear_names on in_turn.folded_name = clear_names.folded_name
