-- Who stands above whom, and when. Every unit resolves on every day (before its first version as in that
-- version, after its last as in the last), so a roll-up neither loses a row nor counts one twice.
with recursive

versions as (
    select * from {{ ref('unit_versions') }}
),

paths as (
    select
        unit_id as ancestor_unit_id,
        unit_id as descendant_unit_id,
        0 as depth,
        resolves_from_on as valid_from_on,
        resolves_to_on as valid_to_on
    from versions
    union all
    select
        versions.parent_unit_id as ancestor_unit_id,
        paths.descendant_unit_id,
        paths.depth + 1 as depth,
        greatest(paths.valid_from_on, versions.resolves_from_on) as valid_from_on,
        least(paths.valid_to_on, versions.resolves_to_on) as valid_to_on
    from paths
    inner join versions
        on
            paths.ancestor_unit_id = versions.unit_id
            and paths.valid_from_on <= versions.resolves_to_on
            and paths.valid_to_on >= versions.resolves_from_on
    where
        versions.parent_unit_id is not null
        and versions.parent_unit_id <> paths.descendant_unit_id
        -- a hierarchy is never this deep: a circle in the source ends here
        and paths.depth < 12
),

nearest as (
    select
        *,
        row_number() over (
            partition by ancestor_unit_id, descendant_unit_id, valid_from_on
            order by depth asc, valid_to_on desc
        ) as path_rank
    from paths
),

linked as (
    select
        ancestor_unit_id,
        descendant_unit_id,
        depth,
        valid_from_on,
        valid_to_on
    from nearest
    where path_rank = 1
),

-- units whose parents run in a circle never meet the root: they hang below it directly
unlinked as (
    select distinct versions.unit_id
    from versions
    left join linked
        on
            versions.unit_id = linked.descendant_unit_id
            and linked.ancestor_unit_id = 'root'
    where linked.descendant_unit_id is null
)

select * from linked
union all
select
    'root' as ancestor_unit_id,
    unit_id as descendant_unit_id,
    1 as depth,
    date '1900-01-01' as valid_from_on,
    date '9999-12-31' as valid_to_on
from unlinked
