-- Counts as a body reported them: the newest version of each (unit_code, field_code, period, calendar, figure_code) by default key.
{{ latest_versions('reported_figures', {
    'unit_code': 'label',
    'field_code': 'code',
    'period': 'code',
    'calendar': 'label',
    'figure_code': 'code',
    'value': 'decimal',
}) }}
