"""Assets ``raw/*``: a dlt resource and an asset per raw table. How files are read stands in ``ingest/``."""

import threading
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import dagster as dg
from dagster_dlt import DagsterDltResource, DagsterDltTranslator, dlt_assets
from dagster_dlt.translator import DltResourceTranslatorData

from dagster_project.defs.run import Run, failure
from dagster_project.errors import CchcError
from dagster_project.ingest.pipeline import (
    IngestReport,
    Ledger,
    build_pipeline,
    build_source,
    load_failpoints,
    read_new,
)
from dagster_project.progress import report as progress
from dagster_project.run_state import RunState
from dagster_project.settings import Settings


class RawTranslator(DagsterDltTranslator):
    """Names an asset after its table: ``raw/dossiers``; the files in landing are what it hangs on."""

    def get_asset_spec(self, data: DltResourceTranslatorData) -> dg.AssetSpec:
        spec: dg.AssetSpec = super().get_asset_spec(data)
        return spec.replace_attributes(
            key=dg.AssetKey(["raw", data.resource.name]),
            deps=[dg.AssetKey(["landing"])],
            group_name="raw",
            kinds={"dlt", "duckdb"},
            description=f"Raw `{data.resource.name}`: every version of every row, as text, append-only.",
        )


def landing_spec() -> dg.AssetSpec:
    """The folder of exports, as the external asset everything begins with."""
    return dg.AssetSpec(
        ["landing"], group_name="landing", description="Exports as they were dropped; never changed by us."
    )


def _import_for_later_steps() -> None:
    """Ten seconds of imports while DuckDB reads the exports, which leaves Python idle."""
    from dagster_project import dbt_runner
    from dagster_project.quality import adapter

    dbt_runner.warm_up()
    adapter.warm_up()


def build_ingest_assets(settings: Settings) -> dg.AssetsDefinition:
    """The dlt assets; their pipeline writes into the home of ``settings``."""
    place = settings.place

    @dlt_assets(
        dlt_source=build_source(lambda: iter(())),
        dlt_pipeline=build_pipeline(place.dlt),
        name="ingest",
        dagster_dlt_translator=RawTranslator(),
    )
    def ingest(context: dg.AssetExecutionContext, dlt: DagsterDltResource, run: Run) -> Iterator[Any]:
        try:
            yield from _load(context, dlt, run)
        except CchcError as error:
            raise failure(error) from error
        except Exception as error:
            if context.retry_number >= settings.ingest_retries:
                raise
            run.log(f"ingest failed ({type(error).__name__}: {error}); trying again")
            raise dg.RetryRequested(settings.ingest_retries, 2.0 * 2**context.retry_number) from error

    def _load(
        context: dg.AssetExecutionContext, dlt: DagsterDltResource, state: RunState
    ) -> Iterator[dg.MaterializeResult[Any]]:
        from dagster_project.ingest.pseudonyms import load_key

        # Asked before anything loads: it refuses to mix the sample with other data.
        if state.is_synthetic:
            state.log("synthetic data: the sample department")
        ledger = Ledger(place.warehouse)
        key = load_key(place.secrets, ledger.has_data())
        outcome = IngestReport(unclaimed=list(state.plan.unclaimed))
        files = read_new(
            state.plan.claimed,
            ledger,
            key,
            settings.max_json_mib,
            outcome,
            lambda item, done, total: progress("read exports", item, done, total),
        )
        threading.Thread(target=_import_for_later_steps, name="imports", daemon=True).start()
        pipeline = build_pipeline(place.dlt, place.warehouse)
        with load_failpoints():
            yield from dlt.run(context=context, dlt_source=build_source(files), dlt_pipeline=pipeline)
        state.write("ingest", asdict(outcome))
        state.log(
            f"read {len(outcome.read)} new files, {len(outcome.known)} known,"
            f" {len(outcome.errors)} unreadable, {len(outcome.unclaimed)} unclaimed"
        )

    assert isinstance(ingest, dg.AssetsDefinition)
    return ingest
