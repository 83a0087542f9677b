-- Processing steps of dossiers: the newest version of each (dossier_code, step_no) by default key, from each
-- source. Only governing rows count; the others show what a less trusted source tells of the same dossier.
{{ governed_versions('dossier_steps', {
    'dossier_code': 'code',
    'step_no': 'integer',
    'step_name': 'label',
    'unit_code': 'label',
    'unit_name': 'label',
    'officer': 'person',
    'started_at': 'timestamp',
    'due_at': 'timestamp',
    'finished_at': 'timestamp',
    'status_code': 'code',
    'allowed_days': 'decimal',
}) }}
