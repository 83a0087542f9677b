"""The fingerprint changes with everything that can change a result, and with nothing else."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from dagster_project.publish import fingerprint as module
from dagster_project.publish.fingerprint import (
    Fingerprint,
    changed_parts,
    is_nothing_new,
    project_fingerprint,
    read_last,
    write_last,
)
from dagster_project.settings import Settings
from tests import fake_marts


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    for name, text in {
        "sources/a.yml": "source: a",
        "dbt/dbt_project.yml": "name: x",
        "dbt/models/marts/m.sql": "select 1",
        "dbt/macros/n.sql": "{% macro n() %}",
        "dbt/tests/t.sql": "select 1",
        "dbt/seeds/s.csv": "a\n1",
        "dbt/target/manifest.json": "{}",
        "expectations/raw.yml": "suite: raw",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Settings(
        home=tmp_path / "home",
        sources=tmp_path / "sources",
        dbt_project=tmp_path / "dbt",
        expectations=tmp_path / "expectations",
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sources/a.yml", "maps (~a.yml)"),
        ("sources/b.yml", "maps (+b.yml)"),
        ("dbt/dbt_project.yml", "models (~dbt_project.yml)"),
        ("dbt/models/marts/m.sql", "models (~models/marts/m.sql)"),
        ("dbt/macros/n.sql", "models (~macros/n.sql)"),
        ("dbt/tests/t.sql", "models (~tests/t.sql)"),
        ("dbt/seeds/s.csv", "seeds (~seeds/s.csv)"),
        ("expectations/raw.yml", "expectations (~raw.yml)"),
    ],
)
def test_a_changed_project_file_is_named(
    settings: Settings, tmp_path: Path, name: str, expected: str
) -> None:
    before = project_fingerprint(settings, {})
    (tmp_path / name).write_text("other")
    after = project_fingerprint(settings, {})
    assert before.digest != after.digest
    assert changed_parts(before, after) == [expected]


@pytest.mark.parametrize("name", ["dbt/target/manifest.json", "sources/.hidden.yml", "sources/README.md"])
def test_other_files_do_not_matter(settings: Settings, tmp_path: Path, name: str) -> None:
    before = project_fingerprint(settings, {})
    (tmp_path / name).write_text("other")
    assert project_fingerprint(settings, {}).digest == before.digest


def test_files_as_of_and_code(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = project_fingerprint(settings, {"q1.csv": "aa"})
    assert changed_parts(before, project_fingerprint(settings, {"q1.csv": "aa"})) == []
    assert changed_parts(before, project_fingerprint(settings, {"q1.csv": "bb"})) == ["files (~q1.csv)"]
    many = project_fingerprint(settings, {f"{i}.csv": "x" for i in range(9)})
    assert changed_parts(before, many) == ["files (+0.csv, +1.csv, +2.csv and 7 more)"]
    later = settings.model_copy(update={"as_of": date(2024, 1, 1)})
    assert changed_parts(before, project_fingerprint(later, {"q1.csv": "aa"})) == ["as_of (~as_of)"]
    monkeypatch.setattr(module, "PACKAGE", tmp_path / "sources")
    assert changed_parts(before, project_fingerprint(settings, {"q1.csv": "aa"}))[0].startswith("code (")
    assert changed_parts(None, before) == ["first publication"]


def test_the_last_fingerprint_is_remembered_and_a_broken_note_forgotten(settings: Settings) -> None:
    home = settings.place
    assert read_last(home) is None
    found = project_fingerprint(settings, {"q1.csv": "aa"})
    write_last(home, found)
    assert read_last(home) == Fingerprint(found.parts)
    (home.build / "fingerprint.json").write_text("{")
    assert read_last(home) is None


def test_nothing_is_new_only_where_the_publication_stands(settings: Settings, tmp_path: Path) -> None:
    home = fake_marts.new_home(tmp_path / "other")
    found = project_fingerprint(settings, {})
    write_last(home, found)
    assert not is_nothing_new(home, found)
    fake_marts.release(home)
    assert is_nothing_new(home, found)
    assert not is_nothing_new(home, project_fingerprint(settings, {"new.csv": "aa"}))
    home.marts.unlink()
    assert not is_nothing_new(home, found)


def test_it_is_light_and_quick() -> None:
    code = (
        "import sys, dagster_project.publish.fingerprint\n"
        "print([name for name in ('dagster', 'dbt', 'duckdb', 'dlt', 'pyarrow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    started: Callable[[], float] = time.perf_counter
    before = started()
    project_fingerprint(Settings(), {f"{i}.csv": "a" * 64 for i in range(2000)})
    assert started() - before < 1
