with

channels as (
    select * from {{ ref('channels') }}
)

select
    case
        when channel = 'unknown' then cast(0 as bigint)
        else {{ surrogate_key(['channel']) }}
    end as channel_key,
    channel,
    dvcqg_code,
    channel_group,
    name_vi,
    name_en,
    legal_source,
    status as legal_status
from channels
