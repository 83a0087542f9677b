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

unit_versions as (
    select * from {{ ref('unit_versions') }}
)

select
    posts.unit_code as unit_id,
    coalesce(unit_versions.unit_key, 0) as unit_key,
    posts.year,
    posts.posts_assigned,
    posts.posts_filled,
    posts.posts_assigned - posts.posts_filled as posts_vacant,
    posts.source
from posts
left join unit_versions
    on
        posts.unit_code = unit_versions.unit_id
        and cast(cast(posts.year as varchar) || '-12-31' as date)
        between unit_versions.resolves_from_on and unit_versions.resolves_to_on
where posts.choice = 1
