with

findings as (
    select * from {{ ref('findings_register_no_gap') }}
    union all
    select * from {{ ref('findings_register_no_repeated') }}
),

finding_codes as (
    select * from {{ ref('finding_codes') }}
),

unit_versions as (
    select * from {{ ref('unit_versions') }}
)

select
    findings.finding_code,
    finding_codes.name_vi as finding_name_vi,
    finding_codes.name_en as finding_name_en,
    finding_codes.legal_source,
    findings.source,
    findings.unit_id,
    coalesce(unit_versions.unit_key, 0) as unit_key,
    findings.direction,
    cast(findings.register_year as bigint) as register_year,
    findings.book_code,
    findings.first_register_no,
    findings.last_register_no,
    cast(findings.numbers_count as bigint) as numbers_count
from findings
inner join finding_codes on findings.finding_code = finding_codes.finding_code
left join unit_versions
    on
        findings.unit_id = unit_versions.unit_id
        and findings.resolved_on
        between unit_versions.resolves_from_on and unit_versions.resolves_to_on
