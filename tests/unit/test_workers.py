"""The test runner keeps a group in one worker; where it does not, every shared home is made once per worker."""

from __future__ import annotations

import os

import pytest


@pytest.mark.xdist_group("workers")
@pytest.mark.parametrize("number", range(4))
def test_a_group_runs_in_one_worker(number: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # each worker has its own folder below that of the run
    met = shared / "workers"
    met.mkdir(exist_ok=True)
    (met / os.environ.get("PYTEST_XDIST_WORKER", "only")).touch()
    assert len(list(met.iterdir())) == 1
