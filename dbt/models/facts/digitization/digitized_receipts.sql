-- Of the dossiers received in a period: which had to be scanned, which were, and which re-use data that
-- was digitized before. Only units and fields of whose dossiers a source says it at all.
with

dossiers as (
    select * from {{ ref('stg_dossiers') }}
),

dossier_period_states as (
    select * from {{ ref('dossier_period_states') }}
),

lifecycles as (
    select
        dossier_key,
        procedure_code,
        {{ to_day('received_at') }} as received_on
    from {{ ref('dossier_lifecycles') }}
    where is_counted
),

procedures as (
    select * from {{ ref('procedure_versions') }}
),

scanning_starts as (
    select
        procedure_level,
        starts_on
    from {{ ref('scanning_starts') }}
),

other_starts as (
    select starts_on
    from scanning_starts
    where procedure_level = 'unknown'
),

marked_dossiers as (
    select
        {{ dossier_key('dossiers') }} as dossier_key,
        has_digitized_components,
        is_reusing_data
    from dossiers
    where has_digitized_components is not null or is_reusing_data is not null
),

-- a procedure known to give no result on paper is not asked for scans
with_paper_result as (
    select
        lifecycles.dossier_key,
        lifecycles.received_on,
        coalesce(procedures.has_paper_result, true) as has_paper_result
    from lifecycles
    left join procedures
        on
            lifecycles.procedure_code = procedures.procedure_code
            and lifecycles.received_on between procedures.resolves_from_on and procedures.resolves_to_on
),

-- what was submitted online is digital already and needs no scanning; before the start nobody had to scan
receipts as (
    select
        dossier_period_states.period_key,
        dossier_period_states.unit_id,
        dossier_period_states.field_code,
        dossier_period_states.channel_group <> 'online'
        and with_paper_result.has_paper_result
        and with_paper_result.received_on >= coalesce(scanning_starts.starts_on, other_starts.starts_on)
        and marked_dossiers.has_digitized_components is not null as is_to_scan,
        marked_dossiers.has_digitized_components as is_scanned,
        marked_dossiers.dossier_key is not null as is_marked,
        marked_dossiers.is_reusing_data
    from dossier_period_states
    inner join with_paper_result on dossier_period_states.dossier_key = with_paper_result.dossier_key
    cross join other_starts
    left join scanning_starts on dossier_period_states.procedure_level = scanning_starts.procedure_level
    left join marked_dossiers on dossier_period_states.dossier_key = marked_dossiers.dossier_key
    where dossier_period_states.is_received
)

select
    period_key,
    unit_id,
    field_code,
    cast(count(*) as bigint) as dossiers_received,
    cast(sum(case when is_to_scan then 1 else 0 end) as bigint) as dossiers_to_scan,
    cast(sum(case when is_to_scan and is_scanned then 1 else 0 end) as bigint) as dossiers_scanned,
    cast(
        case
            when count(is_reusing_data) > 0 then sum(case when is_reusing_data then 1 else 0 end)
        end as bigint
    ) as dossiers_reusing_data
from receipts
group by period_key, unit_id, field_code
having sum(case when is_marked then 1 else 0 end) > 0
