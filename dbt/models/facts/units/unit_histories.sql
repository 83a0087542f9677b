-- Every version of every unit, and which unit it is a version of. A code that was retired and given to another
-- unit is two units: the first bearer has the code as its unit_id, a later one the code and its first day.
with

units as (
    select * from {{ ref('stg_units') }}
),

successions as (
    select * from {{ ref('stg_unit_successions') }}
    where
        old_unit_code is not null
        and new_unit_code is not null
        and not is_deleted_at_source
),

source_maps as (
    select * from {{ source('control', 'source_maps') }}
),

mentions as (
    select * from {{ ref('unit_mentions') }}
),

-- a version that its source deleted stands only where the unit has no other
described as (
    select
        units.unit_code,
        units.unit_label,
        units.unit_name,
        units.level,
        lower(units.kind) as kind,
        units.parent_unit_code,
        coalesce(units.valid_from_on, date '1900-01-01') as valid_from_on,
        units.valid_to_on,
        units.is_deleted_at_source,
        units.source,
        units.record_key,
        coalesce(source_maps.precedence, 1000) as precedence,
        min(case when units.is_deleted_at_source then 1 else 0 end)
            over (partition by units.unit_code) as is_every_version_deleted
    from units
    left join source_maps
        on units.source = source_maps.source
    where
        units.unit_code is not null
        and units.unit_code not in ('root', 'unknown')
),

ranked as (
    select
        *,
        row_number() over (
            partition by unit_code, valid_from_on
            order by precedence, source, record_key
        ) as version_rank
    from described
    where not is_deleted_at_source or is_every_version_deleted = 1
),

listed as (
    select
        unit_code,
        coalesce(unit_label, unit_code) as unit_label,
        coalesce(unit_name, unit_label, unit_code) as unit_name,
        level,
        coalesce(kind, 'own') as kind,
        parent_unit_code,
        valid_from_on,
        coalesce(valid_to_on, date '9999-12-31') as valid_to_on,
        false as is_inferred
    from ranked
    where version_rank = 1
),

listed_codes as (
    select distinct unit_code from listed
),

-- the unit a retired one hands on to: said by the source, else the largest share
retirements as (
    select
        old_unit_code as unit_code,
        new_unit_code as successor_code,
        coalesce(succeeded_on, date '1900-01-01') as retired_on,
        row_number() over (
            partition by old_unit_code, succeeded_on
            order by
                case when is_default then 0 else 1 end asc,
                coalesce(share, 0) desc,
                new_unit_code asc
        ) as succession_rank
    from successions
),

-- a unit that goes on under its own code is not retired
retired_codes as (
    select
        unit_code,
        retired_on
    from retirements
    where succession_rank = 1 and successor_code <> unit_code
),

-- A code that was retired and on or after that day is given to a successor: another unit, though no list
-- may describe it.
births as (
    select
        successions.new_unit_code as unit_code,
        min(successions.succeeded_on) as born_on
    from successions
    inner join retired_codes
        on
            successions.new_unit_code = retired_codes.unit_code
            and successions.succeeded_on >= retired_codes.retired_on
    left join listed
        on
            successions.new_unit_code = listed.unit_code
            and retired_codes.retired_on <= listed.valid_from_on
    where listed.unit_code is null
    group by successions.new_unit_code
),

inferred as (
    select
        mentions.unit_code,
        coalesce(mentions.unit_name, mentions.unit_code) as unit_name,
        case when mentions.is_holder_of_pauses_only then 'external' else 'own' end as kind,
        date '1900-01-01' as valid_from_on
    from mentions
    left join listed_codes on mentions.unit_code = listed_codes.unit_code
    where listed_codes.unit_code is null
    union all
    select
        unit_code,
        unit_code as unit_name,
        'own' as kind,
        born_on as valid_from_on
    from births
),

versions as (
    select * from listed
    union all
    select
        unit_code,
        unit_code as unit_label,
        unit_name,
        cast(null as varchar) as level,
        kind,
        cast(null as varchar) as parent_unit_code,
        valid_from_on,
        date '9999-12-31' as valid_to_on,
        true as is_inferred
    from inferred
),

following as (
    select
        *,
        {{ folded_name('unit_name') }} as folded_name,
        lag(valid_from_on) over (partition by unit_code order by valid_from_on) as previous_from_on,
        lag(valid_to_on) over (partition by unit_code order by valid_from_on) as previous_to_on,
        lag({{ folded_name('unit_name') }}) over (partition by unit_code order by valid_from_on)
            as previous_folded_name
    from versions
),

retired_between as (
    select
        following.unit_code,
        following.valid_from_on,
        {{ any_true('retired_codes.unit_code is not null') }} as is_handed_on
    from following
    inner join successions
        on
            following.unit_code = successions.old_unit_code
            and coalesce(successions.succeeded_on, date '1900-01-01') > following.previous_from_on
            and coalesce(successions.succeeded_on, date '1900-01-01') <= following.valid_from_on
    left join retired_codes
        on
            successions.old_unit_code = retired_codes.unit_code
            and coalesce(successions.succeeded_on, date '1900-01-01') = retired_codes.retired_on
    group by following.unit_code, following.valid_from_on
),

-- Another unit takes the code where the old one had handed its work on, or had ended and the new one has
-- another name. A new name from one day to the next is a new name.
told_apart as (
    select
        following.*,
        case
            when following.previous_from_on is null then 0
            when retired_between.is_handed_on then 1
            when following.folded_name = following.previous_folded_name then 0
            when retired_between.unit_code is not null then 1
            when {{ days_between('following.previous_to_on', 'following.valid_from_on') }} > 1 then 1
            else 0
        end as is_other_unit
    from following
    left join retired_between
        on
            following.unit_code = retired_between.unit_code
            and following.valid_from_on = retired_between.valid_from_on
),

numbered as (
    select
        *,
        sum(is_other_unit) over (
            partition by unit_code order by valid_from_on
            rows between unbounded preceding and current row
        ) as bearer_no
    from told_apart
),

identified as (
    select
        *,
        min(valid_from_on) over (partition by unit_code, bearer_no) as unit_from_on,
        lead(valid_from_on) over (partition by unit_code order by valid_from_on) as code_next_from_on,
        lead(valid_from_on) over (partition by unit_code, bearer_no order by valid_from_on)
            as unit_next_from_on
    from numbered
)

select
    {{ surrogate_key(['unit_code', 'valid_from_on']) }} as unit_key,
    case
        when bearer_no = 0 then unit_code
        else unit_code || '~' || cast(unit_from_on as varchar)
    end as unit_id,
    unit_code as one_unit_code,
    unit_label as unit_code,
    unit_name,
    level,
    kind,
    nullif(parent_unit_code, unit_code) as parent_unit_code,
    valid_from_on,
    least(
        valid_to_on,
        coalesce({{ date_add_days('code_next_from_on', -1) }}, date '9999-12-31')
    ) as valid_to_on,
    -- the days that a unit, asked by its unit_id, finds this version on: every day has one
    case when valid_from_on = unit_from_on then date '1900-01-01' else valid_from_on end
        as resolves_from_on,
    coalesce({{ date_add_days('unit_next_from_on', -1) }}, date '9999-12-31') as resolves_to_on,
    -- the days that a record, naming the code, finds this version on
    case when previous_from_on is null then date '1900-01-01' else valid_from_on end as code_from_on,
    coalesce({{ date_add_days('code_next_from_on', -1) }}, date '9999-12-31') as code_to_on,
    is_inferred
from identified
