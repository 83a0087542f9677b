with

layouts as (
    select * from {{ ref('form_layouts') }}
)

select
    form_code,
    title_vi,
    valid_from_on,
    valid_to_on,
    column_no,
    group_vi,
    subgroup_vi,
    label_vi,
    label_en,
    measures,
    legal_source,
    status as legal_status
from layouts
