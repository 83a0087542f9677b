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
