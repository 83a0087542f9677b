"""The Arrow schemas of what ingest hands to the loader: raw tables, outcomes, quarantine.

No reading and no SQL here. ``_dlt_load_id`` is missing on purpose: the loader adds it.
"""

from __future__ import annotations

from functools import cache

import pyarrow as pa

from dagster_project.ingest.grammar import READER_VERSION
from dagster_project.ingest.record_kinds import record_kinds

__all__ = [
    "META_FIELDS",
    "OUTCOME_SCHEMA",
    "QUARANTINE_SCHEMA",
    "RAW_SCHEMAS",
    "READER_VERSION",
    "raw_schema",
]

META_FIELDS = (
    pa.field("_source", pa.string()),
    pa.field("_input", pa.string()),
    pa.field("_file", pa.string()),
    pa.field("_file_id", pa.string()),
    pa.field("_file_sha256", pa.string()),
    pa.field("_map_fingerprint", pa.string()),
    pa.field("_row_no", pa.int64()),
    pa.field("_record_key", pa.string()),
    pa.field("_extracted_at", pa.string()),
    pa.field("_latest_by", pa.string()),
    pa.field("_row_hash", pa.string()),
    pa.field("_bad_columns", pa.string()),
)
"""What every raw row says about itself, after the columns of its kind."""

OUTCOME_SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("file_id", pa.string()),
        ("sha256", pa.string()),
        ("source", pa.string()),
        ("input", pa.string()),
        ("record_kind", pa.string()),
        ("map_fingerprint", pa.string()),
        ("extracted_at", pa.string()),
        ("mode", pa.string()),
        ("rows_read", pa.int64()),
        ("rows_loaded", pa.int64()),
        ("rows_duplicate", pa.int64()),
        ("rows_quarantined", pa.int64()),
        ("rows_skipped", pa.int64()),
        ("ignored_columns", pa.string()),
        ("status", pa.string()),
        ("error", pa.string()),
        ("is_synthetic", pa.bool_()),
    ]
)
"""One row per file, record kind and map version."""

QUARANTINE_SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("file", pa.string()),
        ("file_id", pa.string()),
        ("sha256", pa.string()),
        ("record_kind", pa.string()),
        ("map_fingerprint", pa.string()),
        ("row_no", pa.int64()),
        ("column_name", pa.string()),
        ("reason", pa.string()),
        ("is_row_rejected", pa.bool_()),
        ("cell_shape", pa.string()),
        ("cell_length", pa.int64()),
        ("cell_hash", pa.string()),
        ("record_key", pa.string()),
    ]
)
"""One row per cell that was not taken (``column_name``) or per rejected row (``column_name`` NULL)."""


@cache
def raw_schema(kind: str) -> pa.Schema:
    """Schema of ``raw.<kind>``: the kind's columns as text, then META_FIELDS. KeyError for no such kind."""
    columns = [pa.field(name, pa.string()) for name in record_kinds()[kind].columns]
    return pa.schema([*columns, *META_FIELDS])


RAW_SCHEMAS = {kind: raw_schema(kind) for kind in record_kinds()}
"""Every record kind with its schema."""
