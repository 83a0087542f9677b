-- Register of letters in and out: the newest version of each (unit_code, direction, register_year, book_code, register_no) by default key.
{{ latest_versions('documents', {
    'unit_code': 'label',
    'unit_name': 'label',
    'direction': 'label',
    'book_code': 'label',
    'register_year': 'integer',
    'register_no': 'code',
    'document_no': 'code',
    'document_type': 'label',
    'field_code': 'code',
    'registered_on': 'date',
    'issued_on': 'date',
    'due_on': 'date',
    'answered_on': 'date',
    'answer_document_no': 'code',
    'main_officer': 'person',
}) }}
