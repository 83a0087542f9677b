{#
    From raw text to typed versions. What makes a raw row count:
    its load was completed, and it was read under the map that counts for its file (model `stg_files`).
    A load that stands twice after a crash holds the same rows twice; as every reader below takes one row
    per key or one row per change of content, twins never show.

    A source may name a dossier by its other number (model `dossier_aliases`). That is undone here, in code
    and key, before anything is compared: later layers know one code per dossier.
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

{#
    Every counted row of one record kind; `columns` maps column names to shapes. `key_mark` is SQL over
    `raw_rows` that is added to the key, for what the key of a map may not tell apart.
    Codes of units leave here in one writing, and so do keys that hold them: a register that goes over to
    the other order of the codes does not begin anew. `as_written` names columns to keep beside, as they came.
#}
{% macro raw_versions(kind, columns, resolves_codes=true, key_mark=none, as_written={}) %}
    {%- set has_aliases = resolves_codes and 'dossier_code' in columns %}
    {%- set kinds_keyed_by_unit = [
        'units', 'unit_successions', 'documents', 'document_handlers', 'posts', 'reported_figures', 'targets',
    ] %}
    {%- set unit_codes = [] %}
    {%- for column in columns if column.endswith('unit_code') %}{% do unit_codes.append(column) %}{% endfor %}
    select
        raw_rows._source as source,
        files.namespace,
        files.precedence,
        {% if has_aliases -%}
            case
                when aliases.dossier_code is null then raw_rows._record_key
                else array_to_string(
                    list_transform(
                        string_split(raw_rows._record_key, '|'),
                        lambda part: case
                            when part = aliases.other_code then aliases.dossier_code else part
                        end
                    ),
                    '|'
                )
            end
        {%- elif kind in kinds_keyed_by_unit -%}
            {%- set key = namespace(text="'|' || raw_rows._record_key || '|'") -%}
            {%- for column in unit_codes -%}
                {%- set key.text = "replace(" ~ key.text ~ ", '|' || coalesce(raw_rows." ~ column
                    ~ ", '') || '|', '|' || coalesce(" ~ column ~ "s.one_code, '') || '|')" -%}
            {%- endfor -%}
            ({{ key.text }})[2:-2]
        {%- else -%}
            raw_rows._record_key
        {%- endif %}{{ " || " ~ key_mark if key_mark }} as record_key,
        {% for column, shape in columns.items() -%}
            {%- if has_aliases and column == 'dossier_code' -%}
                coalesce(aliases.dossier_code, raw_rows.dossier_code) as dossier_code,
            {%- elif column in unit_codes -%}
                {{ column }}s.one_code as {{ column }},
            {%- elif type_of_shape(shape) == type_text() -%}
                raw_rows.{{ column }},
            {%- else -%}
                {{ try_as('raw_rows.' ~ column, type_of_shape(shape)) }} as {{ column }},
            {%- endif %}
        {% endfor -%}
        {% for name, column in as_written.items() -%}
            raw_rows.{{ column }} as {{ name }},
        {% endfor -%}
        {% if has_aliases -%}
            aliases.dossier_code is not null as is_other_code,
        {%- endif %}
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
    {% for column in unit_codes -%}
        left join (
            select
                written_codes.{{ column }} as written_code,
                {{ one_unit_code('written_codes.' ~ column) }} as one_code
            from (select distinct {{ column }} from {{ source('raw', kind) }}) as written_codes
        ) as {{ column }}s
            on raw_rows.{{ column }} = {{ column }}s.written_code
    {% endfor -%}
    {% if has_aliases -%}
        left join {{ ref('dossier_aliases') }} as aliases
            on
                files.namespace = aliases.namespace
                and raw_rows.dossier_code = aliases.other_code
    {%- endif %}
{% endmacro %}

{#
    CTEs `versions` and `newest`: the newest version of each key of each source.
    Most keys have one row only; sorting is kept for those that have more.
#}
{% macro newest_per_source(kind, columns, key_mark=none, as_written={}) %}
versions as (
    {{ raw_versions(kind, columns, key_mark=key_mark, as_written=as_written) }}
),

repeated_keys as (
    select
        source,
        record_key
    from versions
    group by source, record_key
    having count(*) > 1
),

newest_of_repeated as (
    select versions.*
    from versions
    inner join repeated_keys
        on
            versions.source = repeated_keys.source
            and versions.record_key = repeated_keys.record_key
    qualify row_number() over (
        partition by versions.source, versions.record_key
        order by {{ newest_first() }}
    ) = 1
),

newest as (
    select * from newest_of_repeated
    union all
    select versions.*
    from versions
    left join repeated_keys
        on
            versions.source = repeated_keys.source
            and versions.record_key = repeated_keys.record_key
    where repeated_keys.record_key is null
)
{% endmacro %}

{#
    One row per (namespace, record key): the newest version of the most trusted source that still has the key.
    A key that a newer full extract of the same input no longer holds is_deleted_at_source.
#}
{% macro latest_versions(kind, columns, as_written={}) %}
with {{ newest_per_source(kind, columns, as_written=as_written) }},

contested_keys as (
    select
        namespace,
        record_key
    from newest
    group by namespace, record_key
    having count(*) > 1
),

most_trusted as (
    select newest.*
    from newest
    inner join contested_keys
        on
            newest.namespace = contested_keys.namespace
            and newest.record_key = contested_keys.record_key
    qualify row_number() over (
        partition by newest.namespace, newest.record_key
        order by newest.is_deleted_at_source asc, newest.precedence asc, newest.source asc
    ) = 1
),

latest as (
    select * from most_trusted
    union all
    select newest.*
    from newest
    left join contested_keys
        on
            newest.namespace = contested_keys.namespace
            and newest.record_key = contested_keys.record_key
    where contested_keys.record_key is null
)

select
    source,
    namespace,
    record_key,
    {% for column in columns -%}
        {{ column }},
    {% endfor -%}
    {% for name in as_written -%}
        {{ name }},
    {% endfor -%}
    extracted_at,
    is_deleted_at_source,
    bad_columns,
    file_sha256,
    row_no
from latest
{% endmacro %}

{#
    One row per (source, record key), for what several sources tell of the same dossier in rows of their own
    making. Per dossier, the most trusted sources that have any row govern; rows of the others stay, marked:
    `less_trusted_source`, or `same_key_elsewhere` where an equally trusted source states the same key.
    A source whose every row of the dossier is deleted gives way to one that still has some.
#}
{% macro governed_versions(kind, columns, key_mark=none) %}
with {{ newest_per_source(kind, columns, key_mark) }},

keyed as (
    select
        {{ dossier_key('newest') }} as dossier_key,
        newest.*
    from newest
),

shares as (
    select
        dossier_key,
        precedence,
        {{ all_true('is_deleted_at_source') }} as is_deleted_at_source,
        min(source) <> max(source) as has_equals
    from keyed
    group by dossier_key, precedence
),

-- only dossiers that more than one degree of trust tells of
governing as (
    select
        dossier_key,
        arg_min(precedence, (is_deleted_at_source, precedence)) as precedence
    from shares
    group by dossier_key
    having count(*) > 1
),

same_keys_elsewhere as (
    select
        keyed.source,
        keyed.record_key
    from keyed
    inner join shares
        on
            keyed.dossier_key = shares.dossier_key
            and keyed.precedence = shares.precedence
            and shares.has_equals
    qualify row_number() over (
        partition by keyed.dossier_key, keyed.precedence, keyed.record_key
        order by keyed.is_deleted_at_source asc, keyed.source asc
    ) > 1
),

judged as (
    select
        keyed.*,
        case
            when keyed.precedence <> governing.precedence then 'less_trusted_source'
            when same_keys_elsewhere.record_key is not null then 'same_key_elsewhere'
        end as not_governing_reason
    from keyed
    left join governing on keyed.dossier_key = governing.dossier_key
    left join same_keys_elsewhere
        on
            keyed.source = same_keys_elsewhere.source
            and keyed.record_key = same_keys_elsewhere.record_key
)

select
    source,
    namespace,
    precedence,
    record_key,
    dossier_key,
    {% for column in columns -%}
        {{ column }},
    {% endfor -%}
    is_other_code,
    not_governing_reason is null as is_governing,
    not_governing_reason,
    extracted_at,
    is_deleted_at_source,
    bad_columns,
    file_sha256,
    row_no
from judged
{% endmacro %}
