-- The same score rules on counts as a body reported them. A ratio is reckoned where all its figures were
-- reported; nothing is taken from reported percentages.
with

figures as (
    select * from {{ ref('fct_reported_figures') }}
    where reported_value is not null
),

ratios as (
    select * from {{ ref('reported_ratios') }}
),

ratio_sizes as (
    select
        indicator_code,
        form_code,
        count(*) as figures_count
    from ratios
    group by indicator_code, form_code
),

summed as (
    select
        figures.period_key,
        figures.unit_id,
        figures.field_code,
        ratios.indicator_code,
        ratios.form_code,
        sum(case when ratios.part = 'numerator' then figures.reported_value else 0 end) as numerator,
        sum(case when ratios.part = 'denominator' then figures.reported_value else 0 end) as denominator,
        count(*) as figures_count
    from figures
    inner join ratios on figures.figure_code = ratios.figure_code
    group by
        figures.period_key, figures.unit_id, figures.field_code, ratios.indicator_code, ratios.form_code
),

whole as (
    select
        summed.period_key,
        summed.unit_id,
        summed.field_code,
        summed.indicator_code,
        summed.form_code,
        summed.numerator,
        summed.denominator
    from summed
    inner join ratio_sizes
        on
            summed.indicator_code = ratio_sizes.indicator_code
            and summed.form_code = ratio_sizes.form_code
            and summed.figures_count = ratio_sizes.figures_count
),

score_rules as (
    select * from {{ ref('score_rules') }}
)

select
    whole.period_key,
    whole.unit_id,
    whole.field_code,
    whole.indicator_code,
    whole.form_code,
    score_rules.score_group,
    whole.numerator,
    whole.denominator,
    case
        when whole.denominator <> 0 then whole.numerator / whole.denominator
        when score_rules.when_empty = 'zero' then 0
    end as value,
    {{ score_points('whole.numerator', 'whole.denominator', 'score_rules') }} as score,
    score_rules.max_score
from whole
left join score_rules on whole.indicator_code = score_rules.indicator_code
