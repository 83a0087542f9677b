-- What officers did, by the day that counts it: letters on the day of their registration, deadlines of letters
-- on the day they ran out, steps on the day they were finished. A letter that a newer extract of its register no
-- longer holds stays counted: a register of the new year does not undo the letters of the old one.
with

document_shares as (
    select * from {{ ref('document_shares') }}
),

dossier_steps as (
    select * from {{ ref('stg_dossier_steps') }}
),

unit_references as (
    select * from {{ ref('unit_references') }}
),

officer_versions as (
    select * from {{ ref('officer_versions') }}
),

letters as (
    select
        unit_id,
        officer_id,
        registered_on as done_on,
        sum(case when direction = 'in' and is_main then 1 else 0 end) as documents_in,
        sum(case when direction = 'out' and is_main then 1 else 0 end) as documents_out,
        sum(case when direction = 'in' then share else 0 end) as documents_in_shared,
        sum(case when direction = 'out' then share else 0 end) as documents_out_shared,
        0 as documents_due,
        0 as documents_late,
        0 as steps_done
    from document_shares
    where registered_on is not null
    group by unit_id, officer_id, registered_on
),

deadlines as (
    select
        unit_id,
        officer_id,
        due_on as done_on,
        0 as documents_in,
        0 as documents_out,
        0 as documents_in_shared,
        0 as documents_out_shared,
        count(*) as documents_due,
        sum({{ is_answered_late('due_on', 'answered_on') }}) as documents_late,
        0 as steps_done
    from document_shares
    where direction = 'in' and is_main and registered_on is not null and due_on is not null
    group by unit_id, officer_id, due_on
),

-- a step that names no unit is done in the post of its officer
placed_steps as (
    select
        coalesce(unit_references.unit_id, officer_versions.unit_id, 'unknown') as unit_id,
        coalesce(dossier_steps.officer, 'unknown') as officer_id,
        {{ to_day('dossier_steps.finished_at') }} as done_on
    from dossier_steps
    left join unit_references
        on
            {{ unit_reference('dossier_steps.unit_code', 'dossier_steps.unit_name') }}
            = unit_references.reference
            and {{ to_day('dossier_steps.finished_at') }}
            between unit_references.refers_from_on and unit_references.refers_to_on
    left join officer_versions
        on
            dossier_steps.officer = officer_versions.officer_id
            and {{ to_day('dossier_steps.finished_at') }}
            between officer_versions.resolves_from_on and officer_versions.resolves_to_on
    -- a sync that tells of the same work does not add to it
    where dossier_steps.finished_at is not null and dossier_steps.is_governing
),

steps as (
    select
        unit_id,
        officer_id,
        done_on,
        0 as documents_in,
        0 as documents_out,
        0 as documents_in_shared,
        0 as documents_out_shared,
        0 as documents_due,
        0 as documents_late,
        count(*) as steps_done
    from placed_steps
    group by unit_id, officer_id, done_on
)

select * from letters
union all
select * from deadlines
union all
select * from steps
