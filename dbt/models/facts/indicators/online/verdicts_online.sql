-- ONLINE: of the dossiers newly received in the period, those that came in online.
with

receipts as (
    select
        dossier_key,
        period_key,
        unit_id,
        field_code,
        channel_group
    from {{ ref('dossier_period_states') }}
    where is_received
)

select
    dossier_key,
    period_key,
    unit_id,
    field_code,
    'ONLINE' as indicator_code,
    'v1' as rule_version,
    channel_group = 'online' as in_numerator,
    true as in_denominator,
    cast(null as varchar) as exclusion_code
from receipts
