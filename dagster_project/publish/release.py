"""Write one release: the marts of the working warehouse copied into an immutable folder.

Nothing here changes what analysts see; ``pointer`` does that.
"""

from __future__ import annotations

import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.errors import CchcError
from dagster_project.failpoints import failpoint
from dagster_project.home import Home
from dagster_project.publish.content_hash import (
    MARTS,
    PUBLISHED,
    TableHash,
    column_types,
    hash_state_tables,
    mart_tables,
    state_digest,
    table_content_hash,
)
from dagster_project.publish.files import READ_ONLY, SCRATCH_PREFIX, fsync, sha256, write_json
from dagster_project.publish.fingerprint import Fingerprint
from dagster_project.publish.history import fill_published_indicators, refill
from dagster_project.publish.literals import name, text
from dagster_project.publish.manifest import FILE_NAME, Manifest, release_ids
from dagster_project.publish.pointer import PARQUET, mark_pending, recover
from dagster_project.publish.privacy import Privacy
from dagster_project.publish.restatements import explain_since_closing
from dagster_project.publish.sides import Side, Sides

# The oldest file format that DBeaver, Metabase and their like are sure to read.
STORAGE_VERSION = "v1.2.0"
# Vietnam has one time zone and no summer time: wall time there never runs backwards.
VIETNAM = timezone(timedelta(hours=7))
# Up to here a full sort costs less than a second; larger tables keep the order of the build.
SORTED_ROWS = 200_000
LIBRARIES = ("cchc-warehouse", "duckdb", "dlt", "dbt-core", "dbt-duckdb", "great-expectations", "dagster")


@dataclass(frozen=True)
class RunFacts:
    """What a run knows and the warehouse does not; goes into the manifest.

    ``sources``: one mapping per file with ``file``, ``sha256``, ``source``, ``status``. ``verdict``: the
    summary of the quality gate. ``started_at`` in any time zone.
    """

    run_id: str
    as_of_on: date
    is_synthetic: bool
    started_at: datetime
    sources: Sequence[Mapping[str, Any]]
    verdict: Mapping[str, Any]
    fingerprint: Fingerprint
    privacy: Privacy = field(default_factory=Privacy)


def write_release(home: Home, run: RunFacts) -> str:
    """Write ``published/releases/<release_id>/`` completely and return its id; nothing points to it yet.

    The folder gets its name in one step, after everything in it is on disk. Raises CchcError when the
    working warehouse is missing or has no marts; then, and after any other failure, no folder is left.
    """
    failpoint("release.before")
    if not home.warehouse.exists():
        raise CchcError(f"{home.warehouse}: no working warehouse; run cchc refresh first")
    recover(home)
    home.releases.mkdir(parents=True, exist_ok=True)
    draft = home.releases / f"{SCRATCH_PREFIX}{run.run_id}"
    (draft / PARQUET).mkdir(parents=True)
    try:
        manifest = _write_tables(home, run, draft)
        write_json(draft / FILE_NAME, manifest.as_json(), READ_ONLY)
        fsync(draft / PARQUET)
        fsync(draft)
        # Announced before it exists: a run killed right after the rename is finished by ``recover``.
        mark_pending(home, manifest.release_id)
        draft.rename(home.releases / manifest.release_id)
        fsync(home.releases)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    failpoint("release.written")
    return manifest.release_id


def _write_tables(home: Home, run: RunFacts, draft: Path) -> Manifest:
    marts = draft / home.marts.name
    with duckdb.connect(config={"temp_directory": str(home.build / "spill")}) as connection:
        connection.execute(f"attach {text(home.warehouse)} as warehouse (read_only)")
        connection.execute(f"attach {text(marts)} as release (storage_version '{STORAGE_VERSION}')")
        connection.execute("begin")
        tables = mart_tables(connection, MARTS, "warehouse")
        if not tables:
            raise CchcError(f"{home.warehouse}: schema {MARTS} is empty; run cchc refresh first")
        for table in tables:
            _copy_table(connection, table, run.privacy)
        # DuckDB reads with several threads only what is committed. After that one commit more, not one for
        # each of hundreds of comments: every one waits for the disk.
        connection.execute("commit")
        connection.execute("begin")
        _fill_quality_results(connection)
        hashes = hash_state_tables(connection, PUBLISHED, "release")
        digest = state_digest(hashes)
        created_at = _next_moment(home)
        release_id = f"{created_at:%Y%m%dT%H%M%S}-{digest[:8]}"
        _explain_restatements(connection, home, run, release_id)
        fill_published_indicators(connection, home, release_id, created_at)
        _copy_comments(connection)
        full = _full_hashes(connection, hashes)
        for table in full:
            connection.execute(
                f"copy release.{PUBLISHED}.{table} to {text(draft / PARQUET / f'{table}.parquet')}"
                " (format parquet, compression zstd)"
            )
        data_through = _data_through(connection)
        connection.execute("commit")
        connection.execute("checkpoint release")
        connection.execute("detach release")
        connection.execute("detach warehouse")
    return Manifest(
        release_id=release_id,
        created_at=created_at.isoformat(timespec="seconds"),
        as_of_on=run.as_of_on.isoformat(),
        is_synthetic=run.is_synthetic,
        run_id=run.run_id,
        run_started_at=run.started_at.isoformat(timespec="seconds"),
        content_hash=digest,
        verdict=dict(run.verdict),
        sources=[dict(source) for source in run.sources],
        data_through=data_through,
        tables={
            name: {"rows": found.rows, "content_hash": found.content_hash} for name, found in full.items()
        },
        files=_seal(draft),
        fingerprint=run.fingerprint.for_manifest(),
        privacy=run.privacy.label,
        versions={"python": platform.python_version(), "storage": STORAGE_VERSION, **_versions()},
    )


