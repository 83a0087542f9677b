"""Named points at which a test kills the run, one before and one after every commit.

``CCHC_FAILPOINT=<name>`` makes the process kill itself (SIGKILL, so nothing can clean up) the first
time it passes that point. Unset, a point costs one dictionary look-up.
"""

from __future__ import annotations

import os
import signal

POINTS = (
    "extract.before",
    "extract.after",
    "normalize.after",
    "load.before",
    "load.committed",  # DuckDB has committed the rows, dlt has not noted it yet
    "load.noted",  # dlt has noted it too, the run has not ended
    "load.after",
    "control.before",
    "control.after",
    "dbt.before",
    "dbt.after",
    "verdict.before",
    "verdict.after",
    "release.before",
    "release.written",  # the release folder is complete, nothing points to it
    "publish.before",
    "publish.marts_renamed",  # marts.duckdb is new, parquet and manifest are old
    "publish.after",
    "reports.after",
    "fingerprint.before",
)


def failpoint(name: str) -> None:
    """Kill the process here if ``CCHC_FAILPOINT`` names this point; ``name`` must stand in POINTS."""
    if os.environ.get("CCHC_FAILPOINT") == name:
        assert name in POINTS, name
        os.kill(os.getpid(), signal.SIGKILL)
