"""Names of officers: beside their pseudonyms for who holds the key, nowhere else, in no file that others read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dagster_project.ingest.pseudonyms import load_key, pseudonym
from tests.conftest import Warehouse
from tests.integration.canaries import APPLICANT, OFFICER
from tests.integration.canary_search import find_canaries, in_text
from tests.integration.small import MAP, write_files

MAP_OF_NAMES = (
    MAP.replace(", is_pseudonym: true", "")
    + """
  - name: staff
    files: "staff-*.csv"
    format: csv
    records:
      - kind: officers
        columns:
          officer: Họ tên
          unit_code: unit
          position: position
          valid_from_on: {header: since, formats: [dd/MM/yyyy]}
"""
)
STAFF = f"""\
Họ tên,unit,position,since
{OFFICER},Land,Chuyên viên,01/01/2020
"""


@pytest.fixture
def department(new_home: Callable[..., Warehouse]) -> Warehouse:
    """A small register in which the canary officer handles D-001 and the canary applicant never gets in."""
    warehouse = new_home()
    sources = warehouse.home / "sources"
    sources.mkdir()
    (sources / "register.yml").write_text(MAP_OF_NAMES, encoding="utf-8")
    warehouse.sources = sources
    landing = warehouse.landing_folder
    write_files(landing)
    for path in landing.glob("*.csv"):
        path.write_text(path.read_text(encoding="utf-8").replace("CB-01", OFFICER), encoding="utf-8")
    (landing / "staff-2024-01-31.csv").write_text(STAFF, encoding="utf-8")
    (landing / "unclaimed.csv").write_text(f"name\n{APPLICANT}\n", encoding="utf-8")
    warehouse.refresh()
    return warehouse


def secrets(warehouse: Warehouse) -> Path:
    return warehouse.home / "secrets"


def test_a_refresh_and_a_scorecard_show_and_keep_no_name(department: Warehouse) -> None:
    shown = department.run("scorecard", "--period", "2024Q1", "--calendar", "cal")
    assert shown.returncode == 0 and in_text(shown.stdout + shown.stderr) == set()
    assert find_canaries(department.home, ("landing", "sources")) == []
    assert [path.name for path in secrets(department).iterdir()] == ["pseudonym.key"]


def test_the_holder_of_the_key_sees_names_and_only_the_restricted_file_has_them(
    department: Warehouse,
) -> None:
    shown = department.run(
        "scorecard", "--named", "--period", "2024Q1", "--calendar", "cal", "--format", "json"
    )
    assert shown.returncode == 0, shown.stderr
    rows = {row["officer_name"]: row for row in json.loads(shown.stdout)}
    assert {row["unit_name"] for row in rows.values()} >= {"Land", "Water"}
    id_ = pseudonym(OFFICER, load_key(secrets(department), has_data=True))
    assert rows[OFFICER]["officer_id"] == id_
    assert (rows[OFFICER]["dossiers_finished"], rows[OFFICER]["steps_done"]) == (1, 1)
    assert rows[OFFICER]["working_days_in_post"] > 0
    # nobody on a staff list: the pseudonym stays
    assert all(name == row["officer_id"] for name, row in rows.items() if name != OFFICER) and len(rows) == 4

    restricted = secrets(department) / "officers.csv"
    assert list(csv.reader(io.StringIO(restricted.read_text(encoding="utf-8")))) == [
        ["officer_id", "officer_name"],
        [id_, OFFICER],
    ]
    assert oct(restricted.stat().st_mode)[-3:] == "600"
    assert oct(secrets(department).stat().st_mode)[-3:] == "700"
    assert {one.file for one in find_canaries(department.home, ("landing", "sources"))} == {
        "secrets/officers.csv"
    }
    (department.landing_folder / "staff-2024-01-31.csv").unlink()
    again = department.run(
        "scorecard", "--named", "--period", "2024Q1", "--calendar", "cal", "--format", "csv"
    )
    assert OFFICER in again.stdout, "who left the list keeps the name that was noted"
    assert department.run("scorecard", "--named", "--period", "2024Q1").returncode == 0


def test_without_the_key_there_are_no_names(department: Warehouse) -> None:
    (secrets(department) / "pseudonym.key").rename(department.home / "key-of-somebody-else")
    refused = department.run("scorecard", "--named", "--period", "2024Q1", "--calendar", "cal")
    assert refused.returncode == 2
    assert refused.stdout == "" and "pseudonym.key: missing" in refused.stderr
    assert in_text(refused.stderr) == set()


def test_a_public_release_names_nobody(department: Warehouse) -> None:
    department.refresh(CCHC_PRIVACY="public")
    refused = department.run("scorecard", "--named", "--period", "2024Q1", "--calendar", "cal")
    assert refused.returncode == 3 or refused.returncode == 1
    assert refused.stdout == "" and "CCHC_PRIVACY=internal" in refused.stderr
