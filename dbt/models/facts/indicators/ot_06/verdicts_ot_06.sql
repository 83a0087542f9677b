-- OT_06, finished early or on time: of the dossiers finished in the period, those finished by the due date
-- that governed at the finish. by_date compares days (a term ends with its last day; a limit in hours with its
-- hour), by_time moments to the second. one_stop counts as common one-stop software does, so that its figure and
-- ours can be explained by each other (decision 0041): a dossier without due date is on time, a withdrawn one is
-- finished and on time, a refused or stopped one is not finished at all; moments and due dates are ours.
{%- set versions = [
    ('by_date_v1', 'is_by_date', 'is_judged', 'exclusion_code'),
    ('by_time_v1', 'is_by_time', 'is_judged', 'exclusion_code'),
    ('one_stop_v1', 'is_by_one_stop', 'is_judged_by_one_stop', 'one_stop_exclusion_code'),
] %}
with

finishes as (
    select
        dossier_key,
        period_key,
        unit_id,
        field_code,
        ended_as,
        finished_at,
        due_at_period_end as due_at,
        is_judged_by_time
    from {{ ref('dossier_period_states') }}
    where is_finished
),

exclusions as (
    select
        *,
        case
            when ended_as in ('withdrawn', 'stopped') then ended_as
            when due_at is null then 'no_due_date'
        end as exclusion_code,
        case when ended_as in ('refused', 'stopped') then ended_as end as one_stop_exclusion_code
    from finishes
),

denominators as (
    select
        *,
        exclusion_code is null as is_judged,
        one_stop_exclusion_code is null as is_judged_by_one_stop
    from exclusions
),

numerators as (
    select
        *,
        is_judged
        and case
            when is_judged_by_time then {{ to_second('finished_at') }} <= {{ to_second('due_at') }}
            else {{ to_day('finished_at') }} <= {{ to_day('due_at') }}
        end as is_by_date,
        is_judged and {{ to_second('finished_at') }} <= {{ to_second('due_at') }} as is_by_time,
        is_judged_by_one_stop
        and (
            ended_as = 'withdrawn'
            or due_at is null
            or {{ to_day('finished_at') }} <= {{ to_day('due_at') }}
        ) as is_by_one_stop
    from denominators
)

{% for rule_version, in_numerator, in_denominator, exclusion_code in versions %}
    {{ "union all" if not loop.first }}
    select
        dossier_key,
        period_key,
        unit_id,
        field_code,
        'OT_06' as indicator_code,
        '{{ rule_version }}' as rule_version,
        {{ in_numerator }} as in_numerator,
        {{ in_denominator }} as in_denominator,
        {{ exclusion_code }} as exclusion_code
    from numerators
{% endfor %}
