{# Each column holds nothing but the values listed for it. #}
{% test only_values(model, values) %}
{% for column, allowed in values.items() %}
    {{ "union all" if not loop.first }}
    select distinct
        '{{ column }}' as column_name,
        cast({{ column }} as varchar) as unexpected
    from {{ model }}
    where {{ column }} is null or {{ column }} not in ('{{ allowed | join("', '") }}')
{% endfor %}
{% endtest %}
