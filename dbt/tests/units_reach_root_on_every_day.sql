-- Every unit stands below root on each day exactly once; else a roll-up loses a dossier or counts it twice.
with

paths_to_root as (
    select * from {{ ref('bridge_unit_ancestors') }}
    where ancestor_unit_id = 'root'
),

units as (
    select distinct unit_id from {{ ref('dim_units') }}
),

covered as (
    select
        units.unit_id,
        coalesce(
            sum({{ days_between('paths_to_root.valid_from_on', 'paths_to_root.valid_to_on') }} + 1), 0
        ) as days_covered,
        {{ days_between("date '1900-01-01'", "date '9999-12-31'") }} + 1 as days_wanted
    from units
    left join paths_to_root
        on units.unit_id = paths_to_root.descendant_unit_id
    group by units.unit_id
)

select * from covered
where days_covered <> days_wanted
