-- OT_766, in time among all received: of the dossiers received in the period or carried into it, those finished
-- in time or open and still in time at its end. The time between a request for papers and the answer is taken
-- off the end before it is compared, by date, with the due date known by then. A dossier that waits for its
-- first supplement ends with the request; one that waits for a further one is late (v1). strict_v1 holds any
-- dossier with more than one request late. Without due date the dossier's own limit decides.
with

states as (
    select
        dossier_key,
        period_key,
        unit_id,
        field_code,
        is_finished,
        due_at_period_end as due_at,
        case
            when is_finished then finished_at
            else {{ end_of_day('reckoned_on') }}
        end as judged_at
    from {{ ref('dossier_period_states') }}
),

supplements as (
    select * from {{ ref('dossier_supplements') }}
),

calendar as (
    select
        date_on,
        working_day_no
    from {{ ref('calendar_dates') }}
),

thresholds as (
    select threshold_value as requests_allowed
    from {{ ref('rule_thresholds') }}
    where threshold_code = 'supplement_requests'
),

supplements_in_days as (
    select
        supplements.*,
        {{ days_between(to_day('supplements.away_from_at'), to_day('supplements.answered_at')) }}
            as away_calendar_days,
        greatest(answered_dates.working_day_no - away_dates.working_day_no, 0) as away_working_days
    from supplements
    left join calendar as away_dates
        on {{ to_day('supplements.away_from_at') }} = away_dates.date_on
    left join calendar as answered_dates
        on {{ to_day('supplements.answered_at') }} = answered_dates.date_on
),

-- what was asked for and answered by the moment of judgement
supplements_so_far as (
    select
        states.dossier_key,
        states.period_key,
        count(*) as requests_count,
        min(supplements_in_days.requested_at) as first_requested_at,
        max(
            case when supplements_in_days.answered_at <= states.judged_at then 0 else 1 end
        ) as is_waiting,
        sum(
            case
                when supplements_in_days.answered_at <= states.judged_at
                    then supplements_in_days.away_seconds
                else 0
            end
        ) as away_seconds,
        sum(
            case
                when supplements_in_days.answered_at <= states.judged_at
                    then greatest(supplements_in_days.away_calendar_days, 0)
                else 0
            end
        ) as away_calendar_days,
        sum(
            case
                when supplements_in_days.answered_at <= states.judged_at
                    then supplements_in_days.away_working_days
                else 0
            end
        ) as away_working_days
    from states
    inner join supplements_in_days
        on
            states.dossier_key = supplements_in_days.dossier_key
            and states.judged_at >= supplements_in_days.requested_at
    group by states.dossier_key, states.period_key
),

with_supplements as (
    select
        states.*,
        coalesce(supplements_so_far.requests_count > thresholds.requests_allowed, false)
            as is_asked_too_often,
        not states.is_finished and coalesce(supplements_so_far.is_waiting = 1, false) as is_waiting,
        case
            when not states.is_finished and supplements_so_far.is_waiting = 1
                then supplements_so_far.first_requested_at
            else states.judged_at
        end as ended_at,
        coalesce(supplements_so_far.away_seconds, 0) as away_seconds,
        coalesce(supplements_so_far.away_calendar_days, 0) as away_calendar_days,
        coalesce(supplements_so_far.away_working_days, 0) as away_working_days
    from states
    cross join thresholds
    left join supplements_so_far
        on
            states.dossier_key = supplements_so_far.dossier_key
            and states.period_key = supplements_so_far.period_key
),

-- only for dossiers without due date; a mixed limit, or one in another unit, is not judged
limits as (
    select
        dossiers.dossier_key,
        dossiers.received_at,
        limits.kind,
        limits.amount + limits.extra_working_days as limit_days
    from {{ ref('dossier_lifecycles') }} as dossiers
    inner join {{ ref('dossier_limits') }} as limits on dossiers.dossier_key = limits.dossier_key
    where
        limits.limit_unit_2 is null
        -- the days added in remote areas are working days
        and (limits.kind = 'working_day' or limits.extra_working_days = 0)
),

without_due_date as (
    select
        with_supplements.dossier_key,
        with_supplements.period_key,
        case limits.kind
            when 'working_day'
                then
                    ended_dates.working_day_no - received_dates.working_day_no
                    - with_supplements.away_working_days
            when 'calendar_day'
                then
                    {{ days_between(
                        to_day('limits.received_at'), to_day('with_supplements.ended_at')
                    ) }} - with_supplements.away_calendar_days
        end <= limits.limit_days as is_within_limit
    from with_supplements
    inner join limits on with_supplements.dossier_key = limits.dossier_key
    left join calendar as ended_dates
        on {{ to_day('with_supplements.ended_at') }} = ended_dates.date_on
    left join calendar as received_dates
        on {{ to_day('limits.received_at') }} = received_dates.date_on
    where with_supplements.due_at is null
),

exclusions as (
    select
        with_supplements.*,
        without_due_date.is_within_limit,
        case
            when with_supplements.due_at is null and without_due_date.is_within_limit is null
                then 'no_due_date'
        end as exclusion_code
    from with_supplements
    left join without_due_date
        on
            with_supplements.dossier_key = without_due_date.dossier_key
            and with_supplements.period_key = without_due_date.period_key
),

denominators as (
    select
        *,
        exclusion_code is null as in_denominator
    from exclusions
),

numerators as (
    select
        *,
        in_denominator
        and coalesce(
            {{ to_day(moved_back('ended_at', 'away_seconds')) }} <= {{ to_day('due_at') }},
            is_within_limit,
            false
        ) as is_in_time
    from denominators
)

select
    dossier_key,
    period_key,
    unit_id,
    field_code,
    'OT_766' as indicator_code,
    'v1' as rule_version,
    is_in_time and not (is_waiting and is_asked_too_often) as in_numerator,
    in_denominator,
    exclusion_code
from numerators
union all
select
    dossier_key,
    period_key,
    unit_id,
    field_code,
    'OT_766' as indicator_code,
    'strict_v1' as rule_version,
    is_in_time and not is_asked_too_often as in_numerator,
    in_denominator,
    exclusion_code
from numerators
