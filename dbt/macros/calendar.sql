{#- First and last year of the calendar tables; a unit test narrows them to the edges it looks at. -#}
{% macro calendar_first_year() %}
    {{- return(var('calendar_first_year', 2008) | int) -}}
{% endmacro %}

{% macro calendar_last_year() %}
    {{- return(var('calendar_last_year', 2035) | int) -}}
{% endmacro %}
