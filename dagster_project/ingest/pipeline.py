"""dlt: mapped files into schema ``raw`` of the working warehouse, append-only, each file exactly once.

Belongs here: the dlt source, its pipeline, the ledger of what is already loaded. Reading and mapping
files is ``batches`` and ``mapping``; typing and versions are dbt's.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.failpoints import failpoint
from dagster_project.ingest.landing import ClaimedFile
from dagster_project.ingest.record_kinds import record_kinds
from dagster_project.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa
    from dlt.extract.source import DltSource
    from dlt.pipeline.pipeline import Pipeline

    from dagster_project.ingest.mapping import MappedFile

DATASET = "raw"
OUTCOMES = "ingest_outcomes"
QUARANTINE = "quarantine"

# dlt reads these when it runs. Naive datetimes never reach it (raw is text), the load id is what makes
# an at-least-once append countable, and restoring from the destination would cost a query per run for
# state this pipeline does not keep.
_DLT_ENVIRONMENT = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "true",
    "RESTORE_FROM_DESTINATION": "false",
    "LOAD__WORKERS": "2",
    "LOAD__DELETE_COMPLETED_JOBS": "true",
}


@dataclass
class IngestReport:
    """What one refresh did with the files: new ones read, known ones passed over, errors by file."""

    read: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    unclaimed: list[str] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)


def raw_table_names() -> list[str]:
    """Every table of schema ``raw`` that we write."""
    return [*record_kinds(), OUTCOMES, QUARANTINE]


def raw_tables() -> dict[str, pa.Schema]:
    """The schema of every table that we write, by name, without dlt's own column."""
    from dagster_project.ingest.raw_schema import OUTCOME_SCHEMA, QUARANTINE_SCHEMA, raw_schema

    schemas = {kind: raw_schema(kind) for kind in record_kinds()}
    return {**schemas, OUTCOMES: OUTCOME_SCHEMA, QUARANTINE: QUARANTINE_SCHEMA}


def build_pipeline(pipelines_dir: Path, warehouse: Path | None = None) -> Pipeline:
    """The dlt pipeline into ``warehouse``; its working files stay below ``pipelines_dir``.

    Without a warehouse it has no destination: enough to define assets, and resolving a destination costs
    more than all other definitions together.
    """
    os.environ.update(_DLT_ENVIRONMENT)
    logging.getLogger("dlt").setLevel(logging.ERROR)
    # dagster-dlt calls a method of dlt by its former name; the user can do nothing about it.
    warnings.filterwarnings("ignore", message="drop_pending_packages is deprecated")
    import dlt
    from dlt.destinations import duckdb as duckdb_destination

    return dlt.pipeline(
        pipeline_name="cchc",
        pipelines_dir=str(pipelines_dir),
        destination=duckdb_destination(str(warehouse)) if warehouse else None,
        dataset_name=DATASET,
        progress=None,
    )


def build_source(mapped_files: Callable[[], Iterator[MappedFile]]) -> DltSource:
    """One dlt source: a parent resource reads each file once, a transformer per raw table takes its rows."""
    import dlt

    def mapped_exports() -> Iterator[dict[str, pa.Table]]:
        # An empty batch first: a resource without rows would make no table, and dbt needs all of them.
        yield {name: schema.empty_table() for name, schema in raw_tables().items()}
        for mapped in mapped_files():
            yield {**mapped.tables, OUTCOMES: mapped.outcomes, QUARANTINE: mapped.quarantine}

    parent = dlt.resource(mapped_exports, name="mapped_exports", selected=False)

    def table_of(name: str) -> Any:
        def rows(item: dict[str, pa.Table]) -> Iterator[pa.Table]:
            if name in item:
                yield item[name]

        return dlt.transformer(
            rows,
            data_from=parent,
            name=name,
            write_disposition="append",
            # Our header map decides names and shapes before dlt sees them: a change here is a defect.
            schema_contract={"tables": "evolve", "columns": "evolve", "data_type": "freeze"},
        )

    @dlt.source(name="exports")
    def exports() -> Any:
        return [parent, *(table_of(name) for name in raw_table_names())]

    return exports()


