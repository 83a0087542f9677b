"""Assets behind the gate: the published release and the reports of closed periods."""

from datetime import date
from typing import TYPE_CHECKING, Any

import dagster as dg

from dagster_project.defs.run import Run, failure
from dagster_project.errors import CchcError
from dagster_project.failpoints import failpoint
from dagster_project.publish.fingerprint import write_last
from dagster_project.publish.pointer import publish
from dagster_project.run_state import RunState

if TYPE_CHECKING:
    from dagster_project.publish.release import RunFacts

PUBLISHED = dg.AssetKey(["published"])
PERIODS = dg.DynamicPartitionsDefinition(name="periods")


def _facts(state: RunState) -> "RunFacts":
    from dagster_project.publish.release import RunFacts

    as_of = date.fromisoformat(state.read("as_of")["as_of_on"])
    unreadable = {error["file"] for error in (state.read("ingest") or {}).get("errors", [])}
    return RunFacts(
        run_id=state.run_id,
        as_of_on=as_of,
        is_synthetic=state.is_synthetic,
        started_at=state.started_at,
        sources=[
            {
                "file": file.name,
                "sha256": file.sha256,
                "source": file.source_map.source,
                "status": "unreadable" if file.name in unreadable else "loaded",
            }
            for file in state.plan.claimed
        ],
        verdict=state.read("verdict"),
        fingerprint=state.fingerprint,
        privacy=state.settings.marts_privacy,
    )


def build_published_asset(warehouse: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """``published``: waits for every dbt asset and, through the blocking check, for the verdict."""

    @dg.asset(
        key=PUBLISHED,
        deps=sorted(warehouse.keys),
        group_name="published",
        description="The checked release analysts read: marts.duckdb, Parquet, manifest; swapped in whole.",
    )
    def published(context: dg.AssetExecutionContext, run: Run) -> dg.MaterializeResult[None]:
        from dagster_project.publish.release import write_release
        from dagster_project.scorecard.files import closed_periods

        place = run.settings.place
        if not run.settings.publish:
            run.log("not published: --no-publish")
            return dg.MaterializeResult(metadata={"release_id": "none (--no-publish)"})
        facts = _facts(run)
        release_id = write_release(place, facts)
        publish(place, release_id)
        run.write("release", {"release_id": release_id})
        run.log(f"published {release_id}")
        context.instance.add_dynamic_partitions("periods", closed_periods(place))
        return dg.MaterializeResult(metadata={"release_id": release_id})

    return published


def build_scorecard_asset() -> dg.AssetsDefinition:
    """``scorecard``: the reports that a refresh owes (``write_reports``), and that this run is done."""

    @dg.asset(
        key=["scorecard"],
        deps=[PUBLISHED],
        group_name="scorecard",
        description="Scorecard files: CSV of all closed periods, everything of the newest closed quarters.",
    )
    def scorecard(run: Run) -> dg.MaterializeResult[None]:
        if not run.settings.publish:
            return dg.MaterializeResult(metadata={"reports": 0})
        from dagster_project.scorecard.files import write_reports

        written = write_reports(run.settings.place, privacy=run.settings.reports_privacy)
        failpoint("reports.after")
        failpoint("fingerprint.before")
        write_last(run.settings.place, run.fingerprint)
        return dg.MaterializeResult(metadata={"reports": len(written)})

    return scorecard


def build_period_asset() -> dg.AssetsDefinition:
    """``period_scorecard``: the reports of one period, rendered again from the release that made it final."""

    @dg.asset(
        key=["period_scorecard"],
        partitions_def=PERIODS,
        deps=[PUBLISHED],
        group_name="scorecard",
        description="Scorecard files of one closed period, by its key (rep:2024Q1).",
    )
    def period_scorecard(context: dg.AssetExecutionContext, run: Run) -> dg.MaterializeResult[Any]:
        from dagster_project.scorecard.editions import release_of_period
        from dagster_project.scorecard.files import write_reports

        settings, key = run.settings, context.partition_key
        try:
            release_id = release_of_period(settings.place, key)
            written = write_reports(settings.place, [key], settings.reports_privacy, release_id)
        except CchcError as error:
            raise failure(error) from error
        files = [str(path) for path in written]
        return dg.MaterializeResult(metadata={"release_id": release_id, "files": files})

    return period_scorecard
