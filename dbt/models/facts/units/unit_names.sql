-- Which unit a name means, where the list of units gives it to one unit only: syncs name units without code.
select
    lower(unit_name) as folded_name,
    min(unit_code) as unit_code
from {{ ref('stg_units') }}
where unit_name is not null and not is_deleted_at_source
group by lower(unit_name)
having min(unit_code) = max(unit_code)
