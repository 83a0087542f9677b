-- Reviews of late dossiers, typed back by units: the newest version of each (dossier_code, reviewed_on) by default key.
{{ latest_versions('delay_reviews', {
    'dossier_code': 'code',
    'reviewed_on': 'date',
    'unit_code': 'label',
    'officer': 'person',
    'cause_code': 'code',
    'is_subjective': 'boolean',
    'remedy_due_on': 'date',
}) }}
