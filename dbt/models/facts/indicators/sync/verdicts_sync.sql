-- SYNC: of the dossiers newly received in the period, those that the sync to the national portal carries. Only
-- namespaces whose sync delivers dossiers have cases; what came in after its newest extract cannot be judged.
with

syncs as (
    select
        namespace,
        max(data_through_at) as data_through_at
    from {{ ref('sync_sources') }}
    group by namespace
),

comparisons as (
    select
        dossier_key,
        namespace,
        sync_source
    from {{ ref('sync_comparisons') }}
),

dossiers as (
    select
        dossier_key,
        namespace,
        received_at
    from {{ ref('dossier_lifecycles') }}
),

receipts as (
    select
        states.dossier_key,
        states.period_key,
        states.unit_id,
        states.field_code,
        dossiers.received_at,
        syncs.data_through_at,
        comparisons.sync_source is not null as is_carried
    from {{ ref('dossier_period_states') }} as states
    inner join dossiers on states.dossier_key = dossiers.dossier_key
    inner join syncs on dossiers.namespace = syncs.namespace
    left join comparisons on states.dossier_key = comparisons.dossier_key
    where states.is_received and syncs.data_through_at is not null
),

exclusions as (
    select
        *,
        case
            when not is_carried and received_at > data_through_at then 'after_sync_extract'
        end as exclusion_code
    from receipts
),

denominators as (
    select
        *,
        exclusion_code is null as in_denominator
    from exclusions
)

select
    dossier_key,
    period_key,
    unit_id,
    field_code,
    'SYNC' as indicator_code,
    'v1' as rule_version,
    in_denominator and is_carried as in_numerator,
    in_denominator,
    exclusion_code
from denominators
