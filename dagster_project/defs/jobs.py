"""The jobs that refresh and render, the landing sensor and the failure hook."""

import hashlib
import json
import sys
from collections.abc import Sequence

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from dagster_project.defs.publish import PERIODS
from dagster_project.defs.quarterly import DIGEST
from dagster_project.defs.run import FROM_COMMAND_LINE
from dagster_project.ingest.landing import landing_files
from dagster_project.notices import notify
from dagster_project.settings import Settings


def failure_hook(settings: Settings) -> dg.HookDefinition:
    """One line on stderr for every failed step; the same as JSON to the webhook where one is configured."""

    @dg.failure_hook(name="tell_failure")
    def tell_failure(context: dg.HookContext) -> None:
        error = context.op_exception
        reason = str(getattr(error, "description", None) or error or "unknown reason").splitlines()[0]
        line = f"cchc: step {context.op.name} failed: {reason}"
        run = context.instance.get_run_by_id(context.run_id)
        if not (run and FROM_COMMAND_LINE in run.tags):
            print(line, file=sys.stderr)
        notify(settings, line, run_id=context.run_id, step=context.op.name)

    return tell_failure


def build_jobs(settings: Settings) -> Sequence[UnresolvedAssetJobDefinition]:
    """``refresh`` (everything, unpartitioned) and ``publish_period`` (reports of one closed period)."""
    hook = failure_hook(settings)
    period = dg.AssetSelection.assets(["period_scorecard"])
    refresh = dg.define_asset_job(
        "refresh",
        selection=dg.AssetSelection.all() - period - dg.AssetSelection.assets(DIGEST),
        hooks={hook},
        description="Ingest what is new, build, check, publish, write the reports.",
    )
    publish_period = dg.define_asset_job(
        "publish_period",
        selection=period,
        partitions_def=PERIODS,
        hooks={hook},
        description="Render the reports of one closed period again from the release that made it final.",
    )
    return [refresh, publish_period]


def build_sensor(settings: Settings, job: UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    """Starts a refresh when the listing of landing changed since the last tick."""

    @dg.sensor(name="landing_folder", job=job, minimum_interval_seconds=60)
    def landing_folder(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        listing = listing_hash(settings)
        if listing is None:
            return dg.SkipReason("landing is empty")
        if listing == context.cursor:
            return dg.SkipReason("landing has not changed")
        context.update_cursor(listing)
        return dg.RunRequest(run_key=listing)

    return landing_folder


def listing_hash(settings: Settings) -> str | None:
    """A hash of names, sizes and times in landing; only to notice a change, it decides nothing in a run."""
    folder = settings.landing_folder
    files = landing_files(folder) if folder.is_dir() else []
    if not files:
        return None
    stats = [(name, path.stat().st_size, path.stat().st_mtime_ns) for name, path in files if path.exists()]
    return hashlib.sha256(json.dumps(stats).encode()).hexdigest()
