-- All verdicts. A dossier has one only where it counts in the denominator or is left out for a reason.
{#- One rule model per indicator; a new indicator joins here. -#}
{%- set rules = [
    'verdicts_ot_06',
    'verdicts_ot_orig',
    'verdicts_ot_plan',
    'verdicts_ot_766',
    'verdicts_ot_61',
    'verdicts_late_open',
    'verdicts_late_open_age',
    'verdicts_apology',
    'verdicts_supp_late',
    'verdicts_supp_multi',
    'verdicts_online',
    'verdicts_sync',
] -%}

{% for rule in rules %}
    {{ "union all" if not loop.first }}
    select
        dossier_key,
        indicator_code,
        rule_version,
        period_key,
        unit_id,
        field_code,
        cast(in_numerator as bigint) as in_numerator,
        cast(in_denominator as bigint) as in_denominator,
        exclusion_code
    from {{ ref(rule) }}
{% endfor %}
