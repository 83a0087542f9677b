{#
    Types and casts, one macro per idea, so that another engine needs only its own `<engine>__` versions.
    A wall clock is local time as people at the counter read it: no zone, never turned into UTC.
#}
{% macro type_wall_clock() -%}
    {{ return(adapter.dispatch('type_wall_clock', 'cchc')()) }}
{%- endmacro %}

{% macro default__type_wall_clock() -%}timestamp{%- endmacro %}

{% macro type_text() -%}
    {{ return(adapter.dispatch('type_text', 'cchc')()) }}
{%- endmacro %}

{% macro default__type_text() -%}varchar{%- endmacro %}

{# Shape names of the record kinds → engine types. #}
{% macro type_of_shape(shape) -%}
    {%- set types = {
        'timestamp': type_wall_clock(),
        'date': 'date',
        'integer': 'bigint',
        'decimal': 'decimal(18, 4)',
        'boolean': 'boolean',
    } -%}
    {{ return(types.get(shape, type_text())) }}
{%- endmacro %}

{# A cast that gives NULL where the text does not fit. #}
{% macro try_as(expression, type) -%}
    {{ return(adapter.dispatch('try_as', 'cchc')(expression, type)) }}
{%- endmacro %}

{% macro default__try_as(expression, type) -%}
    try_cast({{ expression }} as {{ type }})
{%- endmacro %}

{# Unicode NFC: the same Vietnamese word typed two ways is one word. #}
{% macro nfc(expression) -%}
    {{ return(adapter.dispatch('nfc', 'cchc')(expression)) }}
{%- endmacro %}

{% macro duckdb__nfc(expression) -%}
    nfc_normalize({{ expression }})
{%- endmacro %}
