-- Every version of every dossier, typed: one row per change of content between extracts of one source.
-- A row that says the same as the extract before it is no new version; it only moves last_seen_at.
with versions as (
    {{ raw_versions('dossiers', {
        'dossier_code': 'code',
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
        'is_remote_area': 'boolean',
        'reported_is_on_time': 'boolean',
        'reported_due_at': 'timestamp',
        'has_digitized_components': 'boolean',
        'has_electronic_result': 'boolean',
        'is_reusing_data': 'boolean',
        'is_paid_online': 'boolean',
    }) }}
),

keys as (
    select
        source,
        record_key,
        max(extracted_at) as last_seen_at
    from versions
    group by source, record_key
),

ordered as (
    select
        *,
        lag(row_hash) over (
            partition by source, record_key
            order by {{ oldest_first() }}
        ) as previous_row_hash
    from versions
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
        ) as next_row_hash
    from ordered
    where previous_row_hash is distinct from row_hash
)

select
    changes.source,
    changes.namespace,
    changes.precedence,
    changes.record_key,
    changes.dossier_code,
    changes.procedure_code,
    changes.procedure_name,
    changes.field_code,
    changes.field_name,
    changes.procedure_level,
    changes.unit_code,
    changes.unit_name,
    changes.receiving_unit_code,
    changes.receiving_unit_name,
    changes.channel,
    changes.channel_source,
    changes.applicant,
    changes.applicant_type,
    changes.submitted_at,
    changes.received_at,
    changes.competent_received_at,
    changes.original_due_at,
    changes.due_at,
    changes.finished_at,
    changes.returned_at,
    changes.refused_at,
    changes.status_code,
    changes.status_source,
    changes.officer,
    changes.limit_value,
    changes.limit_unit,
    changes.is_remote_area,
    changes.reported_is_on_time,
    changes.reported_due_at,
    changes.has_digitized_components,
    changes.has_electronic_result,
    changes.is_reusing_data,
    changes.is_paid_online,
    changes.extracted_at,
    keys.last_seen_at,
    coalesce(keys.last_seen_at < changes.newest_full_extract_at, false) as is_deleted_at_source,
    changes.bad_columns,
    changes.file_sha256,
    changes.row_no,
    changes.version_no,
    changes.next_row_hash is null as is_latest
from changes
inner join keys
    on
        changes.source = keys.source
        and changes.record_key = keys.record_key
