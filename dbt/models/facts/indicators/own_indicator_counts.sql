{{ config(materialized='table') }}
-- What each unit counts itself, per field, of every subject; only rules that the register calls reckoned.
{#- One model of counts per subject; a new subject joins here. -#}
{%- set subjects = [
    'dossier_counts', 'document_counts', 'digitization_counts',
    'petition_counts', 'publication_counts',
] %}
with

rules as (
    select
        indicator_code,
        rule_version
    from {{ ref('indicators') }}
    where is_reckoned
),

counts as (
    {% for subject in subjects %}
        {{ "union all" if not loop.first }}
        select
            {{ figure_grain(is_rolled_up=false) }},
            {{ figure_counts() }}
        from {{ ref(subject) }}
    {% endfor %}
)

select counts.*
from counts
inner join rules
    on
        counts.indicator_code = rules.indicator_code
        and counts.rule_version = rules.rule_version
