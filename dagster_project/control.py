"""Schema ``control`` of the working warehouse: what Python tells dbt about this run.

Replaced whole before every dbt build, so that the warehouse never mixes two runs: today's source maps,
the run's as-of day, the files in landing, the public holidays, and what earlier releases published.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from dagster_project.errors import CchcError
from dagster_project.failpoints import failpoint
from dagster_project.home import Home
from dagster_project.ingest.grammar import SourceMap
from dagster_project.ingest.landing import ClaimedFile
from dagster_project.publish.history import published_indicator_rows
from dagster_project.quality.results import CREATE_RESULTS
from dagster_project.working_calendar import special_days


def default_as_of(warehouse: Path, maps: Iterable[SourceMap]) -> date:
    """The newest extraction day among the files loaded under today's maps; never the wall clock."""
    fingerprints = [one.fingerprint for one in maps]
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        newest = connection.execute(
            "select max(try_cast(extracted_at as timestamp))::date from raw.ingest_outcomes"
            " where status = 'loaded' and rows_loaded > 0 and list_contains(?, map_fingerprint)"
            " and _dlt_load_id in (select load_id from raw._dlt_loads where status = 0)",
            [fingerprints],
        ).fetchone()
    if not newest or newest[0] is None:
        raise CchcError(
            "no file gives an extraction day yet; drop exports into landing or name a day with --as-of"
        )
    day: date = newest[0]
    return day


def write_control(
    home: Home,
    run_id: str,
    as_of: date,
    maps: Iterable[SourceMap],
    files: Iterable[ClaimedFile],
    is_synthetic: bool,
) -> None:
    """Replace the control tables; one transaction, so a killed run leaves the old ones."""
    failpoint("control.before")
    maps = list(maps)
    source_maps = pa.table(
        {
            "source": pa.array([m.source for m in maps], pa.string()),
            "namespace": pa.array([m.namespace or m.source for m in maps], pa.string()),
            "precedence": pa.array([m.precedence for m in maps], pa.int32()),
            "is_required": pa.array([m.required for m in maps], pa.bool_()),
            "timezone": pa.array([m.timezone for m in maps], pa.string()),
            "mode": pa.array([m.extract.mode for m in maps], pa.string()),
            "map_fingerprint": pa.array([m.fingerprint for m in maps], pa.string()),
        }
    )
    rows = list(files)
    files_in_landing = pa.table(
        {
            "file_id": pa.array([f.file_id for f in rows], pa.string()),
            "file": pa.array([f.name for f in rows], pa.string()),
            "sha256": pa.array([f.sha256 for f in rows], pa.string()),
            "source": pa.array([f.source_map.source for f in rows], pa.string()),
        }
    )
    run_context = pa.table(
        {
            "run_id": pa.array([run_id], pa.string()),
            "as_of_on": pa.array([as_of], pa.date32()),
            "is_synthetic": pa.array([is_synthetic], pa.bool_()),
        }
    )
    special = special_days()
    public_holidays = pa.table(
        {
            "date_on": pa.array([day.date_on for day in special], pa.date32()),
            "name_vi": pa.array([day.name_vi for day in special], pa.string()),
            "name_en": pa.array([day.name_en for day in special], pa.string()),
            "is_working_day": pa.array([day.is_working_day for day in special], pa.bool_()),
        }
    )
    published_indicators = published_indicator_rows(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("begin")
        connection.execute("create schema if not exists control")
        for name, table in (
            ("source_maps", source_maps),
            ("files_in_landing", files_in_landing),
            ("run_context", run_context),
            ("public_holidays", public_holidays),
            ("published_indicators", published_indicators),
        ):
            connection.register("incoming", table)
            connection.execute(f"create or replace table control.{name} as select * from incoming")
            connection.unregister("incoming")
        connection.execute(CREATE_RESULTS)
        connection.execute("commit")
    failpoint("control.after")
