-- Load beside lateness. Counts are added up along the hierarchy of the period's last day; every ratio is reckoned
-- at its own node, from the counts of that node. Lateness is that of OT_06 by date: one rule, stated once.
-- Load is work through days in post, so work of units whose postings nobody lists (the tax office, a district
-- without a staff list) is in the counts and not in the load.
with

officer_periods as (
    select
        *,
        max(coalesce(working_days_in_post, 0)) over (partition by period_key, unit_id) > 0 as is_staffed
    from {{ ref('fct_officer_periods') }}
),

run_context as (
    select as_of_on from {{ source('control', 'run_context') }}
),

periods as (
    select
        all_periods.*,
        least(all_periods.ends_on, run_context.as_of_on) as reckoned_on
    from {{ ref('periods') }} as all_periods
    cross join run_context
    where all_periods.is_begun
),

ancestors as (
    select * from {{ ref('unit_ancestors') }}
),

posts as (
    select * from {{ ref('fct_posts') }}
),

on_time_counts as (
    select * from {{ ref('indicator_counts') }}
    where indicator_code = 'OT_06' and rule_version = 'by_date_v1' and field_code = 'all'
),

calendar_dates as (
    select * from {{ ref('calendar_dates') }}
),

unit_versions as (
    select * from {{ ref('unit_versions') }}
),

units as (
    select distinct unit_id
    from unit_versions
),

-- a unit by itself, and every unit with all below it
nodes as (
    select
        periods.period_key,
        'own' as scope,
        units.unit_id as node_unit_id,
        units.unit_id
    from periods
    cross join units
    union all
    select
        periods.period_key,
        'with_children' as scope,
        ancestors.ancestor_unit_id as node_unit_id,
        ancestors.descendant_unit_id as unit_id
    from periods
    inner join ancestors
        on periods.ends_on between ancestors.valid_from_on and ancestors.valid_to_on
),

work as (
    select
        nodes.period_key,
        nodes.node_unit_id as unit_id,
        nodes.scope,
        count(distinct case when officer_periods.working_days_in_post > 0 then officer_periods.officer_id end)
            as officers_count,
        sum(officer_periods.working_days_in_post) as working_days_in_post,
        sum(officer_periods.documents_in) as documents_in,
        sum(officer_periods.documents_out) as documents_out,
        sum(officer_periods.documents_in_shared) as documents_in_shared,
        sum(officer_periods.documents_out_shared) as documents_out_shared,
        sum(officer_periods.documents_due) as documents_due,
        sum(officer_periods.documents_late) as documents_late,
        sum(officer_periods.documents_open_overdue) as documents_open_overdue,
        sum(officer_periods.dossiers_received) as dossiers_received,
        sum(officer_periods.dossiers_finished) as dossiers_finished,
        sum(officer_periods.dossiers_open) as dossiers_open,
        sum(officer_periods.steps_done) as steps_done,
        sum(
            case
                when officer_periods.is_staffed
                    then officer_periods.documents_in + officer_periods.documents_out
            end
        ) as load_documents_count,
        sum(case when officer_periods.is_staffed then officer_periods.dossiers_finished end)
            as load_dossiers_count,
        sum(case when officer_periods.is_staffed then officer_periods.steps_done end) as load_steps_count
    from officer_periods
    inner join nodes
        on
            officer_periods.period_key = nodes.period_key
            and officer_periods.unit_id = nodes.unit_id
    group by nodes.period_key, nodes.node_unit_id, nodes.scope
),

post_counts as (
    select
        nodes.period_key,
        nodes.node_unit_id as unit_id,
        nodes.scope,
        sum(posts.posts_assigned) as posts_assigned,
        sum(posts.posts_filled) as posts_filled
    from posts
    inner join periods on posts.year = periods.year_no
    inner join nodes
        on
            posts.unit_id = nodes.unit_id
            and periods.period_key = nodes.period_key
    group by nodes.period_key, nodes.node_unit_id, nodes.scope
),

