-- Catalogue of administrative procedures: the newest version of each (procedure_code, valid_from_on) by default key.
{{ latest_versions('procedures', {
    'procedure_code': 'code',
    'procedure_name': 'label',
    'field_code': 'code',
    'field_name': 'label',
    'level': 'label',
    'limit_value': 'decimal',
    'limit_unit': 'label',
    'has_paper_result': 'boolean',
    'valid_from_on': 'date',
    'valid_to_on': 'date',
    'decided_on': 'date',
    'law_effective_on': 'date',
    'published_on': 'date',
}) }}
