-- Requests for missing papers and the applicants' answers: the newest version of each (dossier_code,
-- request_code) by default key, from each source. Only governing rows count.
{{ governed_versions('supplement_requests', {
    'dossier_code': 'code',
    'request_code': 'code',
    'officer': 'person',
    'requested_at': 'timestamp',
    'answered_at': 'timestamp',
    'previous_due_at': 'timestamp',
    'new_due_at': 'timestamp',
}) }}
