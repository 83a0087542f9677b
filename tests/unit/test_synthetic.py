"""The sample department and real data never meet: known by the marker, refused in both directions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dagster_project.errors import ConfigError
from dagster_project.ingest.landing import ClaimedFile, plan_landing
from dagster_project.ingest.synthetic import refuse_mixture
from tests.unit.test_landing import put, source


def marker(folder: Path, *files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sample.json").write_text(json.dumps({"synthetic": True, "files": list(files)}))
    (folder / "truth.json").write_text("{}")


def claimed(landing: Path) -> list[ClaimedFile]:
    return plan_landing([source()], landing).claimed


@pytest.mark.parametrize("below", ["", "sample/"])
def test_a_file_is_synthetic_when_the_marker_beside_it_names_it(tmp_path: Path, below: str) -> None:
    put(tmp_path, f"{below}a/log1.csv", f"{below}a/log2.csv")
    marker(tmp_path / below, "a/log1.csv")
    plan = plan_landing([source()], tmp_path)
    assert [(file.name, file.is_synthetic) for file in plan.claimed] == [
        (f"{below}a/log1.csv", True),
        (f"{below}a/log2.csv", False),
    ]
    assert plan.unclaimed == [], "the sample's own notes are no exports"


def test_a_landing_with_both_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "sample/log1.csv", "real/log2.csv")
    marker(tmp_path / "sample", "log1.csv")
    with pytest.raises(ConfigError, match=r"^real/log2\.csv: not part of the sample department"):
        refuse_mixture(claimed(tmp_path), None)


@pytest.mark.parametrize("is_synthetic", [True, False])
def test_a_home_takes_only_its_own_kind(tmp_path: Path, is_synthetic: bool) -> None:
    put(tmp_path, "log1.csv")
    if is_synthetic:
        marker(tmp_path, "log1.csv")
    files = claimed(tmp_path)
    assert refuse_mixture(files, None) is is_synthetic
    assert refuse_mixture(files, is_synthetic) is is_synthetic
    with pytest.raises(ConfigError, match=r"log1\.csv: this home holds .*; choose another --home"):
        refuse_mixture(files, not is_synthetic)


def test_a_home_stays_what_it_is_when_landing_is_empty() -> None:
    assert [refuse_mixture([], kind) for kind in (True, False, None)] == [True, False, False]


def test_a_damaged_marker_is_one_line(tmp_path: Path) -> None:
    put(tmp_path, "log1.csv")
    (tmp_path / "sample.json").write_text('{"synthetic": true')
    with pytest.raises(ConfigError, match=r"^sample\.json: damaged marker"):
        claimed(tmp_path)
