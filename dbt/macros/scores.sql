{#
    Points for a ratio: in proportion up to the full score, rounded half up. Reckoned on the counts themselves,
    so that no half is lost to a quotient's binary digits. `rules` is a row of the seed score_rules; where its
    maximum or threshold is unknown there are no points.
#}
{% macro score_points(numerator, denominator, rules) -%}
    case
        when {{ rules }}.max_score is null or {{ rules }}.full_at_percent is null then null
        when {{ denominator }} = 0
            then
                case {{ rules }}.when_empty
                    when 'zero' then cast(0 as double)
                    when 'full' then {{ rules }}.max_score
                end
        when {{ numerator }} is not null then least(
            {{ rules }}.max_score,
            floor(
                (
                    2 * cast({{ numerator }} as double) * {{ rules }}.max_score * 100 * power(10, {{ rules }}.decimals)
                    + cast({{ denominator }} as double) * {{ rules }}.full_at_percent
                ) / (2 * cast({{ denominator }} as double) * {{ rules }}.full_at_percent)
            ) / power(10, {{ rules }}.decimals)
        )
    end
{%- endmacro %}

{# A mean of points to one decimal, half up, from their sum and their number. #}
{% macro mean_of_points(points, cases) -%}
    floor((20 * cast({{ points }} as double) + cast({{ cases }} as double)) / (2 * cast({{ cases }} as double))) / 10
{%- endmacro %}

{# Circular 01/2018/TT-VPCP, Article 13: 2 for shorter than the limit, 1 for equal, 0 for longer; by day. #}
{% macro points_for_time(finished_on, limit_on) -%}
    case
        when {{ finished_on }} < {{ limit_on }} then 2
        when {{ finished_on }} = {{ limit_on }} then 1
        else 0
    end
{%- endmacro %}
