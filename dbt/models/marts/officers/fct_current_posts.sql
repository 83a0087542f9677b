-- Posts of every year on today's units. A year's posts are those of its last day; a unit that was split since hands
-- them on by share, so the sums over all units are those of fct_posts.
with

posts as (
    select * from {{ ref('fct_posts') }}
),

shares as (
    select * from {{ ref('bridge_unit_shares') }}
)

select
    shares.current_unit_id,
    posts.year,
    count(distinct posts.unit_id) as units_count,
    sum(posts.posts_assigned * shares.share) as posts_assigned,
    sum(posts.posts_filled * shares.share) as posts_filled,
    sum((posts.posts_assigned - posts.posts_filled) * shares.share) as posts_vacant
from posts
inner join shares
    on
        posts.unit_id = shares.unit_id
        and cast(cast(posts.year as varchar) || '-12-31' as date)
        between shares.valid_from_on and shares.valid_to_on
group by shares.current_unit_id, posts.year
