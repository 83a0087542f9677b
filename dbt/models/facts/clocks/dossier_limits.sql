-- The time limit of each counted dossier, under which regime it runs and when its clock first started.
-- The limit that the dossier itself states comes first; it already holds the case (remote area, organisation …).
-- The procedure's limit on the day of receipt stands in where the dossier states none, longer in remote areas.
with

dossiers as (
    select
        dossier_key,
        received_at,
        procedure_key,
        field_code,
        counted_finished_at,
        as_of_on
    from {{ ref('dossier_lifecycles') }}
    where is_counted
),

headers as (
    select
        dossier_key,
        competent_received_at,
        limit_value,
        limit_unit,
        limit_value_2,
        limit_unit_2,
        is_remote_area
    from {{ ref('stg_dossiers') }}
),

procedures as (
    select
        procedure_key,
        limit_value,
        limit_unit
    from {{ ref('procedure_versions') }}
),

time_rules as (
    select * from {{ ref('time_rules') }}
),

fields as (
    select
        field_code,
        remote_extra_working_days
    from {{ ref('fields') }}
),

limit_units as (
    select * from {{ ref('limit_units') }}
),

chosen as (
    select
        dossiers.dossier_key,
        time_rules.regime_code,
        time_rules.same_day_until,
        dossiers.received_at,
        coalesce(dossiers.counted_finished_at, {{ end_of_day('dossiers.as_of_on') }}) as judged_at,
        case
            when time_rules.starts_at = 'competent'
                then
                    greatest(
                        dossiers.received_at,
                        coalesce(headers.competent_received_at, dossiers.received_at)
                    )
            else dossiers.received_at
        end as clock_started_at,
        case
            when headers.limit_value is not null then 'dossier'
            when procedures.limit_value is not null then 'procedure'
        end as limit_basis,
        coalesce(headers.limit_value, procedures.limit_value) as limit_value,
        case
            when headers.limit_value is not null then headers.limit_unit
            else procedures.limit_unit
        end as limit_unit,
        case when headers.limit_value is not null then headers.limit_value_2 end as limit_value_2,
        case when headers.limit_value is not null then headers.limit_unit_2 end as limit_unit_2,
        case
            when headers.limit_value is null and headers.is_remote_area
                then coalesce(fields.remote_extra_working_days, 0)
            else 0
        end as extra_working_days
    from dossiers
    inner join time_rules
        on
            {{ to_day('dossiers.received_at') }}
            between time_rules.valid_from_on and time_rules.valid_to_on
    left join headers on dossiers.dossier_key = headers.dossier_key
    left join procedures on dossiers.procedure_key = procedures.procedure_key
    left join fields on dossiers.field_code = fields.field_code
)

select
    chosen.dossier_key,
    chosen.regime_code,
    chosen.clock_started_at,
    chosen.judged_at,
    chosen.limit_basis,
    chosen.limit_value,
    chosen.limit_unit,
    chosen.limit_value_2,
    chosen.limit_unit_2,
    chosen.extra_working_days,
    first_units.unit_kind as kind,
    chosen.limit_value * first_units.factor as amount,
    second_units.unit_kind as kind_2,
    chosen.limit_value_2 * second_units.factor as amount_2,
    -- a limit in a unit that no list knows is a limit, but not one that can be reckoned
    coalesce(first_units.is_compared_by_time and second_units.limit_unit is null, false)
        as is_judged_by_time,
    chosen.same_day_until
from chosen
left join limit_units as first_units on lower(chosen.limit_unit) = first_units.limit_unit
left join limit_units as second_units on lower(chosen.limit_unit_2) = second_units.limit_unit
