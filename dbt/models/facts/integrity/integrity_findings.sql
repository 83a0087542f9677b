-- Every irregularity found, from one model per rule: where sources contradict each other or one says what
-- cannot be, and what an inspector asks about. Findings list, they never change a figure.
with

findings as (
    select * from {{ ref('findings_sync_status_rewritten') }}
    union all
    select * from {{ ref('findings_sync_other_code') }}
    union all
    select * from {{ ref('findings_sync_officer_unknown') }}
    union all
    select * from {{ ref('findings_sync_submitted_is_received') }}
    union all
    select * from {{ ref('findings_sync_result_is_input') }}
    union all
    select * from {{ ref('findings_sync_made_up_component') }}
    union all
    select * from {{ ref('findings_sync_only') }}
    union all
    select * from {{ ref('findings_local_only') }}
    union all
    select * from {{ ref('findings_finish_equals_due') }}
    union all
    select * from {{ ref('findings_finish_before_last_step') }}
    union all
    select * from {{ ref('findings_many_finishes_at_once') }}
    union all
    select * from {{ ref('findings_finish_on_day_off') }}
    union all
    select * from {{ ref('findings_finish_at_day_end') }}
    union all
    select * from {{ ref('findings_refused_on_last_day') }}
    union all
    select * from {{ ref('findings_due_date_edited') }}
    union all
    select * from {{ ref('findings_reappointed_again') }}
    union all
    select * from {{ ref('findings_changed_after_close') }}
    union all
    select * from {{ ref('findings_overdue_reset') }}
),

finding_codes as (
    select
        finding_code,
        finding_group
    from {{ ref('finding_codes') }}
)

select
    findings.dossier_key,
    findings.finding_code,
    finding_codes.finding_group,
    findings.source,
    findings.found_at,
    findings.evidence
from findings
left join finding_codes on findings.finding_code = finding_codes.finding_code
