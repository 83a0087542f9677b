-- Officers (pseudonyms) and their posts: the newest version of each (officer, valid_from_on) by default key.
{{ latest_versions('officers', {
    'officer': 'person',
    'unit_code': 'label',
    'position': 'label',
    'valid_from_on': 'date',
    'valid_to_on': 'date',
}) }}
