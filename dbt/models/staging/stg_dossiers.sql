-- One row per (namespace, dossier_code), merged column by column: what the most trusted source knows wins,
-- what it leaves empty comes from the next one. Deleted at source only when no source has the dossier any more.
-- Whether and how a dossier ended is one statement and is never merged: finish, return, refusal and status
-- come together from the most trusted source that states such things at all, empty where it leaves them empty.
-- Else the finish date of a sync would end what the local register holds open.
with

versions as (
    select * from {{ ref('stg_dossier_versions') }}
),

sources_of_states as (
    select distinct source as state_source
    from versions
    where
        status_code is not null
        or finished_at is not null
        or returned_at is not null
        or refused_at is not null
),

-- sorted without the columns that are merged: rows are wide
trust as (
    select
        source,
        record_key,
        row_number() over (
            partition by dossier_key
            order by is_deleted_at_source asc, precedence asc, source asc, record_key asc
        ) as trust_order
    from versions
    where is_latest and dossier_code is not null
),

latest as (
    select
        versions.*,
        trust.trust_order,
        sources_of_states.state_source,
        case when sources_of_states.state_source is not null then trust.trust_order end as state_order,
        -- a limit is one statement too: "15 days + 8 working days" never takes its parts from two sources
        case when versions.limit_value is not null then trust.trust_order end as limit_order
    from versions
    inner join trust
        on
            versions.source = trust.source
            and versions.record_key = trust.record_key
    left join sources_of_states on versions.source = sources_of_states.state_source
    where versions.is_latest and versions.dossier_code is not null
)

select
    dossier_key,
    {{ first_known('source', 'trust_order') }} as source,
    min(namespace) as namespace,
    {{ first_known('record_key', 'trust_order') }} as record_key,
    min(dossier_code) as dossier_code,
    {{ first_known('other_code', 'trust_order') }} as other_code,
    {{ first_known('procedure_code', 'trust_order') }} as procedure_code,
    {{ first_known('procedure_name', 'trust_order') }} as procedure_name,
    {{ first_known('field_code', 'trust_order') }} as field_code,
    {{ first_known('field_name', 'trust_order') }} as field_name,
    {{ first_known('procedure_level', 'trust_order') }} as procedure_level,
    {{ first_known('unit_code', 'trust_order') }} as unit_code,
    {{ first_known('unit_label', 'trust_order') }} as unit_label,
    {{ first_known('unit_name', 'trust_order') }} as unit_name,
    {{ first_known('receiving_unit_code', 'trust_order') }} as receiving_unit_code,
    {{ first_known('receiving_unit_name', 'trust_order') }} as receiving_unit_name,
    {{ first_known('channel', 'trust_order') }} as channel,
    {{ first_known('channel_source', 'trust_order') }} as channel_source,
    {{ first_known('applicant', 'trust_order') }} as applicant,
    {{ first_known('applicant_type', 'trust_order') }} as applicant_type,
    {{ first_known('submitted_at', 'trust_order') }} as submitted_at,
    {{ first_known('received_at', 'trust_order') }} as received_at,
    {{ first_known('competent_received_at', 'trust_order') }} as competent_received_at,
    {{ first_known('original_due_at', 'trust_order') }} as original_due_at,
    {{ first_known('due_at', 'trust_order') }} as due_at,
    arg_min_null(finished_at, state_order) as finished_at,
    arg_min_null(returned_at, state_order) as returned_at,
    arg_min_null(refused_at, state_order) as refused_at,
    arg_min_null(status_code, state_order) as status_code,
    arg_min_null(status_source, state_order) as status_source,
    {{ first_known('officer', 'trust_order') }} as officer,
    arg_min_null(limit_value, limit_order) as limit_value,
    arg_min_null(limit_unit, limit_order) as limit_unit,
    arg_min_null(limit_value_2, limit_order) as limit_value_2,
    arg_min_null(limit_unit_2, limit_order) as limit_unit_2,
    {{ first_known('is_remote_area', 'trust_order') }} as is_remote_area,
    {{ first_known('reported_is_on_time', 'trust_order') }} as reported_is_on_time,
    {{ first_known('reported_due_at', 'trust_order') }} as reported_due_at,
    {{ first_known('has_digitized_components', 'trust_order') }} as has_digitized_components,
    {{ first_known('has_electronic_result', 'trust_order') }} as has_electronic_result,
    {{ first_known('is_reusing_data', 'trust_order') }} as is_reusing_data,
    {{ first_known('is_paid_online', 'trust_order') }} as is_paid_online,
    {{ first_known('state_source', 'state_order') }} as state_source,
    {{ first_known('precedence', 'state_order') }} as state_precedence,
    max(extracted_at) as extracted_at,
    max(last_seen_at) as last_seen_at,
    {{ all_true('is_deleted_at_source') }} as is_deleted_at_source,
    {{ list_texts('bad_columns') }} as bad_columns,
    {{ first_known('file_sha256', 'trust_order') }} as file_sha256,
    {{ first_known('row_no', 'trust_order') }} as row_no
from latest
group by dossier_key
