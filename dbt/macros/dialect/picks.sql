{#
    Picks with a stated order. `first_known` skips NULLs; the order column must be unique in the group,
    otherwise the answer depends on the order of rows.
#}
{% macro first_known(column, order_by) -%}
    {{ return(adapter.dispatch('first_known', 'cchc')(column, order_by)) }}
{%- endmacro %}

{% macro duckdb__first_known(column, order_by) -%}
    arg_min({{ column }}, {{ order_by }})
{%- endmacro %}

{% macro any_true(condition) -%}
    {{ return(adapter.dispatch('any_true', 'cchc')(condition)) }}
{%- endmacro %}

{% macro default__any_true(condition) -%}
    coalesce(bool_or({{ condition }}), false)
{%- endmacro %}

{% macro all_true(condition) -%}
    {{ return(adapter.dispatch('all_true', 'cchc')(condition)) }}
{%- endmacro %}

{% macro default__all_true(condition) -%}
    coalesce(bool_and({{ condition }}), false)
{%- endmacro %}

{# Texts of a group, each once, in alphabetical order. #}
{% macro list_texts(column, separator=',') -%}
    {{ return(adapter.dispatch('list_texts', 'cchc')(column, separator)) }}
{%- endmacro %}

{% macro duckdb__list_texts(column, separator) -%}
    string_agg(distinct {{ column }}, '{{ separator }}' order by {{ column }})
{%- endmacro %}

{# The parts that are not NULL, joined in the order given; NULL when none is left. #}
{% macro join_texts(parts, separator=',') -%}
    {{ return(adapter.dispatch('join_texts', 'cchc')(parts, separator)) }}
{%- endmacro %}

{% macro default__join_texts(parts, separator) -%}
    nullif(concat_ws('{{ separator }}',
        {%- for part in parts %}
        {{ part }}{{ "," if not loop.last }}
        {%- endfor %}
    ), '')
{%- endmacro %}
