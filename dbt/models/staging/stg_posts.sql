-- Establishment (posts assigned and filled): the newest version of each (unit_code, year) by default key.
{{ latest_versions('posts', {
    'unit_code': 'label',
    'year': 'integer',
    'posts_assigned': 'integer',
    'posts_filled': 'integer',
}) }}