period_days as (
    select
        periods.period_key,
        sum(case when calendar_dates.is_working_day then 1 else 0 end) as working_days
    from periods
    inner join calendar_dates
        on calendar_dates.date_on between periods.starts_on and periods.reckoned_on
    group by periods.period_key
),

worked_periods as (
    select distinct period_key
    from officer_periods
),

-- a unit whose posts are all vacant has no work, and is short of people all the same; before the first work that is
-- known there are no rows
places as (
    select
        period_key,
        unit_id,
        scope
    from work
    union distinct
    select
        post_counts.period_key,
        post_counts.unit_id,
        post_counts.scope
    from post_counts
    inner join worked_periods on post_counts.period_key = worked_periods.period_key
)

select
    places.period_key,
    places.unit_id,
    coalesce(unit_versions.unit_key, 0) as unit_key,
    places.scope,
    cast(coalesce(work.officers_count, 0) as bigint) as officers_count,
    cast(work.working_days_in_post as bigint) as working_days_in_post,
    case
        when period_days.working_days > 0
            then cast(work.working_days_in_post as double) / period_days.working_days
    end as average_officers,
    cast(post_counts.posts_assigned as bigint) as posts_assigned,
    cast(post_counts.posts_filled as bigint) as posts_filled,
    cast(post_counts.posts_assigned - post_counts.posts_filled as bigint) as posts_vacant,
    cast(work.documents_in as bigint) as documents_in,
    cast(work.documents_out as bigint) as documents_out,
    cast(work.documents_in_shared as decimal(18, 6)) as documents_in_shared,
    cast(work.documents_out_shared as decimal(18, 6)) as documents_out_shared,
    cast(work.documents_due as bigint) as documents_due,
    cast(work.documents_late as bigint) as documents_late,
    cast(work.documents_open_overdue as bigint) as documents_open_overdue,
    cast(work.dossiers_received as bigint) as dossiers_received,
    cast(work.dossiers_finished as bigint) as dossiers_finished,
    cast(work.dossiers_open as bigint) as dossiers_open,
    cast(work.steps_done as bigint) as steps_done,
    cast(on_time_counts.denominator as bigint) as dossiers_judged,
    cast(on_time_counts.denominator - on_time_counts.numerator as bigint) as dossiers_late,
    cast(work.load_documents_count as bigint) as load_documents_count,
    cast(work.load_dossiers_count as bigint) as load_dossiers_count,
    cast(work.load_steps_count as bigint) as load_steps_count,
    case
        when work.working_days_in_post > 0
            then cast(work.load_documents_count as double) / work.working_days_in_post
    end as documents_per_day,
    case
        when work.working_days_in_post > 0
            then cast(work.load_dossiers_count as double) / work.working_days_in_post
    end as dossiers_per_day,
    case
        when work.working_days_in_post > 0
            then cast(work.load_steps_count as double) / work.working_days_in_post
    end as steps_per_day,
    case
        when work.documents_due > 0 then cast(work.documents_late as double) / work.documents_due
    end as documents_late_share,
    case
        when on_time_counts.denominator > 0
            then
                cast(on_time_counts.denominator - on_time_counts.numerator as double)
                / on_time_counts.denominator
    end as dossiers_late_share
from places
left join work
    on
        places.period_key = work.period_key
        and places.unit_id = work.unit_id
        and places.scope = work.scope
inner join periods on places.period_key = periods.period_key
left join period_days on places.period_key = period_days.period_key
left join post_counts
    on
        places.period_key = post_counts.period_key
        and places.unit_id = post_counts.unit_id
        and places.scope = post_counts.scope
left join on_time_counts
    on
        places.period_key = on_time_counts.period_key
        and places.unit_id = on_time_counts.unit_id
        and places.scope = on_time_counts.scope
left join unit_versions
    on
        places.unit_id = unit_versions.unit_id
        and periods.reckoned_on
        between unit_versions.resolves_from_on and unit_versions.resolves_to_on
