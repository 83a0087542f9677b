"""A refresh without news publishes nothing and touches nothing; any change of input rebuilds."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dagster_project.dbt_runner import ensure_manifest
from tests.conftest import ROOT, Warehouse, copy_home
from tests.integration.small import FILES, MAP, write_files, write_maps


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A small home with its own copies of maps, dbt project and expectations, refreshed once."""
    base = tmp_path_factory.mktemp("nothing-new")
    warehouse = Warehouse(base / "home", sources=write_maps(base / "maps"))
    warehouse.env = project_copy(base)
    write_files(warehouse.landing_folder)
    warehouse.refresh()
    return warehouse


def project_copy(base: Path) -> dict[str, str]:
    ensure_manifest(ROOT / "dbt")  # the copy brings the parsed manifest along
    for name in ("dbt", "expectations"):
        shutil.copytree(ROOT / name, base / name)
    return {"CCHC_DBT_PROJECT": str(base / "dbt"), "CCHC_EXPECTATIONS": str(base / "expectations")}


@pytest.fixture
def copy(refreshed: Warehouse, tmp_path: Path) -> Warehouse:
    copy_home(refreshed.home.parent, tmp_path / "all")
    base = tmp_path / "all"
    return Warehouse(
        base / "home",
        sources=base / "maps",
        env={"CCHC_DBT_PROJECT": str(base / "dbt"), "CCHC_EXPECTATIONS": str(base / "expectations")},
    )


def test_second_refresh_publishes_nothing_and_is_quick(refreshed: Warehouse) -> None:
    before = snapshot(refreshed.home / "published")
    seconds = []
    for _ in range(3):  # the other worker may hold the machine for the time of one
        start = time.monotonic()
        done = refreshed.refresh()
        seconds.append(time.monotonic() - start)
        assert "nothing new" in done.stdout
        assert snapshot(refreshed.home / "published") == before
    assert min(seconds) < 10


def test_force_gives_equal_content(copy: Warehouse) -> None:
    before = copy.state()
    done = copy.refresh("--force")
    assert "published" in done.stdout
    assert copy.state() == before
    assert len(list((copy.home / "published" / "releases").iterdir())) == 2


def change_file(copy: Warehouse) -> None:
    (copy.landing_folder / "dossiers-2024-03-31.csv").write_text(
        FILES["dossiers-2024-01-31.csv"].splitlines()[0] + "\nD-009,01/03/2024 08:00,,,desk,Land,CB-01\n"
    )


def change_map(copy: Warehouse) -> None:
    write_maps(copy.sources, MAP.replace("web: online", "web: post"))


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def change_seed(copy: Warehouse) -> None:
    seed = Path(copy.env["CCHC_DBT_PROJECT"]) / "seeds" / "delay_causes.csv"
    lines = seed.read_text().splitlines()
    append(seed, lines[-1].replace(lines[-1].split(",")[0], "other_test", 1) + "\n")


def change_model(copy: Warehouse) -> None:
    append(
        Path(copy.env["CCHC_DBT_PROJECT"]) / "models" / "marts" / "dimensions" / "dim_channels.sql",
        "\n-- x\n",
    )


def change_expectation(copy: Warehouse) -> None:
    suite = next(Path(copy.env["CCHC_EXPECTATIONS"]).rglob("*.yml"))
    append(suite, "# looked at again\n")


def change_setting(copy: Warehouse) -> None:
    copy.env["CCHC_MAX_JSON_MIB"] = "256"


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (change_file, "files"),
        (change_map, "maps"),
        pytest.param(change_seed, "seeds", marks=pytest.mark.long),
        pytest.param(change_model, "models", marks=pytest.mark.long),
        pytest.param(change_expectation, "expectations", marks=pytest.mark.long),
        (change_setting, "settings"),
    ],
)
def test_any_change_rebuilds(copy: Warehouse, change: Callable[[Warehouse], None], part: str) -> None:
    change(copy)
    done = copy.refresh()
    assert f"rebuilt because of: {part}" in done.stdout
    assert len(list((copy.home / "published" / "releases").iterdir())) == 2


def test_another_as_of_rebuilds(copy: Warehouse) -> None:
    done = copy.refresh("--as-of", "2024-02-10")
    assert "rebuilt because of: as_of" in done.stdout
    assert copy.query("select timeliness from marts.fct_dossiers where dossier_code = 'D-004'") == [
        ("open_overdue",)
    ]
