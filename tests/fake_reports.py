"""The marts that only the reports read, small enough to count by hand; laid beside those of ``fake_marts``.

In rep:2024Q2 (15/3 to 14/6/2024) five dossiers of one unit are overdue; the longest has a formula as its code.
"""

from __future__ import annotations

from pathlib import Path

FORMULA = '=HYPERLINK("http://example.invalid","xem")'
_LAYOUTS = Path(__file__).resolve().parent.parent / "dbt" / "seeds" / "form_layouts.csv"

TABLES = f"""
update marts.fct_dossiers set dossier_code = '{FORMULA}' where dossier_key = 1;

create or replace table marts.dim_form_columns as
select * exclude (status), status as legal_status from read_csv('{_LAYOUTS}');

-- the clock of dossier 2 stood for a while, that of dossier 3 stands since 9/6
create or replace table marts.fct_dossier_events as
select * from (values
    (2::bigint, timestamp '2024-05-20 08:00:00', 'stopped'), (2, timestamp '2024-05-21 08:00:00', 'running'),
    (3, timestamp '2024-05-01 08:00:00', 'running'), (3, timestamp '2024-06-09 08:00:00', 'stopped'),
    (3, timestamp '2024-06-10 08:00:00', 'stopped')
) as events (dossier_key, event_at, clock_state_code);

create or replace table marts.dim_procedures as
select '1.01' as procedure_code, 'Cấp đổi <Giấy> chứng nhận' as procedure_name, *
from (values
    -- decided in time and put online a day late; decided late before the period; one that nobody put online yet
    (1::bigint, date '2024-03-18', date '2024-03-20', date '2024-03-25', date '2024-03-26', true, false),
    (2, date '2024-03-20', date '2024-03-14', date '2024-03-27', date '2024-03-27', false, true),
    (3, date '2024-05-02', date '2024-05-02', date '2024-05-09', null, true, false)
) as duties (procedure_key, decided_on, decision_due_on, online_due_on, published_on, is_decided_on_time, is_online_on_time);

-- dossier 1 has been overdue for 156 days on 14/6/2024, the others for 31, 6 (its clock stands), 6 and 1
create or replace table marts.fct_dossier_due_dates as
select *, true as is_governing from (values
    (1::bigint, timestamp '2024-01-10 17:00:00', timestamp '2024-01-01 08:00:00'),
    (2, timestamp '2024-01-10 17:00:00', timestamp '2024-01-01 08:00:00'),
    (2, timestamp '2024-05-14 17:00:00', timestamp '2024-05-01 08:00:00'),
    (2, timestamp '2024-12-31 17:00:00', timestamp '2024-06-15 08:00:00'),
    (3, timestamp '2024-06-03 17:00:00', timestamp '2024-01-01 08:00:00'),
    (4, timestamp '2024-06-08 17:00:00', timestamp '2024-01-01 08:00:00'),
    (5, timestamp '2024-06-13 17:00:00', timestamp '2024-01-01 08:00:00')
) as versions (dossier_key, due_at, known_from_at)
-- what the due date would be by the rules governs nothing
union all select 1, timestamp '2024-06-30 17:00:00', timestamp '2024-01-01 08:00:00', false;

create or replace table marts.fct_dossier_verdicts as
select i::bigint as dossier_key, 'LATE_OPEN' as indicator_code, 'by_date_v1' as rule_version,
    'rep:2024Q2' as period_key, (i <= 5)::bigint as in_numerator, 1::bigint as in_denominator,
    null::varchar as exclusion_code
from range(1, 9) as dossiers (i)
union all
select i, 'OT_06', 'by_date_v1', 'rep:2024Q2', (i % 5 > 0)::bigint, (i < 59)::bigint,
    case when i = 59 then 'withdrawn' end
from range(10, 60) as dossiers (i);

create or replace table marts.fct_dossier_steps as
select i::bigint as dossier_key, 1::bigint as step_no, 'Thẩm định' as step_name, 7::bigint as officer_key,
    timestamp '2024-04-01 08:00:00' as started_at,
    case when i > 5 then timestamp '2024-04-02 08:00:00' end as finished_at,
    case when i > 5 then i > 8 end as is_on_time
from range(1, 20) as steps (i);

-- two units of people: VP has nine, the whole house two of its own
create or replace table marts.dim_officers as
select i::bigint as officer_key, 'P-' || i as officer_id, if(i < 9, 'VP', 'root') as unit_id,
    date '1900-01-01' as valid_from_on, date '9999-12-31' as valid_to_on
from range(11) as officers (i);

create or replace table marts.fct_officer_periods as
select 'rep:2024Q2' as period_key, officer_key, 10::bigint as documents_in, 2::bigint as documents_out,
    officer_key as dossiers_finished, 1::bigint as steps_done
from marts.dim_officers;

create or replace table marts.fct_posts as
select * from (values ('VP', 2023, 9, 9), ('VP', 2024, 12, 9), ('root', 2024, 3, 2), ('VP', 2025, 99, 99))
    as posts (unit_id, year, posts_assigned, posts_filled);

create or replace table marts.fct_petitions as
select 'PAKN' as petition_type, 'VP' as unit_id, timestamp '2024-04-01 08:00:00' as sent_at,
    timestamp '2024-04-09 08:00:00' as answered_at, true as is_answered_on_time, true as is_satisfied
union all select 'PAKN', 'VP', timestamp '2024-04-02 08:00:00', null, false, null
union all select 'PAKN', 'VP', timestamp '2024-06-14 18:00:00', null, null, null
union all select 'PAKN', 'VP', timestamp '2024-06-15 08:00:00', null, null, null
union all select 'PAKN', 'elsewhere', timestamp '2024-04-02 08:00:00', null, false, false;

create or replace table marts.fct_integrity_findings as
select * from (values (1::bigint, 'VP'), (2, 'VP'), (99, 'VP'), (98, 'elsewhere')) as found (dossier_key, unit_id)
cross join (select 'sync_only' as finding_code, 'Chỉ có trong đồng bộ' as finding_name_vi,
    'Only in the sync' as finding_name_en);

create or replace table marts.fct_dossier_periods as
select 'rep:2024Q2' as period_key, 'VP' as unit_id, field_code, procedure_level, 10::bigint as received_online,
    20::bigint as received_other, 5::bigint as carried_in, 35::bigint as received_total,
    12::bigint as finished_early, 8::bigint as finished_on_time, 7::bigint as finished_late,
    27::bigint as finished_total, 3::bigint as open_in_time, 5::bigint as open_overdue, 8::bigint as open_total,
    1::bigint as withdrawn, 1::bigint as refused, 0::bigint as stopped, 4::bigint as late_with_apology,
    3::bigint as late_without_apology
from (values ('land', 'province'), ('water', 'province'), ('land', 'district')) as kinds (field_code, procedure_level);

create or replace table marts.dim_fields as
select 'land' as field_code, 'Đất đai' as name_vi, 'Land' as name_en
union all select 'water', 'Tài nguyên nước', 'Water resources';
"""
