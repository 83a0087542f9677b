-- The moment of the newest full extract of each input: a key it no longer holds was deleted at the source.
select
    source,
    input,
    record_kind,
    max(extracted_at) as newest_full_extract_at
from {{ ref('stg_outcomes') }}
where mode = 'full'
group by source, input, record_kind
