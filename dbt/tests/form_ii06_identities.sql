-- Form II.06, every row: 3 = 4 + 5 + 6, 7 = 8 + 9 + 10, 11 = 12 + 13, 3 = 7 + 11; and late splits by apology.
select
    period_key,
    unit_id,
    field_code,
    procedure_level
from {{ ref('fct_dossier_periods') }}
where
    received_total <> received_online + received_other + carried_in
    or finished_total <> finished_early + finished_on_time + finished_late
    or open_total <> open_in_time + open_overdue
    or received_total <> finished_total + open_total
    or withdrawn + stopped + finished_no_due_date > finished_on_time
    or open_no_due_date > open_in_time
    or late_with_apology + late_without_apology <> finished_late
