{# Every value of each column exists in the table it refers to; all references of a table in one query. #}
{% test refers_to(model, references) %}
{% for reference in references %}
    {{ "union all" if not loop.first }}
    select
        '{{ reference.column }}' as column_name,
        cast(stated.value as varchar) as orphan
    from (select distinct {{ reference.column }} as value from {{ model }}) as stated
    left join (select distinct {{ reference.field }} as value from {{ reference.to }}) as known
        on stated.value = known.value
    where stated.value is not null and known.value is null
{% endfor %}
{% endtest %}
