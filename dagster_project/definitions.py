"""Composes the Dagster definitions and does nothing else; what is composed stands in ``defs/``."""

from __future__ import annotations

import dagster as dg
from dagster_dlt import DagsterDltResource

from dagster_project.defs.ingest import build_ingest_assets, landing_spec
from dagster_project.defs.jobs import build_jobs, build_sensor
from dagster_project.defs.publish import build_period_asset, build_published_asset, build_scorecard_asset
from dagster_project.defs.quality import build_quality_checks
from dagster_project.defs.quarterly import build_quarterly_asset, build_quarterly_job, build_schedule
from dagster_project.defs.run import build_run_resource
from dagster_project.defs.warehouse import build_control_asset, build_dbt_assets
from dagster_project.settings import Settings


def build_defs(settings: Settings | None = None) -> dg.Definitions:
    """All definitions for one home; tests pass their own settings."""
    settings = settings or Settings()
    warehouse = build_dbt_assets(settings)
    refresh, publish_period = build_jobs(settings)
    quarterly = build_quarterly_job()
    return dg.Definitions(
        assets=[
            landing_spec(),
            build_ingest_assets(settings),
            build_control_asset(),
            warehouse,
            build_published_asset(warehouse),
            build_scorecard_asset(),
            build_period_asset(),
            build_quarterly_asset(settings),
        ],
        asset_checks=[build_quality_checks(settings, warehouse)],
        jobs=[refresh, publish_period, quarterly],
        schedules=[build_schedule(settings, quarterly)],
        sensors=[build_sensor(settings, refresh)],
        resources={"dlt": DagsterDltResource(), "run": build_run_resource(settings)},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What the web UI and the daemon load: the home that ``CCHC_HOME`` names."""
    return build_defs()
