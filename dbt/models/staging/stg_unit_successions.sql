-- Which unit took over from which: the newest version of each (old_unit_code, new_unit_code, succeeded_on) by default key.
{{ latest_versions('unit_successions', {
    'old_unit_code': 'label',
    'new_unit_code': 'label',
    'succeeded_on': 'date',
    'share': 'decimal',
    'is_default': 'boolean',
    'legal_source': 'label',
}) }}
