-- Organisational units: the newest version of each (unit_code, valid_from_on) by default key.
{{ latest_versions('units', {
    'unit_code': 'label',
    'unit_name': 'label',
    'level': 'label',
    'kind': 'label',
    'parent_unit_code': 'label',
    'valid_from_on': 'date',
    'valid_to_on': 'date',
}, as_written={'unit_label': 'unit_code'}) }}
