with

findings as (
    select * from {{ ref('integrity_findings') }}
),

finding_codes as (
    select * from {{ ref('finding_codes') }}
),

dossiers as (
    select
        dossier_key,
        dossier_code,
        unit_id
    from {{ ref('dossier_lifecycles') }}
)

select
    findings.dossier_key,
    dossiers.dossier_code,
    dossiers.unit_id,
    findings.finding_code,
    findings.finding_group,
    finding_codes.name_vi as finding_name_vi,
    finding_codes.name_en as finding_name_en,
    findings.source,
    findings.found_at,
    findings.evidence
from findings
inner join dossiers on findings.dossier_key = dossiers.dossier_key
inner join finding_codes on findings.finding_code = finding_codes.finding_code
