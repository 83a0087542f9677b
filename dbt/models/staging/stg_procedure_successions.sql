-- Which procedure replaced which: the newest version of each (old_procedure_code, new_procedure_code, succeeded_on) by default key.
{{ latest_versions('procedure_successions', {
    'old_procedure_code': 'code',
    'new_procedure_code': 'code',
    'succeeded_on': 'date',
    'legal_source': 'label',
}) }}
