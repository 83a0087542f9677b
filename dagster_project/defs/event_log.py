"""Dagster's event log in one SQLite file whose connections and statements are kept for a process.

Dagster's own SQLite logs open a new engine for every event, so that each statement is compiled again and
each write waits for the disk: a third of the time of a small refresh. Named in the home's ``dagster.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import sqlalchemy as db
from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from sqlalchemy.pool import QueuePool

_BUSY_SECONDS = 60


class SqliteEventLog(ConsolidatedSqliteEventLogStorage):
    """The consolidated log of Dagster with one engine per process; same file, same tables."""

    @cached_property
    def _engine(self) -> db.Engine:
        # One thread at a time has a connection of the queue: SQLite need not tie it to its opener.
        engine = db.create_engine(
            self._conn_string,
            poolclass=QueuePool,
            connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
        )
        db.event.listen(engine, "connect", _settle_for_the_write_ahead_log)
        return engine

    @contextmanager
    def _connect(self) -> Iterator[db.Connection]:
        with self._engine.connect() as connection, connection.begin():
            yield connection


def _settle_for_the_write_ahead_log(connection: Any, record: Any) -> None:
    # With a write-ahead log this stays whole after a crash; only the last events may be missing.
    connection.execute("PRAGMA synchronous = NORMAL")
