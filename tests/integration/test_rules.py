"""The dbt unit tests: each rule with its cases. A refresh leaves them out; here all of them run."""

from __future__ import annotations

from collections.abc import Callable

from dagster_project import dbt_runner
from dagster_project.home import Home
from tests.conftest import ROOT, Warehouse


def test_every_rule_holds_in_its_cases(wabo_copy: Callable[[], Warehouse]) -> None:
    results = dbt_runner.run_unit_tests(ROOT / "dbt", Home(wabo_copy().home))
    assert [f"{one.unique_id}: {one.message}" for one in results if one.status != "pass"] == []
    assert len(results) >= 30
    print(f"{len(results)} dbt unit tests passed")
