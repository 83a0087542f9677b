{#
    From raw text to typed versions. What makes a raw row count:
    its load was completed, and it was read under the map that counts for its file (model `stg_files`).
    A load that stands twice after a crash holds the same rows twice; as every reader below takes one row
    per key or one row per change of content, twins never show.
#}

{# Newest version first. Load time never decides; the last two terms make the order total. #}
{% macro newest_first() -%}
    extracted_at desc nulls last,
    latest_by_number desc nulls last,
    latest_by_text desc nulls last,
    file_sha256 desc,
    row_no desc,
    row_hash desc
{%- endmacro %}

{# The same order from the oldest version on. #}
{% macro oldest_first() -%}
    extracted_at asc nulls first,
    latest_by_number asc nulls first,
    latest_by_text asc nulls first,
    file_sha256 asc,
    row_no asc,
    row_hash asc
{%- endmacro %}

{# Every counted row of one record kind; `columns` maps column names to shapes. #}
{% macro raw_versions(kind, columns) %}
    select
        raw_rows._source as source,
        files.namespace,
        files.precedence,
        raw_rows._record_key as record_key,
        {% for column, shape in columns.items() -%}
            {%- if type_of_shape(shape) == type_text() -%}
                raw_rows.{{ column }},
            {%- else -%}
                {{ try_as('raw_rows.' ~ column, type_of_shape(shape)) }} as {{ column }},
            {%- endif %}
        {% endfor -%}
        {{ try_as('raw_rows._extracted_at', type_wall_clock()) }} as extracted_at,
        -- read on the newest version of a key: a newer full extract of the same input does not hold it
        coalesce(
            {{ try_as('raw_rows._extracted_at', type_wall_clock()) }} < extracts.newest_full_extract_at,
            false
        ) as is_deleted_at_source,
        {{ try_as('raw_rows._latest_by', 'decimal(38, 6)') }} as latest_by_number,
        raw_rows._latest_by as latest_by_text,
        raw_rows._bad_columns as bad_columns,
        raw_rows._file_sha256 as file_sha256,
        raw_rows._row_no as row_no,
        raw_rows._row_hash as row_hash,
        extracts.newest_full_extract_at
    from {{ source('raw', kind) }} as raw_rows
    inner join {{ source('raw', '_dlt_loads') }} as loads
        on raw_rows._dlt_load_id = loads.load_id and loads.status = 0
    inner join {{ ref('stg_files') }} as files
        on
            raw_rows._source = files.source
            and raw_rows._file_id = files.file_id
            and raw_rows._map_fingerprint = files.map_fingerprint
    left join {{ ref('stg_full_extracts') }} as extracts
        on
            raw_rows._source = extracts.source
            and raw_rows._input = extracts.input
            and extracts.record_kind = '{{ kind }}'
{% endmacro %}

{#
    One row per (namespace, record key): the newest version of the most trusted source that still has the key.
    A key that a newer full extract of the same input no longer holds is_deleted_at_source.
    Most keys have one row only; sorting is kept for those that have more.
#}
{% macro latest_versions(kind, columns) %}
with versions as (
    {{ raw_versions(kind, columns) }}
),

contested_keys as (
    select
        namespace,
        record_key
    from versions
    group by namespace, record_key
    having count(*) > 1
),

newest_per_source as (
    select versions.*
    from versions
    inner join contested_keys
        on
            versions.namespace = contested_keys.namespace
            and versions.record_key = contested_keys.record_key
    qualify row_number() over (
        partition by versions.source, versions.record_key
        order by {{ newest_first() }}
    ) = 1
),

most_trusted as (
    select *
    from newest_per_source
    qualify row_number() over (
        partition by namespace, record_key
        order by is_deleted_at_source asc, precedence asc, source asc
    ) = 1
),

uncontested as (
    select versions.*
    from versions
    left join contested_keys
        on
            versions.namespace = contested_keys.namespace
            and versions.record_key = contested_keys.record_key
    where contested_keys.record_key is null
),

latest as (
    select * from most_trusted
    union all
    select * from uncontested
)

select
    source,
    namespace,
    record_key,
    {% for column in columns -%}
        {{ column }},
    {% endfor -%}
    extracted_at,
    is_deleted_at_source,
    bad_columns,
    file_sha256,
    row_no
from latest
{% endmacro %}
