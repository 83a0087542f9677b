{{ config(materialized='table') }}
-- Points and cases of every index that is reckoned from cases, per unit and officer. Index 8 counts what was
-- kept instead of points, and knows no officer.
{#- One rule model per index; another index that is reckoned joins here. -#}
{%- set indices = {1: 'officer_id', 2: 'officer_id', 3: 'officer_id', 8: "'unknown'"} %}

{% for index_no, officer in indices.items() %}
    {{ "union all" if not loop.first }}
    select
        period_key,
        unit_id,
        {{ officer }} as officer_id,
        index_no,
        cast(sum(points) as bigint) as points,
        count(*) as cases_count
    from {{ ref('score_01_index_' ~ index_no) }}
    group by period_key, unit_id, {{ officer ~ ", " if index_no != 8 }}index_no
{% endfor %}
