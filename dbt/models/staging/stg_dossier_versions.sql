-- Every version of every dossier, typed: one row per change of content between extracts of one source.
-- A row that says the same as the extract before it is no new version; it only moves last_seen_at.
with versions as (
    {{ raw_versions('dossiers', {
        'dossier_code': 'code',
        'other_code': 'code',
        'procedure_code': 'code',
        'procedure_name': 'label',
        'field_code': 'code',
        'field_name': 'label',
        'procedure_level': 'label',
        'unit_code': 'label',
        'unit_name': 'label',
        'receiving_unit_code': 'label',
        'receiving_unit_name': 'label',
        'channel': 'label',
        'channel_source': 'label',
        'applicant': 'person',
        'applicant_type': 'label',
        'submitted_at': 'timestamp',
        'received_at': 'timestamp',
        'competent_received_at': 'timestamp',
        'original_due_at': 'timestamp',
        'due_at': 'timestamp',
        'finished_at': 'timestamp',
        'returned_at': 'timestamp',
        'refused_at': 'timestamp',
        'status_code': 'code',
        'status_source': 'label',
        'officer': 'person',
        'limit_value': 'decimal',
        'limit_unit': 'label',
        'limit_value_2': 'decimal',
        'limit_unit_2': 'label',
        'is_remote_area': 'boolean',
        'reported_is_on_time': 'boolean',
        'reported_due_at': 'timestamp',
        'has_digitized_components': 'boolean',
        'has_electronic_result': 'boolean',
        'is_reusing_data': 'boolean',
        'is_paid_online': 'boolean',
    }, as_written={'unit_label': 'unit_code'}) }}
),

-- rows of keys that came once are versions as they are; sorting is kept for the others
repeated_keys as (
    select
        source,
        record_key,
        max(extracted_at) as last_seen_at
    from versions
    group by source, record_key
    having count(*) > 1
),

repeated as (
    select
        versions.*,
        repeated_keys.last_seen_at,
        lag(versions.row_hash) over (
            partition by versions.source, versions.record_key
            order by {{ oldest_first() }}
        ) as previous_row_hash
    from versions
    inner join repeated_keys
        on
            versions.source = repeated_keys.source
            and versions.record_key = repeated_keys.record_key
),

changes as (
    select
        *,
        row_number() over (
            partition by source, record_key
            order by {{ oldest_first() }}
        ) as version_no,
        lead(row_hash) over (
            partition by source, record_key
            order by {{ oldest_first() }}
        ) is null as is_latest
    from repeated
    where previous_row_hash is distinct from row_hash
),

single as (
    select
        versions.*,
        versions.extracted_at as last_seen_at,
        cast(null as varchar) as previous_row_hash,
        1 as version_no,
        true as is_latest
    from versions
    left join repeated_keys
        on
            versions.source = repeated_keys.source
            and versions.record_key = repeated_keys.record_key
    where repeated_keys.record_key is null
),

combined as (
    select * from changes
    union all
    select * from single
)

select
    combined.source,
    combined.namespace,
    combined.precedence,
    combined.record_key,
    {{ dossier_key('combined') }} as dossier_key,
    combined.dossier_code,
    combined.other_code,
    combined.is_other_code,
    combined.procedure_code,
    combined.procedure_name,
    combined.field_code,
    combined.field_name,
    combined.procedure_level,
    combined.unit_code,
    combined.unit_label,
    combined.unit_name,
    combined.receiving_unit_code,
    combined.receiving_unit_name,
    combined.channel,
    combined.channel_source,
    combined.applicant,
    combined.applicant_type,
    combined.submitted_at,
    combined.received_at,
    combined.competent_received_at,
    combined.original_due_at,
    combined.due_at,
    combined.finished_at,
    combined.returned_at,
    combined.refused_at,
    combined.status_code,
    combined.status_source,
    combined.officer,
    combined.limit_value,
    combined.limit_unit,
    combined.limit_value_2,
    combined.limit_unit_2,
    combined.is_remote_area,
    combined.reported_is_on_time,
    combined.reported_due_at,
    combined.has_digitized_components,
    combined.has_electronic_result,
    combined.is_reusing_data,
    combined.is_paid_online,
    combined.extracted_at,
    combined.last_seen_at,
    coalesce(combined.last_seen_at < combined.newest_full_extract_at, false) as is_deleted_at_source,
    combined.bad_columns,
    combined.file_sha256,
    combined.row_no,
    combined.version_no,
    combined.is_latest
from combined