def _copy_table(connection: duckdb.DuckDBPyConnection, table: str, privacy: Privacy) -> None:
    place = f"warehouse.{MARTS}.{table}"
    columns = column_types(connection, MARTS, table, "warehouse")
    rows = connection.execute(f"select count(*) from warehouse.{MARTS}.{table}").fetchone()
    assert rows is not None
    order = "order by all" if rows[0] <= SORTED_ROWS else ""
    shown = privacy.select(table, columns, place)
    connection.execute(f"create table release.{PUBLISHED}.{table} as {shown} {order}")


def _copy_comments(connection: duckdb.DuckDBPyConnection) -> None:
    here = f"database_name = 'warehouse' and schema_name = {text(MARTS)} and comment is not null"
    found = connection.execute(
        f"""
        select table_name, null as column_name, comment from duckdb_tables() where {here}
        union all
        select view_name, null, comment from duckdb_views() where {here}
        union all
        select table_name, column_name, comment from duckdb_columns() where {here}
        """
    ).fetchall()
    for table, column, comment in found:
        place = f"release.{PUBLISHED}.{name(table)}"
        kind = "table" if column is None else "column"
        if column is not None:
            place += f".{name(column)}"
        connection.execute(f"comment on {kind} {place} is {text(comment)}")


def _fill_quality_results(connection: duckdb.DuckDBPyConnection) -> None:
    """The checks end after dbt: the log of all runs replaces what dbt saw of it."""
    source = column_types(connection, "control", "quality_results", "warehouse")
    if source:
        refill(connection, "quality_results", "warehouse.control.quality_results", source)


def _explain_restatements(
    connection: duckdb.DuckDBPyConnection, home: Home, run: RunFacts, release_id: str
) -> None:
    """Say of every figure that is not what was published as final why it is not."""
    if not column_types(connection, PUBLISHED, "fct_restatements", "release"):
        return
    place = f"release.{PUBLISHED}"
    sides = Sides(home, Side(release_id, run.sources, run.fingerprint.parts), place)
    raw = "warehouse.raw" if column_types(connection, "raw", "dossiers", "warehouse") else None
    for table in explain_since_closing(connection, sides, f"{place}.published_indicators", raw):
        refill(connection, f"fct_{table}", table, column_types(connection, "main", table, "temp"))


def _full_hashes(
    connection: duckdb.DuckDBPyConnection, state: Mapping[str, TableHash]
) -> dict[str, TableHash]:
    """The hash of every table with all its columns; those of plain state tables are known already."""
    return {
        table: state[table]
        if table in state and table != "fct_indicators"
        else table_content_hash(connection, PUBLISHED, table, database="release")
        for table in mart_tables(connection, PUBLISHED, "release")
    }


def _data_through(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The newest extraction moment per source among the files that this warehouse loaded."""
    if not column_types(connection, "raw", "ingest_outcomes", "warehouse"):
        return {}
    found = connection.execute(
        """
        select source, max(extracted_at) from warehouse.raw.ingest_outcomes
        where status = 'loaded' and extracted_at is not null
            and _dlt_load_id in (select load_id from warehouse.raw._dlt_loads where status = 0)
        group by source order by source
        """
    ).fetchall()
    return {str(source): str(moment) for source, moment in found}


def _next_moment(home: Home) -> datetime:
    """Now, or a second after the newest release when the clock repeats or went back."""
    now = datetime.now(VIETNAM).replace(microsecond=0)
    known = release_ids(home)
    if known:
        newest = datetime.strptime(known[-1][:15], "%Y%m%dT%H%M%S").replace(tzinfo=VIETNAM)
        now = max(now, newest + timedelta(seconds=1))
    return now


def _seal(draft: Path) -> dict[str, dict[str, Any]]:
    """Make every file read-only and durable; return size and SHA-256 per relative name."""
    facts = {}
    for path in sorted(path for path in draft.rglob("*") if path.is_file()):
        path.chmod(READ_ONLY)
        fsync(path)
        facts[path.relative_to(draft).as_posix()] = {"bytes": path.stat().st_size, "sha256": sha256(path)}
    return facts


def _versions() -> dict[str, str]:
    found = {}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found
