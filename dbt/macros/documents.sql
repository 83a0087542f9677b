{#
    1 where an incoming letter missed its deadline, else 0: not answered by the end of its last day. The deadline
    is the office's own (Decree 30/2020/NĐ-CP, Article 24(2)); a term ends with its last day (Civil Code 2015,
    Article 148(6)), so what runs out unanswered on that day has missed it, and no later day changes that.
#}
{% macro is_answered_late(due_on, answered_on) -%}
    case when {{ answered_on }} is null or {{ answered_on }} > {{ due_on }} then 1 else 0 end
{%- endmacro %}
