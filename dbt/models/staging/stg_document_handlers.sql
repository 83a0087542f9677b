-- Who handles a letter: the newest version of each (unit_code, direction, register_year, book_code, register_no, officer, handler_unit_code) by default key.
{{ latest_versions('document_handlers', {
    'unit_code': 'label',
    'direction': 'label',
    'book_code': 'label',
    'register_year': 'integer',
    'register_no': 'code',
    'officer': 'person',
    'handler_unit_code': 'label',
    'role': 'label',
}) }}
