{# The grain of a figure: whose it is, of when, over which field, by which rule. Units rolled up add `scope`. #}
{% macro figure_grain(relation=none, is_rolled_up=true) -%}
    {%- set columns = ['period_key', 'unit_id', 'scope', 'field_code', 'indicator_code', 'rule_version'] -%}
    {%- if not is_rolled_up %}{% do columns.remove('scope') %}{% endif -%}
    {%- for column in columns -%}
        {{ relation ~ '.' if relation }}{{ column }}{{ ",\n        " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# Two relations speak of the same figure. #}
{% macro is_same_figure(one, other) -%}
    {%- for column in ['period_key', 'unit_id', 'scope', 'field_code', 'indicator_code', 'rule_version'] -%}
        {{ "\n            and " if not loop.first }}{{ one }}.{{ column }} = {{ other }}.{{ column }}
    {%- endfor -%}
{%- endmacro %}

{# What is counted of a figure; only these are added up. #}
{% macro figure_counts(relation=none, is_summed=false) -%}
    {%- for column in ['numerator', 'denominator', 'excluded_count'] -%}
        {%- set counted = (relation ~ '.' if relation else '') ~ column -%}
        {{ "cast(sum(" ~ counted ~ ") as bigint) as " ~ column if is_summed else counted }}{{ ",\n        " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
