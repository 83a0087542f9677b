"""Whatever way the files arrive, and wherever a run is killed: the same state tables."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from dagster_project.failpoints import POINTS
from tests.conftest import Warehouse, copy_home
from tests.integration.small import FILES, MAP, write_files, write_maps

AS_OF = ("--as-of", "2024-03-15")


@pytest.fixture(scope="session")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_maps(tmp_path_factory.mktemp("maps"))


@pytest.fixture(scope="session")
def all_at_once(maps: Path, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Everything in one refresh: the state all other ways must give."""
    warehouse = Warehouse(tmp_path_factory.mktemp("once") / "home", sources=maps)
    write_files(warehouse.landing_folder)
    warehouse.refresh(*AS_OF)
    return warehouse


@pytest.fixture(scope="session")
def january_only(maps: Path, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """January published; the runs that get killed begin here, with February arriving."""
    warehouse = Warehouse(tmp_path_factory.mktemp("january") / "home", sources=maps)
    write_files(warehouse.landing_folder, "dossiers-2024-01-31.csv")
    warehouse.refresh(*AS_OF)
    return warehouse


@pytest.mark.parametrize("order", [(2, 1, 0), (1, 0, 2)], ids=["corrections-first", "steps-last"])
def test_any_order_one_file_a_refresh(
    all_at_once: Warehouse, maps: Path, new_home: Callable[..., Warehouse], order: tuple[int, ...]
) -> None:
    warehouse = new_home(sources=maps)
    for name in [list(FILES)[position] for position in order]:
        write_files(warehouse.landing_folder, name)
        warehouse.refresh(*AS_OF)
    assert warehouse.state() == all_at_once.state()


def test_two_and_one(all_at_once: Warehouse, maps: Path, new_home: Callable[..., Warehouse]) -> None:
    warehouse = new_home(sources=maps)
    first, *others = FILES
    for names in (others, [first]):
        write_files(warehouse.landing_folder, *names)
        warehouse.refresh(*AS_OF)
    assert warehouse.state() == all_at_once.state()


def test_corrected_map_after_a_wrong_one(
    all_at_once: Warehouse, new_home: Callable[..., Warehouse], tmp_path: Path
) -> None:
    wrong = MAP.replace("due_at: {header: due", "due_at: {header: received")
    wrong = wrong.replace("dd/MM/yyyy HH:mm", "MM/dd/yyyy HH:mm", 1)
    assert wrong != MAP
    warehouse = new_home(sources=write_maps(tmp_path / "maps", wrong))
    write_files(warehouse.landing_folder)
    warehouse.run("refresh", *AS_OF)
    write_maps(tmp_path / "maps")
    warehouse.refresh(*AS_OF)
    assert warehouse.state() == all_at_once.state()


def test_the_state_can_differ(all_at_once: Warehouse, january_only: Warehouse) -> None:
    """The comparison is worth something: other files give another state."""
    assert january_only.state() != all_at_once.state()


# Two points stand for all in the quick suite: the commit dlt has not noted, and the half-made publication.
QUICK = {"load.committed", "publish.marts_renamed"}


@pytest.mark.parametrize(
    "point", [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.long]) for name in POINTS]
)
def test_killed_at_every_failpoint_and_run_again(
    all_at_once: Warehouse, january_only: Warehouse, tmp_path: Path, point: str
) -> None:
    copy_home(january_only.home, tmp_path / "home")
    warehouse = Warehouse(tmp_path / "home", sources=january_only.sources)
    old = warehouse.marts.read_bytes()
    write_files(warehouse.landing_folder)
    killed = warehouse.run("refresh", *AS_OF, CCHC_FAILPOINT=point)
    assert killed.returncode == -signal.SIGKILL, f"{point} was not passed: {killed.stdout}{killed.stderr}"
    # Whatever lies there now can be opened and is one whole release.
    assert warehouse.query("select count(*) from marts.fct_dossiers") in ([(4,)], [(5,)])
    if POINTS.index(point) <= POINTS.index("publish.before"):
        assert warehouse.marts.read_bytes() == old
    warehouse.refresh(*AS_OF)
    assert warehouse.state() == all_at_once.state()
    if point in ("load.committed", "load.noted", "load.after"):
        assert warehouse.query(
            "select rows_read, rows_loaded from marts.ingest_outcomes where file like '%02-29%'"
        ) == [(3, 3)]
