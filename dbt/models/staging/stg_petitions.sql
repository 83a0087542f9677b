-- Petitions and feedback from citizens: the newest version of each (petition_code) by default key.
{{ latest_versions('petitions', {
    'petition_code': 'code',
    'unit_code': 'label',
    'petition_type': 'label',
    'sent_at': 'timestamp',
    'accepted_at': 'timestamp',
    'transferred_at': 'timestamp',
    'due_at': 'timestamp',
    'answered_at': 'timestamp',
    'published_at': 'timestamp',
    'is_satisfied': 'boolean',
    'complexity': 'label',
    'is_remote': 'boolean',
    'instance_no': 'integer',
    'handling': 'label',
}) }}
