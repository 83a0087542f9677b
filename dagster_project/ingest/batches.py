"""Which files are mapped together, and two threads that map batch after batch.

DuckDB and Arrow work without Python's lock, so a second thread halves the time. What comes out, and in which
order, does not depend on the threads.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import duckdb

from dagster_project.ingest.grammar import Input
from dagster_project.ingest.keyed_session import connect
from dagster_project.ingest.landing import ClaimedFile
from dagster_project.ingest.mapping import MappedFile, map_files

BATCH_BYTES = 32 << 20
"""Files of about this much text are mapped in one go: enough to forget the fixed cost, little in memory."""

_WORKERS = 2
_UNPACKED = 8
"""How many times larger the text of a packed file is, roughly."""


def plan_batches(files: Sequence[ClaimedFile], most_bytes: int = BATCH_BYTES) -> list[list[ClaimedFile]]:
    """Every file once: files of one input together in their order, batches in the order of their first file.

    An input whose columns come from the path or the titles differs from file to file: its files stay alone.
    """
    batches: list[list[ClaimedFile]] = []
    open_batches: dict[tuple[str, str, str], tuple[list[ClaimedFile], int]] = {}
    for file in files:
        input_key = (file.source_map.source, file.source_map.fingerprint, file.input.name)
        batch, size = open_batches.get(input_key, ([], 0))
        size += _text_bytes(file)
        if not batch or size > most_bytes or _reads_file_values(file.input):
            batch, size = [], _text_bytes(file)
            batches.append(batch)
        batch.append(file)
        open_batches[input_key] = (batch, size)
    return batches


def _text_bytes(file: ClaimedFile) -> int:
    is_packed = file.input.format in ("xlsx", "parquet") or file.name.lower().endswith(".gz")
    return file.size * _UNPACKED if is_packed else file.size


def _reads_file_values(part: Input) -> bool:
    return any(
        leaf.value in ("path", "title")
        for record in part.records
        for spec in record.columns.values()
        for leaf in spec.leaves()
    )


class BatchMapper:
    """Maps batches ahead of whoever takes the results; a session per thread, closed at the end."""

    def __init__(self, key: bytes, max_json_mib: int) -> None:
        self._key = key
        self._max_json_mib = max_json_mib
        self._idle: queue.SimpleQueue[duckdb.DuckDBPyConnection] = queue.SimpleQueue()
        self._sessions: list[duckdb.DuckDBPyConnection] = []
        self._is_stopped = threading.Event()

    def results(self, batches: Sequence[Sequence[ClaimedFile]]) -> Generator[list[MappedFile], None, None]:
        """The mapped files of each batch, in the order of the batches.

        Leaving the iterator early interrupts what runs; then no thread is left behind.
        """
        pool = ThreadPoolExecutor(_WORKERS, "mapping")
        running: deque[Future[list[MappedFile]]] = deque()
        try:
            for batch in batches:
                running.append(pool.submit(self._map, batch))
                # One more than the threads: none waits while results are being taken.
                if len(running) > _WORKERS:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            self._is_stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            for session in self._sessions:
                session.interrupt()
            pool.shutdown(wait=True)
            for session in self._sessions:
                session.close()

    def _map(self, batch: Sequence[ClaimedFile]) -> list[MappedFile]:
        try:
            session = self._idle.get_nowait()
        except queue.Empty:
            session = connect(self._key)
            self._sessions.append(session)
        try:
            return map_files(session, batch, self._max_json_mib, self._stop_if_told)
        finally:
            self._idle.put(session)

    def _stop_if_told(self, _: str) -> None:
        if self._is_stopped.is_set():
            raise InterruptedError("mapping was stopped")
