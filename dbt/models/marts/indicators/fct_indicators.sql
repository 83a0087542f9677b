with recursive

run_context as (
    select as_of_on from {{ source('control', 'run_context') }}
),

-- a required source is waited for once it has delivered a file to this home: more maps are bundled than
-- any one office has systems
required_sources as (
    select
        maps.source,
        {{ to_day('max(outcomes.extracted_at)') }} as data_through_on
    from {{ source('control', 'source_maps') }} as maps
    inner join {{ ref('stg_outcomes') }} as outcomes on maps.source = outcomes.source
    where maps.is_required
    group by maps.source
),

-- A period is complete when the reckoning and every required source reach its last day; a required source
-- whose files say no extraction day leaves everything provisional.
completeness as (
    select
        min(run_context.as_of_on) as as_of_on,
        case
            when count(required_sources.source) > count(required_sources.data_through_on) then null
            else least(min(run_context.as_of_on), min(required_sources.data_through_on))
        end as complete_through_on
    from run_context
    left join required_sources on true
),

rules as (
    select
        indicator_code,
        rule_version,
        measure_type,
        direction,
        replaces_version,
        coalesce(is_reckoned, false) as is_reckoned
    from {{ ref('indicators') }}
),

-- A rule version that took the place of another answers for what was published under that one, and under the
-- one before; a version that is still reckoned beside it answers for itself.
replaced_versions as (
    select
        rules.indicator_code,
        rules.rule_version,
        rules.replaces_version,
        1 as steps
    from rules
    left join rules as replaced
        on rules.indicator_code = replaced.indicator_code and rules.replaces_version = replaced.rule_version
    where rules.replaces_version is not null and not coalesce(replaced.is_reckoned, false)
    union all
    select
        replaced_versions.indicator_code,
        replaced_versions.rule_version,
        rules.replaces_version,
        replaced_versions.steps + 1 as steps
    from replaced_versions
    inner join rules
        on
            replaced_versions.indicator_code = rules.indicator_code
            and replaced_versions.replaces_version = rules.rule_version
    where rules.replaces_version is not null and replaced_versions.steps < 12
),

targets as (
    select * from {{ ref('indicator_targets') }}
),

score_rules as (
    select * from {{ ref('score_rules') }}
),

-- counts of every rule, and the scores of units, whose value is no quotient of what they count
counts as (
    select
        {{ figure_grain() }},
        {{ figure_counts() }},
        cast(null as double) as stated_score,
        cast(null as double) as stated_max_score
    from {{ ref('indicator_counts') }}
    union all
    select
        period_key,
        unit_id,
        scope,
        'all' as field_code,
        'SCORE_01' as indicator_code,
        'v1' as rule_version,
        points as numerator,
        cases_count as denominator,
        cast(0 as bigint) as excluded_count,
        score as stated_score,
        max_score as stated_max_score
    from {{ ref('fct_unit_scores') }}
),

-- a release of 0.1.0 wrote the codes of units in the older order
final_figures as (
    select
        period_key,
        {{ one_unit_code('unit_id') }} as unit_id,
        scope,
        field_code,
        indicator_code,
        rule_version,
        numerator,
        denominator,
        value,
        release_id,
        released_at
    from {{ source('control', 'published_indicators') }}
    where status = 'final'
),

-- the figures of today's rule versions, those published under the versions they replaced among them
comparable_figures as (
    select
        *,
        rule_version as published_rule_version,
        0 as steps
    from final_figures
    union all
    select
        final_figures.period_key,
        final_figures.unit_id,
        final_figures.scope,
        final_figures.field_code,
        final_figures.indicator_code,
        replaced_versions.rule_version,
        final_figures.numerator,
        final_figures.denominator,
        final_figures.value,
        final_figures.release_id,
        final_figures.released_at,
        final_figures.rule_version as published_rule_version,
        replaced_versions.steps
    from final_figures
    inner join replaced_versions
        on
            final_figures.indicator_code = replaced_versions.indicator_code
            and final_figures.rule_version = replaced_versions.replaces_version
),

-- The first release that called a figure final is what later figures are compared with.
published as (
    select
        *,
        row_number() over (
            partition by {{ figure_grain() }}
            order by steps asc, released_at asc, release_id asc
        ) as release_order
    from comparable_figures
),

compared as (
    select
        counts.*,
        periods.calendar,
        periods.period,
        periods.period_type,
        rules.measure_type,
        rules.direction,
        case
            when rules.measure_type = 'score' then counts.stated_score
            when rules.measure_type in ('count', 'quantile') then cast(counts.numerator as double)
            when counts.denominator > 0
                then cast(counts.numerator as double) / cast(counts.denominator as double)
        end as value,
        case
            when rules.measure_type = 'count' then counts.numerator else counts.denominator
        end as n,
        targets.target,
        coalesce(periods.ends_on <= completeness.complete_through_on, false) as is_complete,
        coalesce(
            counts.stated_score,
            {{ score_points('counts.numerator', 'counts.denominator', 'score_rules') }}
        ) as score,
        coalesce(counts.stated_max_score, score_rules.max_score) as max_score,
        published.release_id is not null
        and (
            published.numerator is distinct from counts.numerator
            or published.denominator is distinct from counts.denominator
            or (counts.stated_score is not null and published.value is distinct from counts.stated_score)
        ) as is_changed,
        published.numerator as published_numerator,
        published.denominator as published_denominator,
        published.value as published_value,
        published.release_id as published_release_id,
        published.published_rule_version,
        completeness.as_of_on
    from counts
    inner join {{ ref('periods') }} as periods on counts.period_key = periods.period_key
    inner join rules
        on
            counts.indicator_code = rules.indicator_code
            and counts.rule_version = rules.rule_version
    cross join completeness
    left join score_rules
        on
            counts.indicator_code = score_rules.indicator_code
            and counts.rule_version = score_rules.indicator_rule_version
    left join targets
        on
            counts.period_key = targets.period_key
            and counts.unit_id = targets.unit_id
            and counts.scope = targets.scope
            and counts.field_code = targets.field_code
            and counts.indicator_code = targets.indicator_code
    left join published
        on
            {{ is_same_figure('counts', 'published') }}
            and published.release_order = 1
)

-- What was published stands beside a figure only when it differs, so that publishing alone changes nothing.
select
    period_key,
    calendar,
    period,
    period_type,
    unit_id,
    scope,
    field_code,
    indicator_code,
    rule_version,
    measure_type,
    numerator,
    denominator,
    value,
    n,
    excluded_count,
    target,
    case direction
        when 'up' then value >= target
        when 'down' then value <= target
    end as is_met,
    score,
    max_score,
    case
        when is_changed then 'restated'
        when is_complete then 'final'
        else 'provisional'
    end as status,
    case when is_changed then published_value end as published_value,
    case when is_changed then published_release_id end as published_release_id,
    case when is_changed then published_rule_version end as published_rule_version,
    case
        when is_changed
            then
                'data_changed: ' || cast(published_numerator as varchar)
                || coalesce('/' || cast(published_denominator as varchar), '')
                || ' -> ' || cast(numerator as varchar)
                || coalesce('/' || cast(denominator as varchar), '')
    end as restatement_reason,
    as_of_on
from compared
