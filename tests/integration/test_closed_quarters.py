"""Closed quarters stay as they were published, and whatever moves beside them says why."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT, Warehouse
from tests.integration import quarters

_OWN = "scope = 'own' and field_code = 'all' and indicator_code = 'OT_06' and period_key like 'cal:____Q_'"
# What every release said before, by release; the newest is left to its own step.
_EARLIER = "select * from published_indicators where release_id in ({}) order by all"


@dataclass
class Department:
    """The small register, its own copy of the dbt project, and what was published so far."""

    warehouse: Warehouse
    project: Path
    releases: list[str]
    said: list[tuple]

    def refresh(self) -> str:
        self.warehouse.refresh()
        (release,) = self.warehouse.query("select max(release_id) from published_indicators")[0]
        assert release not in self.releases
        self.releases.append(release)
        return release


@pytest.fixture
def department(tmp_path: Path) -> Department:
    project = tmp_path / "dbt"
    shutil.copytree(ROOT / "dbt", project)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "register.yml").write_text(quarters.MAP, encoding="utf-8")
    warehouse = Warehouse(
        tmp_path / "home", sources=tmp_path / "sources", env={"CCHC_DBT_PROJECT": str(project)}
    )
    return Department(warehouse, project, [], [])
