-- The results that a source still holds: the stock is reckoned over these.
select
    namespace,
    result_code,
    unit_id,
    field_code,
    issued_on,
    expires_on,
    is_electronic,
    is_digitized,
    digitized_from_on
from {{ ref('issued_results') }}
where not is_deleted_at_source
