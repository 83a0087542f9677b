-- Appointments (due dates) of dossiers and why they were set: the newest version of each (dossier_code, reason,
-- known_from_at) by default key, from each source. Only governing rows count.
{{ governed_versions('due_dates', {
    'dossier_code': 'code',
    'due_at': 'timestamp',
    'known_from_at': 'timestamp',
    'reason': 'label',
    'document_code': 'code',
}) }}
