-- What LATE_OPEN counts, with the calendar days since the due date at the end of the period's last day; up to the
-- day on which the clock stopped, where it stands.
select
    dossier_key,
    period_key,
    unit_id,
    field_code,
    {{ days_between(to_day('due_at_period_end'), 'measured_on') }} as overdue_days
from {{ ref('dossier_period_states') }}
where open_bucket = 'overdue'
