"""What the ingest of this run could not read, as findings of the gate.

These come from the run itself and not from a table: the record of an unreadable file stays in the log
for ever, but only a file that lies in landing now may block.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dagster_project.quality.results import QualityResult

SUITE = "ingest"


def ingest_findings(run_id: str, run_at: datetime, ingest: dict[str, Any] | None) -> list[QualityResult]:
    """One finding per unreadable file: critical where its source is required, else a warning."""
    errors = (ingest or {}).get("errors", [])
    return [
        QualityResult(
            run_id=run_id,
            run_at=run_at.replace(tzinfo=None),
            suite=SUITE,
            expectation_id=f"readable_{number:03d}_{error['source']}",
            table_name="ingest_outcomes",
            column_name=None,
            severity="critical" if error["required"] else "warning",
            owner="data_engineering",
            status="fail",
            observed=None,
            unexpected_count=1,
            message=error["error"],
            message_vi=f"{error['file']}: không đọc được tệp; kết xuất lại hoặc sửa bản đồ nguồn",
        )
        for number, error in enumerate(sorted(errors, key=lambda item: str(item["file"])), start=1)
    ]
