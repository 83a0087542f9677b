with

indicators as (
    select * from {{ ref('indicators') }}
)

select
    {{ surrogate_key(['indicator_code', 'rule_version']) }} as indicator_key,
    indicator_code,
    rule_version,
    name_vi,
    name_en,
    measure_type,
    direction,
    numerator_definition,
    denominator_definition,
    is_reckoned,
    cast(display_order as bigint) as display_order,
    legal_source,
    status as legal_status,
    owner,
    rule_model,
    replaces_version,
    ratified_on,
    ratified_by,
    definition_fingerprint
from indicators
union all
select
    cast(0 as bigint) as indicator_key,
    'unknown' as indicator_code,
    'unknown' as rule_version,
    'Không rõ' as name_vi,
    'Unknown' as name_en,
    'count' as measure_type,
    cast(null as varchar) as direction,
    cast(null as varchar) as numerator_definition,
    cast(null as varchar) as denominator_definition,
    false as is_reckoned,
    cast(1000 as bigint) as display_order,
    cast(null as varchar) as legal_source,
    'assumed' as legal_status,
    cast(null as varchar) as owner,
    cast(null as varchar) as rule_model,
    cast(null as varchar) as replaces_version,
    cast(null as date) as ratified_on,
    cast(null as varchar) as ratified_by,
    cast(null as varchar) as definition_fingerprint