class Ledger:
    """What ``raw`` already holds, read from complete loads only (a view, never a second record).

    ``is_synthetic``: does it hold the sample department? None while it holds nothing.
    """

    def __init__(self, warehouse: Path) -> None:
        self._loaded: set[tuple[str, ...]] = set()
        self._failures: set[tuple[str, ...]] = set()
        self.is_synthetic: bool | None = None
        if not warehouse.exists():
            return
        import duckdb

        with duckdb.connect(str(warehouse), read_only=True) as connection:
            tables = connection.execute(
                "select count(*) from information_schema.tables"
                " where table_schema = ? and table_name in (?, '_dlt_loads')",
                [DATASET, OUTCOMES],
            ).fetchall()[0][0]
            if tables < 2:
                return
            rows = connection.execute(
                f"select distinct source, input, file_id, map_fingerprint, status, coalesce(error, ''),"
                f" coalesce(is_synthetic, false) from {DATASET}.{OUTCOMES}"
                f" where _dlt_load_id in (select load_id from {DATASET}._dlt_loads where status = 0)"
            ).fetchall()
        self._loaded = {tuple(row[:4]) for row in rows if row[4] == "loaded"}
        self._failures = {(*row[:4], row[5]) for row in rows if row[4] != "loaded"}
        if self._loaded:
            self.is_synthetic = any(row[6] for row in rows if row[4] == "loaded")

    def has_data(self) -> bool:
        return bool(self._loaded)

    def holds(self, file: ClaimedFile) -> bool:
        """Was this content read completely under today's map?"""
        return _identity(file) in self._loaded

    def knows_failure(self, file: ClaimedFile, error: str) -> bool:
        """Does the log already say that this content cannot be read, for this reason?"""
        return (*_identity(file), error) in self._failures


def _identity(file: ClaimedFile) -> tuple[str, ...]:
    return (file.source_map.source, file.input.name, file.file_id, file.source_map.fingerprint)


def read_new(
    files: Iterable[ClaimedFile],
    ledger: Ledger,
    key: bytes,
    max_json_mib: int,
    report: IngestReport,
    progress: Progress | None = None,
) -> Callable[[], Iterator[MappedFile]]:
    """A function that yields the mapped content of every file that ``raw`` does not hold yet.

    Fills ``report`` as it goes. A file that cannot be read yields its outcome row (once) and an error.
    """
    new: list[ClaimedFile] = []
    for claimed in files:
        seen = ledger.holds(claimed)
        (report.known if seen else report.read).append(claimed.name)
        if not seen:
            new.append(claimed)

    def mapped_files() -> Iterator[MappedFile]:
        from dagster_project.ingest.batches import BatchMapper, plan_batches

        batches = plan_batches(new)
        number = 0
        with closing(BatchMapper(key, max_json_mib).results(batches)) as results:
            for batch in batches:
                if progress:
                    progress(batch[0].name, number + 1, len(new))
                for mapped in next(results):
                    number += 1
                    if progress and mapped.claimed is not batch[0]:
                        progress(mapped.claimed.name, number, len(new))
                    if _is_news(mapped, ledger, report):
                        yield mapped

    return mapped_files


def _is_news(mapped: MappedFile, ledger: Ledger, report: IngestReport) -> bool:
    """Fill the report; False for a failure that the log already knows."""
    if mapped.error is not None:
        source_map = mapped.claimed.source_map
        report.errors.append(
            {
                "file": mapped.claimed.name,
                "source": source_map.source,
                "required": source_map.required,
                "error": mapped.error,
            }
        )
        report.errors.sort(key=lambda one: str(one["file"]))
        if ledger.knows_failure(mapped.claimed, mapped.error):
            return False
    for kind, table in mapped.tables.items():
        report.rows[kind] = report.rows.get(kind, 0) + table.num_rows
    return True


@contextmanager
def load_failpoints() -> Iterator[None]:
    """Put the failpoints around dlt's own commits; does nothing unless a failpoint is set."""
    if not os.environ.get("CCHC_FAILPOINT"):
        yield
        return
    from dlt.load.load import Load
    from dlt.pipeline.pipeline import Pipeline

    def before_and_after(owner: type, method: str, before: str | None, after: str | None) -> None:
        original = getattr(owner, method)

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            if before:
                failpoint(before)
            result = original(*args, **kwargs)
            if after:
                failpoint(after)
            return result

        setattr(owner, method, wrapped)

    before_and_after(Pipeline, "extract", "extract.before", "extract.after")
    before_and_after(Pipeline, "normalize", None, "normalize.after")
    before_and_after(Pipeline, "load", "load.before", "load.after")
    before_and_after(Load, "complete_package", "load.committed", "load.noted")
    yield
