-- When each ended dossier was finished as its register states it on the dossier; the recorded event where the
-- register states nothing. The finish that counts comes from events (model dossier_endings): this one is what
-- may have been overwritten. Only dossiers that are counted.
with

lifecycles as (
    select * from {{ ref('dossier_lifecycles') }}
    where is_counted and finished_at is not null
),

headers as (
    select
        dossier_key,
        coalesce(state_source, source) as source,
        finished_at,
        extracted_at
    from {{ ref('stg_dossiers') }}
),

first_stated as (
    select
        dossier_key,
        source,
        finished_at,
        min(extracted_at) as extracted_at
    from {{ ref('stg_dossier_versions') }}
    where finished_at is not null and dossier_code is not null
    group by dossier_key, source, finished_at
),

-- a source whose every finish is a whole minute writes no seconds
sources as (
    select
        source,
        {{ any_true('extract(second from finished_at) > 0') }} as writes_seconds
    from first_stated
    group by source
),

stated as (
    select
        lifecycles.dossier_key,
        headers.source,
        lifecycles.current_unit_id,
        lifecycles.ended_as,
        lifecycles.due_at,
        lifecycles.due_reason,
        lifecycles.finished_at as counted_finished_at,
        coalesce(headers.finished_at, lifecycles.finished_at) as finished_at,
        coalesce(first_stated.extracted_at, headers.extracted_at) as found_at
    from lifecycles
    inner join headers on lifecycles.dossier_key = headers.dossier_key
    left join first_stated
        on
            headers.dossier_key = first_stated.dossier_key
            and headers.source = first_stated.source
            and headers.finished_at = first_stated.finished_at
)

select
    stated.dossier_key,
    stated.source,
    stated.current_unit_id,
    stated.ended_as,
    stated.due_at,
    stated.due_reason,
    stated.counted_finished_at,
    stated.finished_at,
    {{ to_day('stated.finished_at') }} as finished_on,
    -- midnight to the second is what a date without a time becomes
    stated.finished_at <> cast({{ to_day('stated.finished_at') }} as {{ type_wall_clock() }}) as has_time,
    coalesce(sources.writes_seconds, false) as writes_seconds,
    stated.found_at
from stated
left join sources on stated.source = sources.source
