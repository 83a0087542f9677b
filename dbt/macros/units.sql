{#
    What a record says about a unit: its code, or where it has none its name as written (which in some exports
    is a code). `unit_references` leads from here and a day to the unit.
#}
{% macro unit_reference(unit_code, unit_name) -%}
    coalesce({{ unit_code }}, 'name:' || {{ unit_name }})
{%- endmacro %}
