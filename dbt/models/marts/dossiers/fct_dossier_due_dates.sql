select
    dossier_key,
    version_no,
    is_governing,
    due_at,
    known_from_at,
    reason,
    basis
from {{ ref('dossier_due_dates') }}
