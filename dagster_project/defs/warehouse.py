"""Assets of the warehouse: schema ``control`` and every dbt seed, model and test. SQL lives in ``dbt/``."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import orjson
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from dagster_project import dbt_runner
from dagster_project.defs.run import Run, failure
from dagster_project.errors import CchcError
from dagster_project.failpoints import failpoint
from dagster_project.indicators.register import check_ratified
from dagster_project.ingest.pipeline import raw_table_names
from dagster_project.progress import report as progress
from dagster_project.run_state import RunState
from dagster_project.settings import Settings

CONTROL = dg.AssetKey(["control"])
_MATERIALISED = {"model", "seed"}


class WarehouseTranslator(DagsterDbtTranslator):
    """Asset keys are ``schema/table``; control is one asset, dlt's own tables belong to the load."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        schema, name = dbt_resource_props["schema"], dbt_resource_props["name"]
        if dbt_resource_props["resource_type"] == "source":
            if schema == "control":
                return CONTROL
            return dg.AssetKey(["raw", "ingest_outcomes" if name.startswith("_dlt") else name])
        return dg.AssetKey([schema, name])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return str(dbt_resource_props["schema"])


def build_control_asset() -> dg.AssetsDefinition:
    """The asset ``control``: what this run tells dbt."""

    @dg.asset(
        key=CONTROL,
        deps=[dg.AssetKey(["raw", table]) for table in raw_table_names()],
        group_name="control",
        description="Today's source maps, files, as-of day and earlier releases, as tables for dbt.",
    )
    def control(run: Run) -> dg.MaterializeResult[None]:
        from dagster_project.control import default_as_of, write_control

        place = run.settings.place
        try:
            as_of = run.settings.as_of or default_as_of(place.warehouse, run.maps)
            write_control(place, run.run_id, as_of, run.maps, run.plan.claimed, run.is_synthetic)
        except CchcError as error:
            raise failure(error) from error
        run.write("as_of", {"as_of_on": as_of.isoformat()})
        return dg.MaterializeResult(metadata={"as_of_on": as_of.isoformat()})

    return control


def build_dbt_assets(settings: Settings) -> dg.AssetsDefinition:
    """Every dbt seed and model as an asset, built and tested by one ``dbt build`` in this process."""
    manifest_file = dbt_runner.ensure_manifest(settings.dbt_project)
    manifest = orjson.loads(manifest_file.read_bytes())
    # dbt's tests say whether our code is right, and a failing one fails the step; as asset checks they would
    # cost two events each in Dagster's log, a third of a small refresh.
    translator = WarehouseTranslator(
        DagsterDbtTranslatorSettings(enable_asset_checks=False, enable_duplicate_source_asset_keys=True)
    )

    @dbt_assets(manifest=manifest, name="warehouse", dagster_dbt_translator=translator)
    def warehouse(run: Run) -> Iterator[Any]:
        try:
            check_ratified(settings.dbt_project, manifest)
        except CchcError as error:
            raise failure(error) from error
        failpoint("dbt.before")
        results = dbt_runner.build(
            settings.dbt_project,
            settings.place,
            lambda item, done, total: progress("build and test", item, done, total),
        )
        failpoint("dbt.after")
        _log_results(run, results)
        for node in results:
            if node.resource_type in _MATERIALISED and node.status == "success":
                props = manifest["nodes"][node.unique_id]
                yield dg.MaterializeResult(
                    asset_key=translator.get_asset_key(props), metadata={"seconds": node.seconds}
                )
        if failed := dbt_runner.failures(results):
            first = failed[0]
            raise dg.Failure(
                f"{len(failed)} dbt nodes failed, first {first.unique_id.split('.', 2)[2]}: {first.message}",
                allow_retries=False,
            )

    assert isinstance(warehouse, dg.AssetsDefinition)
    return warehouse


def _log_results(state: RunState, results: list[dbt_runner.NodeResult]) -> None:
    state.write("dbt", [vars(node) for node in results])
    seconds = sum(node.seconds for node in results)
    state.log(f"dbt built {len(results)} nodes, {seconds:.1f} s of work")
