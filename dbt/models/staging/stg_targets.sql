-- Targets set for an indicator: the newest version of each (indicator_code, unit_code, field_code, procedure_level, period) by default key.
{{ latest_versions('targets', {
    'indicator_code': 'code',
    'unit_code': 'label',
    'field_code': 'code',
    'procedure_level': 'label',
    'period': 'code',
    'value': 'decimal',
    'legal_source': 'label',
}) }}
