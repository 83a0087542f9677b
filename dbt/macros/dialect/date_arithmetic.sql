{#- Dates moved by whole days or months; the result is a DATE on every engine. -#}

{% macro date_add_days(date_expression, days_expression) %}
    {{- return(adapter.dispatch('date_add_days', 'cchc')(date_expression, days_expression)) -}}
{% endmacro %}

{% macro default__date_add_days(date_expression, days_expression) -%}
    cast({{ dbt.dateadd('day', days_expression, date_expression) }} as date)
{%- endmacro %}

{% macro date_add_months(date_expression, months_expression) %}
    {{- return(adapter.dispatch('date_add_months', 'cchc')(date_expression, months_expression)) -}}
{% endmacro %}

{% macro default__date_add_months(date_expression, months_expression) -%}
    cast({{ dbt.dateadd('month', months_expression, date_expression) }} as date)
{%- endmacro %}

{#- Moments: whole seconds from one to another, and a moment moved back by seconds. -#}

{% macro seconds_between(from_moment, to_moment) %}
    {{- return(adapter.dispatch('seconds_between', 'cchc')(from_moment, to_moment)) -}}
{% endmacro %}

{% macro duckdb__seconds_between(from_moment, to_moment) -%}
    date_diff('second', {{ from_moment }}, {{ to_moment }})
{%- endmacro %}

{% macro moved_back(moment, seconds_expression) %}
    {{- return(adapter.dispatch('moved_back', 'cchc')(moment, seconds_expression)) -}}
{% endmacro %}

{% macro default__moved_back(moment, seconds_expression) -%}
    {{ dbt.dateadd('second', '-(' ~ seconds_expression ~ ')', moment) }}
{%- endmacro %}
