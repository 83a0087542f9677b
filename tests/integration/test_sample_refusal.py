"""A home holds the sample department or data of its own, never both: refused with one line, nothing touched."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, Warehouse, copy_home
from tests.integration.small import write_files, write_maps

pytestmark = pytest.mark.xdist_group("sample_refusal")

OTHER = "dossiers-2024-01-31.csv"
SAMPLE_FILE = "binh-thuan/mot-cua-dat-dai/2024-12-31-2330/ho-so.csv"
KEPT_MONTHS = ("2024-11-30-2330", "2024-12-31-2330")


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled maps and, beside them, the map of a small register."""
    folder = tmp_path_factory.mktemp("maps") / "sources"
    shutil.copytree(ROOT / "sources", folder)
    return write_maps(folder)


@pytest.fixture(scope="module")
def sample_exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The last two months of a small sample. Read only."""
    maker = Warehouse(tmp_path_factory.mktemp("maker"))
    made = maker.run("sample", "--scale", "0.02")
    assert made.returncode == 0, made.stderr
    for folder in maker.landing_folder.glob("*/*/*"):
        if folder.name not in KEPT_MONTHS:
            shutil.rmtree(folder)
    return maker.landing_folder


@pytest.fixture(scope="module")
def sample_home_of_two_months(
    maps: Path, sample_exports: Path, tmp_path_factory: pytest.TempPathFactory
) -> Warehouse:
    """A published home that holds the sample. Copy it to change it."""
    warehouse = Warehouse(tmp_path_factory.mktemp("sample") / "home", sources=maps)
    shutil.copytree(sample_exports, warehouse.landing_folder, dirs_exist_ok=True)
    warehouse.refresh(timeout=600)
    return warehouse


@pytest.fixture(scope="module")
def small_home(maps: Path, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A published home with a small register of its own. Copy it to change it."""
    warehouse = Warehouse(tmp_path_factory.mktemp("small") / "home", sources=maps)
    write_files(warehouse.landing_folder)
    warehouse.refresh()
    return warehouse


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[Warehouse], Warehouse]:
    """A function that copies a home into one the test may change."""

    def make(warehouse: Warehouse) -> Warehouse:
        copy_home(warehouse.home, tmp_path / "copy")
        return Warehouse(tmp_path / "copy", sources=warehouse.sources)

    return make


def published_files(warehouse: Warehouse) -> dict[str, str]:
    """Every published file and its hash."""
    folder = warehouse.home / "published"
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def loaded_rows(warehouse: Warehouse) -> list[tuple]:
    return warehouse.query(
        "select _source, count(*) from raw.dossiers group by 1 order by 1", published=False
    )


def assert_refused(warehouse: Warehouse, names: str, says: str, *options: str) -> None:
    """Exit 2, one line on stderr that names the file and says why; what is published and loaded stays."""
    files, rows = published_files(warehouse), loaded_rows(warehouse)
    refused = warehouse.run("refresh", *options)
    assert refused.returncode == 2, refused.stdout + refused.stderr
    lines = refused.stderr.splitlines()
    assert len(lines) == 1, refused.stderr
    assert lines[0].startswith(f"cchc: {names}: ")
    assert says in lines[0]
    assert refused.stdout == ""
    assert published_files(warehouse) == files
    assert loaded_rows(warehouse) == rows


def test_a_home_with_the_sample_takes_no_other_data(
    sample_home_of_two_months: Warehouse, copied: Callable[[Warehouse], Warehouse]
) -> None:
    warehouse = copied(sample_home_of_two_months)
    state = warehouse.state()
    other = warehouse.landing_folder / OTHER

    write_files(warehouse.landing_folder, OTHER)
    assert_refused(warehouse, OTHER, "not part of the sample department")

    # The sample's exports are gone, what was loaded from them is not.
    shutil.move(warehouse.landing_folder / "binh-thuan", warehouse.home / "put-away")
    assert_refused(warehouse, OTHER, "this home holds the sample department")

    # A marker that is gone with them does not turn the home into another one.
    (warehouse.landing_folder / "sample.json").rename(warehouse.home / "sample.json")
    assert_refused(warehouse, OTHER, "this home holds the sample department")

    other.unlink()
    shutil.move(warehouse.home / "put-away", warehouse.landing_folder / "binh-thuan")
    (warehouse.home / "sample.json").rename(warehouse.landing_folder / "sample.json")
    again = warehouse.refresh()
    assert "nothing new" in again.stdout
    assert warehouse.state() == state


@pytest.mark.long
def test_the_exports_of_the_sample_without_its_marker_are_other_data(
    sample_home_of_two_months: Warehouse, copied: Callable[[Warehouse], Warehouse]
) -> None:
    """Without the marker nothing says that they are made up, so the home of the sample does not read them.

    Forced, because the same files as last time are nothing new.
    """
    warehouse = copied(sample_home_of_two_months)
    (warehouse.landing_folder / "sample.json").unlink()
    first = min(
        path.relative_to(warehouse.landing_folder).as_posix()
        for path in (warehouse.landing_folder / "binh-thuan").rglob("*")
        if path.is_file()
    )
    assert_refused(warehouse, first, "takes no other data", "--force")


@pytest.mark.long
def test_a_home_with_other_data_takes_no_sample(
    small_home: Warehouse, sample_exports: Path, copied: Callable[[Warehouse], Warehouse]
) -> None:
    warehouse = copied(small_home)
    state = warehouse.state()
    landing = warehouse.landing_folder

    shutil.copy(sample_exports / "sample.json", landing / "sample.json")
    target = landing / SAMPLE_FILE
    target.parent.mkdir(parents=True)
    shutil.copy(sample_exports / SAMPLE_FILE, target)
    assert_refused(warehouse, OTHER, "not part of the sample department")

    for path in landing.glob("*.csv"):
        path.unlink()
    assert_refused(warehouse, SAMPLE_FILE, "takes no sample")

    shutil.rmtree(landing / "binh-thuan")
    (landing / "sample.json").unlink()
    write_files(landing)
    again = warehouse.refresh()
    assert "nothing new" in again.stdout
    warehouse.refresh("--force")
    assert warehouse.state() == state


def test_the_sample_is_not_written_among_other_files(
    small_home: Warehouse, copied: Callable[[Warehouse], Warehouse]
) -> None:
    warehouse = copied(small_home)
    before = sorted(path.name for path in warehouse.landing_folder.iterdir())
    refused = warehouse.run("sample", "--scale", "0.02")
    assert refused.returncode == 2
    assert len(refused.stderr.splitlines()) == 1, refused.stderr
    assert OTHER in refused.stderr
    assert sorted(path.name for path in warehouse.landing_folder.iterdir()) == before
