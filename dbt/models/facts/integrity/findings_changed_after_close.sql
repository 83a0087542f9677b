{{ config(materialized='view') }}
-- Between two extracts a source changed what had entered a closed quarter: the receipt, the finish, or the due
-- date of a finished dossier. Closed is a quarter after its last day, in the calendar in which that comes
-- first: from then on a report may have been made from it.
with

versions as (
    select
        dossier_key,
        source,
        precedence,
        record_key,
        version_no,
        received_at,
        due_at,
        finished_at,
        extracted_at
    from {{ ref('stg_dossier_versions') }}
    where dossier_code is not null
),

pairs as (
    select
        newer.dossier_key,
        newer.source,
        newer.precedence,
        newer.extracted_at,
        older.received_at as old_received_at,
        newer.received_at as new_received_at,
        older.due_at as old_due_at,
        newer.due_at as new_due_at,
        older.finished_at as old_finished_at,
        newer.finished_at as new_finished_at
    from versions as newer
    inner join versions as older
        on
            newer.source = older.source
            and newer.record_key = older.record_key
            and newer.version_no = older.version_no + 1
),

-- counted_at says in which quarter the older value counted: what is empty lies in none
changes as (
    select
        dossier_key,
        source,
        precedence,
        extracted_at,
        'finished_at' as field,
        old_finished_at as counted_at,
        old_finished_at as old_value,
        new_finished_at as new_value
    from pairs
    where old_finished_at is distinct from new_finished_at
    union all
    select
        dossier_key,
        source,
        precedence,
        extracted_at,
        'due_at' as field,
        old_finished_at as counted_at,
        old_due_at as old_value,
        new_due_at as new_value
    from pairs
    where old_due_at is distinct from new_due_at
    union all
    select
        dossier_key,
        source,
        precedence,
        extracted_at,
        'received_at' as field,
        old_received_at as counted_at,
        old_received_at as old_value,
        new_received_at as new_value
    from pairs
    where old_received_at is distinct from new_received_at
),

quarters as (
    select
        period_key,
        starts_on,
        ends_on
    from {{ ref('periods') }}
    where period_type = 'quarter'
),

closed as (
    select
        changes.*,
        quarters.period_key,
        row_number() over (
            partition by changes.dossier_key
            order by
                changes.extracted_at asc,
                changes.precedence asc,
                changes.source asc,
                changes.field desc,
                quarters.ends_on asc
        ) as finding_no
    from changes
    inner join quarters
        on
            {{ to_day('changes.counted_at') }} between quarters.starts_on and quarters.ends_on
            and {{ to_day('changes.extracted_at') }} > quarters.ends_on
)

select
    dossier_key,
    'changed_after_close' as finding_code,
    source,
    extracted_at as found_at,
    field || ' ' || coalesce(cast(old_value as varchar), 'empty')
    || ' became ' || coalesce(cast(new_value as varchar), 'empty')
    || ' after ' || period_key as evidence
from closed
where finding_no = 1
