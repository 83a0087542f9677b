-- Stock of issued results: the newest version of each (result_code) by default key.
{{ latest_versions('results', {
    'result_code': 'code',
    'dossier_code': 'code',
    'procedure_code': 'code',
    'field_code': 'code',
    'unit_code': 'label',
    'issued_on': 'date',
    'valid_to_on': 'date',
    'is_permanent': 'boolean',
    'is_electronic': 'boolean',
    'is_digitized': 'boolean',
    'digitized_on': 'date',
}) }}
