{{ config(materialized='view') }}
-- The progress itself says that software reset an overdue dossier or its due date. Read from the names of
-- steps, which are a closed list in the registers; free text is never read.
with

steps as (
    select
        dossier_key,
        source,
        step_name,
        coalesce(finished_at, started_at) as reset_at,
        extracted_at
    from {{ ref('stg_dossier_steps') }}
    where
        dossier_code is not null
        and lower(step_name) in (
            'đặt lại hồ sơ quá hạn',
            'đặt lại ngày hẹn trả'
        )
),

in_order as (
    select
        *,
        row_number() over (
            partition by dossier_key
            order by extracted_at, reset_at, step_name, source
        ) as finding_no
    from steps
)

select
    dossier_key,
    'overdue_reset' as finding_code,
    source,
    extracted_at as found_at,
    lower(step_name) || ' ' || coalesce(cast(reset_at as varchar), '') as evidence
from in_order
where finding_no = 1
