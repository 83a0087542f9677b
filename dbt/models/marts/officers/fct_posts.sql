with

posts as (
    select
        *,
        row_number() over (
            partition by unit_code, year
            order by is_deleted_at_source asc, extracted_at desc, source asc
        ) as choice
    from {{ ref('stg_posts') }}
    where unit_code is not null and year is not null
),

unit_references as (
    select * from {{ ref('unit_references') }}
)

select
    coalesce(unit_references.unit_id, posts.unit_code) as unit_id,
    coalesce(unit_references.unit_key, 0) as unit_key,
    posts.year,
    posts.posts_assigned,
    posts.posts_filled,
    posts.posts_assigned - posts.posts_filled as posts_vacant,
    posts.source
from posts
left join unit_references
    on
        posts.unit_code = unit_references.reference
        and cast(cast(posts.year as varchar) || '-12-31' as date)
        between unit_references.refers_from_on and unit_references.refers_to_on
where posts.choice = 1
