-- Spans that do not count towards the time limit: the newest version of each (dossier_code, paused_at) by default key.
{{ latest_versions('pauses', {
    'dossier_code': 'code',
    'paused_at': 'timestamp',
    'resumed_at': 'timestamp',
    'reason': 'label',
    'holder_unit_code': 'label',
}) }}
