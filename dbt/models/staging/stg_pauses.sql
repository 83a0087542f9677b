-- Spans that do not count towards the time limit: the newest version of each (dossier_code, paused_at) by
-- default key, from each source. Only governing rows count.
{{ governed_versions('pauses', {
    'dossier_code': 'code',
    'paused_at': 'timestamp',
    'resumed_at': 'timestamp',
    'reason': 'label',
    'holder_unit_code': 'label',
}) }}
