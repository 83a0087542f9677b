{#
    Surrogate keys: a hash of the natural key, so the same row has the same key in every rebuild.
    60 bits fit a BIGINT with the sign bit clear; 0 is kept for the unknown member.
#}
{% macro surrogate_key(columns) -%}
    {{ return(adapter.dispatch('surrogate_key', 'cchc')(columns)) }}
{%- endmacro %}

{% macro duckdb__surrogate_key(columns) -%}
    cast('0x' || left(md5(
        {%- for column in columns -%}
            {{ " || '|' || " if not loop.first }}coalesce(cast({{ column }} as varchar), '')
        {%- endfor -%}
    ), 15) as bigint)
{%- endmacro %}
