"""One refreshed WABO home for all tests that only read, copied for those that go on from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dagster_project.home import Home
from tests.conftest import Warehouse, copy_home, shared_data
from tests.integration.truth_sides import Sides, both_sides

AS_OF = "2012-01-24"


@pytest.fixture(scope="session")
def wabo(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The WABO log, loaded through its map alone, as of 2012-01-24. Read only: copy it to change it."""
    warehouse = Warehouse(tmp_path_factory.mktemp("wabo") / "home", landing=shared_data("wabo-receipt"))
    warehouse.home.mkdir()
    warehouse.refresh("--as-of", AS_OF)
    return warehouse


@pytest.fixture
def wabo_copy(wabo: Warehouse, tmp_path: Path) -> Callable[[], Warehouse]:
    """A function that copies the refreshed WABO home into one the test may change."""

    def make() -> Warehouse:
        copy_home(wabo.home, tmp_path / "copy")
        return Warehouse(tmp_path / "copy", landing=wabo.landing)

    return make


# Fixtures that refresh a home once for many tests.
_SHARED_HOMES = frozenset({"sample", "faulty_sample", "provinces", "reorganised_home", "wards", "enron"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever reads one shared home runs in one worker: it is made once, not once per worker."""
    for item in items:
        for name in _SHARED_HOMES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group(name))


@pytest.fixture(
    scope="session",
    params=[pytest.param(0.1, id="tenth"), pytest.param(1, id="default", marks=pytest.mark.long)],
)
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The sample department, loaded: a tenth of it, and among the long tests at its default size. Read only."""
    warehouse = Warehouse(tmp_path_factory.mktemp("sample") / "home")
    warehouse.home.mkdir()
    if request.param != 1:
        done = warehouse.run("sample", "--scale", str(request.param))
        assert done.returncode == 0, done.stderr
    warehouse.refresh("--sample-if-empty", timeout=900)
    return warehouse


@pytest.fixture(scope="session")
def sample_home(sample: Warehouse) -> Home:
    """The places of the refreshed sample department."""
    return Home(sample.home)


@pytest.fixture(scope="session")
def sides(sample_home: Home) -> Iterator[Sides]:
    """The truth of the sample without faults beside its marts. Read only."""
    with both_sides(sample_home) as made:
        yield made


@pytest.fixture(scope="session")
def faulty_sample(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A tenth of the sample department with the faults that ``--faults`` plants, loaded. Read only."""
    warehouse = Warehouse(tmp_path_factory.mktemp("faults") / "home")
    warehouse.home.mkdir()
    done = warehouse.run("sample", "--scale", "0.1", "--faults")
    assert done.returncode == 0, done.stderr
    warehouse.refresh(timeout=900)
    return warehouse
