-- Papers filed with or issued from a dossier: the newest version of each (dossier_code, document_code) by default key.
{{ latest_versions('dossier_documents', {
    'dossier_code': 'code',
    'document_code': 'code',
    'component_code': 'code',
    'is_result': 'boolean',
    'is_digitized': 'boolean',
    'is_reused': 'boolean',
    'is_from_citizen_store': 'boolean',
    'result_code': 'code',
}) }}
