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

{# The dossiers that are cases of indices 1 and 3: ended with a result or a refusal in a scored period. #}
{% macro scored_finishes() -%}
    select
        states.dossier_key,
        states.period_key,
        states.unit_id,
        states.officer_id,
        states.finished_at
    from {{ ref('dossier_period_states') }} as states
    inner join {{ ref('scored_periods') }} as scored_periods
        on states.period_key = scored_periods.period_key
    where states.is_finished and states.ended_as in ('done', 'refused')
{%- endmacro %}

{#
    Circular 01/2018/TT-VPCP, Article 15: the class of a score as it stands, the class if every missing index had
    its 2 points, and one class where both are the same. `sums` has score and indices_count; `subject` is unit or
    officer, who are scored by the indices of the seed that are for officers.
#}
{% macro with_classes(sums, subject) -%}
    select
        sums.*,
        2 * sums.indices_count as max_score,
        full_size.indices_count - sums.indices_count as missing_count,
        case
            when lowest.class_code = highest.class_code then lowest.class_code
        end as class_code,
        lowest.class_code as lowest_class_code,
        highest.class_code as highest_class_code
    from {{ sums }} as sums
    cross join (
        select count(*) as indices_count
        from {{ ref('score_indices') }}
        {% if subject == 'officer' %}where is_for_officers{% endif %}
    ) as full_size
    inner join {{ ref('score_classes') }} as lowest
        on
            lowest.subject = '{{ subject }}'
            and sums.score >= lowest.from_score
            and sums.score < coalesce(lowest.below_score, 100)
    inner join {{ ref('score_classes') }} as highest
        on
            highest.subject = '{{ subject }}'
            and sums.score + 2 * (full_size.indices_count - sums.indices_count) >= highest.from_score
            and sums.score + 2 * (full_size.indices_count - sums.indices_count)
            < coalesce(highest.below_score, 100)
{%- endmacro %}
