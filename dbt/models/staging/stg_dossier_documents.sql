-- Papers filed with or issued from a dossier: the newest version of each (dossier_code, document_code) by default
-- key, from each source. A sync that passes an input file off as the result sends one code for two papers.
{{ governed_versions('dossier_documents', {
    'dossier_code': 'code',
    'document_code': 'code',
    'component_code': 'code',
    'is_result': 'boolean',
    'is_digitized': 'boolean',
    'is_reused': 'boolean',
    'is_from_citizen_store': 'boolean',
    'result_code': 'code',
}, key_mark="case when raw_rows.is_result = 'true' then '|result' else '' end") }}
