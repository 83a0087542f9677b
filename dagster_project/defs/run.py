"""The resource every step needs: the state of the run, and the lock on its home while it lasts."""

from collections.abc import Iterator

import dagster as dg

from dagster_project.errors import CchcError
from dagster_project.publish.pointer import recover
from dagster_project.run_state import RunState, new_run
from dagster_project.settings import Settings

# A run started by the command line: its errors are printed there, not by the failure hook.
FROM_COMMAND_LINE = "cchc/command_line"

# Annotate a step's parameter with this to receive the run.
Run = dg.ResourceParam[RunState]


def failure(error: CchcError) -> dg.Failure:
    """A user's error as the failure of a step: its one line, its exit code, and no retry."""
    return dg.Failure(str(error), metadata={"exit_code": error.exit_code}, allow_retries=False)


def build_run_resource(settings: Settings) -> dg.ResourceDefinition:
    """A resource that locks the home, repairs a half-made publication and starts the run.

    Dagster's pools do not protect two in-process runs from each other; a lock of the file system does,
    and it is free again the moment the process dies.
    """

    @dg.resource(description="The home's lock and the state of this run.")
    def run(context: dg.InitResourceContext) -> Iterator[RunState]:
        with settings.place.lock(settings.lock_wait_seconds):
            settings.place.prepare()
            recover(settings.place)
            yield new_run(settings, context.run_id or "manual")

    return run
