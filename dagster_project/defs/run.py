"""The resource every step needs: the home's lock, held by the run itself, and the run's state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from pydantic import PrivateAttr

from dagster_project.publish.pointer import recover
from dagster_project.run_state import RunState, new_run
from dagster_project.settings import Settings


class RefreshRun(dg.ConfigurableResource):
    """Locks the home for as long as the run lasts, repairs a half-made publication, opens the run folder.

    Dagster's pools do not protect two in-process runs from each other; a lock of the file system does,
    and it is free again the moment the process dies.
    """

    _settings: Settings = PrivateAttr()
    _state: RunState = PrivateAttr()

    @classmethod
    def of(cls, settings: Settings) -> RefreshRun:
        resource = cls()
        resource._settings = settings
        return resource

    @property
    def state(self) -> RunState:
        return self._state

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[RefreshRun]:
        settings = self._settings
        with settings.place.lock(settings.lock_wait_seconds):
            settings.place.prepare()
            recover(settings.place)
            self._state = new_run(settings, context.run_id or "manual")
            yield self
