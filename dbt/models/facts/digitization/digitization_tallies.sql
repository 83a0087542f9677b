-- Results and receipts of a unit and field side by side.
with

stocks as (
    select * from {{ ref('result_stocks') }}
),

receipts as (
    select * from {{ ref('digitized_receipts') }}
)

select
    coalesce(stocks.period_key, receipts.period_key) as period_key,
    coalesce(stocks.unit_id, receipts.unit_id) as unit_id,
    coalesce(stocks.field_code, receipts.field_code) as field_code,
    stocks.results_valid,
    stocks.results_valid_digitized,
    stocks.results_issued,
    stocks.results_issued_electronic,
    receipts.dossiers_received,
    receipts.dossiers_to_scan,
    receipts.dossiers_scanned,
    receipts.dossiers_reusing_data
from stocks
full outer join receipts
    on
        stocks.period_key = receipts.period_key
        and stocks.unit_id = receipts.unit_id
        and stocks.field_code = receipts.field_code
