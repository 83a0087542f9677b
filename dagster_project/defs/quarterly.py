"""The quarterly run: a refresh, then the digest of how it ended and of what has not arrived."""

import sys
from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from dagster_project.defs.publish import PUBLISHED
from dagster_project.defs.run import failure
from dagster_project.errors import BlockedError, CchcError
from dagster_project.notices import notify
from dagster_project.quarterly.dates import schedule_days
from dagster_project.settings import Settings

if TYPE_CHECKING:
    from dagster_project.quarterly.digest import Digest, Outcome

TIMEZONE = "Asia/Ho_Chi_Minh"
DIGEST = dg.AssetKey(["quarterly_digest"])
# The day for which a run was scheduled: one that waited for the machine still speaks of its own day.
DAY = "cchc/day"


def build_quarterly_asset(settings: Settings) -> dg.AssetsDefinition:
    """``quarterly_digest``: refreshes as the command line does, and tells whatever the outcome."""

    @dg.asset(
        key=DIGEST,
        deps=[PUBLISHED],
        group_name="scorecard",
        description="Digest of a quarterly run: outcome, targets, restatements, warnings, exports.",
    )
    def quarterly_digest(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        from dagster_project.ingest.load_maps import load_maps
        from dagster_project.quarterly.digest import read_digest
        from dagster_project.quarterly.text import write_digest

        tag = context.run.tags.get(DAY)
        today = date.fromisoformat(tag) if tag else datetime.now(ZoneInfo(TIMEZONE)).date()
        outcome, error = _refresh(settings)
        required = [each.source for each in load_maps(settings.sources) if each.required]
        digest = read_digest(settings.place, outcome, required, today)
        path = write_digest(settings.place, digest, context.run_id)
        for export in digest.late:
            _alert(context, settings, outcome, export.alert)
        yield dg.MaterializeResult(metadata=_metadata(digest, str(path)))
        if error is not None:
            raise failure(error)

    return quarterly_digest


def _refresh(settings: Settings) -> "tuple[Outcome, CchcError | None]":
    """Refresh in a run of its own, which ends as it would at the command line."""
    from dagster_project.quarterly.digest import BLOCKED, FAILED, NOTHING_NEW, PUBLISHED, Outcome
    from dagster_project.refresh import refresh

    runs = settings.place.runs
    before = set(runs.iterdir()) if runs.is_dir() else set()
    try:
        done = refresh(settings)
    except CchcError as error:
        made = sorted(set(runs.iterdir()) - before) if runs.is_dir() else []
        kind = BLOCKED if isinstance(error, BlockedError) else FAILED
        if not made:
            # No step failed that could have told it.
            notify(settings, f"cchc: {error}")
        return Outcome(kind, str(error), made[-1] if made else None), error
    return Outcome(PUBLISHED if done.release_id else NOTHING_NEW, "", done.run_folder), None


def _alert(context: dg.AssetExecutionContext, settings: Settings, outcome: "Outcome", line: str) -> None:
    """One line in the run's log, on stderr and to the webhook."""
    context.log.warning(line)
    print(f"cchc: {line}", file=sys.stderr)
    if outcome.run_folder is not None:
        with (outcome.run_folder / "log").open("a", encoding="utf-8") as handle:
            handle.write(f"{line}\n")
    notify(settings, f"cchc: {line}")


def _metadata(digest: "Digest", path: str) -> dict[str, Any]:
    from dagster_project.quarterly.text import render_digest

    return {
        "outcome": digest.outcome.kind,
        "release_id": digest.release_id or "none",
        "targets_met": len(digest.met),
        "targets_missed": len(digest.missed),
        "restated": len(digest.restated),
        "warnings": len(digest.warnings),
        "exports_late": len(digest.late),
        "file": path,
        "digest": dg.MetadataValue.md(render_digest(digest)),
    }


def build_quarterly_job() -> UnresolvedAssetJobDefinition:
    """``quarterly_refresh``: the digest and the refresh before it."""
    return dg.define_asset_job(
        "quarterly_refresh",
        selection=dg.AssetSelection.assets(DIGEST),
        description="Refresh, then write the digest of the quarter; alert for exports that are overdue.",
    )


def build_schedule(settings: Settings, job: UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition:
    """Runs when a quarter of either calendar has ended, and when its exports had to be there."""
    given = settings.quarterly_cron
    lines = [each.strip() for each in given.split(";")] if given else schedule_days()

    @dg.schedule(
        name="quarterly_refresh",
        job=job,
        cron_schedule=lines,
        execution_timezone=TIMEZONE,
        description="Refresh when a quarter closes, calendar and reporting, and after its exports are due.",
    )
    def quarterly_refresh(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        day = context.scheduled_execution_time.astimezone(ZoneInfo(TIMEZONE)).date().isoformat()
        return dg.RunRequest(run_key=day, tags={DAY: day})

    return quarterly_refresh
