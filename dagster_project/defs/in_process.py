"""Runs the job ``refresh`` in this process for the command line: the same job, without the web UI."""

from __future__ import annotations

from dataclasses import dataclass

import dagster as dg

from dagster_project.dagster_home import prepare_instance
from dagster_project.definitions import build_defs
from dagster_project.defs.run import FROM_COMMAND_LINE
from dagster_project.settings import Settings


@dataclass(frozen=True)
class JobOutcome:
    """How the job ended: success, Dagster's run id, and the first failed step with its reason."""

    success: bool
    run_id: str
    failed_step: str | None = None
    reason: str | None = None
    exit_code: int = 3


def run_refresh_job(settings: Settings) -> JobOutcome:
    """Execute ``refresh`` and return its outcome; never raises for a failed step."""
    prepare_instance(settings.place.dagster)
    with dg.DagsterInstance.from_config(str(settings.place.dagster)) as instance:
        job = build_defs(settings).resolve_job_def("refresh")
        result = job.execute_in_process(
            instance=instance,
            raise_on_error=False,
            tags={FROM_COMMAND_LINE: "yes"},
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        )
        for event in result.all_events:
            if event.is_step_failure or event.is_job_failure:
                data = event.event_specific_data
                error = getattr(data, "error", None)
                user_failure = getattr(data, "user_failure_data", None)
                description = getattr(user_failure, "description", None)
                exit_code = (getattr(user_failure, "metadata", None) or {}).get("exit_code")
                return JobOutcome(
                    success=result.success,
                    run_id=result.run_id,
                    failed_step=event.step_key,
                    reason=description or _innermost(error),
                    exit_code=int(exit_code.value) if exit_code is not None else 3,
                )
        return JobOutcome(result.success, result.run_id)


def _innermost(error: object) -> str:
    while getattr(error, "cause", None) is not None:
        error = error.cause  # type: ignore[attr-defined]
    message = str(getattr(error, "message", "") or "unknown reason").strip()
    return message.splitlines()[0]
