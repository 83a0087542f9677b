"""Closed quarters stay as they were published, and whatever moves beside them says why.

The script of what happened, and what it moves, is ``quarters``; nothing here looks into the warehouse to learn what
to expect.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import ROOT, Warehouse
from tests.integration import quarters
from tests.integration.quarters import Step

_BY_DATE = "indicator_code = 'OT_06' and rule_version = 'by_date_v1'"
_OWN_QUARTERS = "scope = 'own' and field_code = 'all' and period_key like 'cal:____Q_'"
_FIGURE = "period_key, unit_id, scope, field_code, indicator_code, rule_version"


@dataclass
class Department:
    """The small register, its own copy of the dbt project, and what the script says moved so far."""

    warehouse: Warehouse
    project: Path
    releases: list[str] = field(default_factory=list)
    said: dict[str, tuple] = field(default_factory=dict)
    moved: dict[tuple[str, str, str], tuple[int, int]] = field(default_factory=dict)

    def close(self, step: Step) -> None:
        """One quarter ends: files arrive, the rule may change, a release is made and held against the script."""
        quarters.arrive(self.warehouse.landing_folder, step)
        if step.is_rule_changed:
            self.change_rule()
        self.warehouse.refresh()
        release = self.warehouse.query("select max(release_id) from published_indicators")[0][0]
        assert release not in self.releases
        self.releases.append(release)
        for moved in step.moved:
            key = (f"cal:{moved.period}", moved.unit_id, moved.cause)
            self.moved[key] = moved.change
        self.check(step)

    def change_rule(self) -> None:
        """A changed definition stops the build until it has a version and is ratified; nothing moves before."""
        quarters.change_rule(self.project)
        stopped = self.warehouse.refresh(expect=2)
        (line,) = [each for each in stopped.stderr.splitlines() if each.startswith("cchc: ")]
        assert "the definition of OT_06 by_date_v1 and 2 more changed since it was ratified" in line
        assert "cchc indicators ratify OT_06 by_date_v1 --by NAME" in line
        assert self.warehouse.query("select max(release_id) from published_indicators") == [
            (self.releases[-1],)
        ]
        quarters.enter_new_version(self.project)
        ratified = self.warehouse.run("indicators", "ratify", "OT_06", "--by", "Hội đồng chỉ số")
        assert ratified.returncode == 0 and ratified.stdout.count("ratified: OT_06") == 3, ratified

    def check(self, step: Step) -> None:
        self.check_nothing_published_moved()
        self.check_causes(step)
        self.check_dossiers(step)
        self.check_sums()
        done = self.warehouse.run("releases", "rebuild")
        assert done.returncode == 0 and f"from {len(self.releases)} releases" in done.stdout, done

    def check_nothing_published_moved(self) -> None:
        """What each release said is what it said when it was made, to the last cell."""
        now = {
            row[0]: row
            for row in self.warehouse.query(
                "select release_id, count(*), sum(hash(published_indicators)::hugeint) from published_indicators"
                " group by release_id"
            )
        }
        assert sorted(now) == self.releases
        assert self.said.items() <= now.items()
        self.said = now
        assert (
            self.warehouse.query(f"""
            with first_final as (
                select {_FIGURE}, min_by(value, release_id) as value, min(release_id) as release_id
                from published_indicators where status = 'final' group by all
            )
            select figures.* from fct_indicators as figures inner join first_final using ({_FIGURE})
            where (status = 'restated') is distinct from (figures.value is distinct from first_final.value
                    or published_release_id is not null)
                or (status = 'restated' and (published_value, published_release_id)
                    is distinct from (first_final.value, first_final.release_id))
        """)
            == []
        ), "beside a restated figure stands what was first published as final"

    def check_causes(self, step: Step) -> None:
        found = self.warehouse.query(
            "select period_key, unit_id, cause_code, numerator_change, denominator_change from fct_restatements"
            f" where {_OWN_QUARTERS} and {_BY_DATE}"
        )
        assert {row[:3]: row[3:] for row in found} == self.moved and len(found) == len(self.moved)
        causes = {cause for _, _, cause in self.moved}
        if any(each.is_rule_changed for each in (*quarters.STEPS[: len(self.releases)], step)):
            causes.add("rule_change")
        assert {
            row[0] for row in self.warehouse.query("select distinct cause_code from fct_restatements")
        } == causes

    def check_dossiers(self, step: Step) -> None:
        """The dossiers and files behind what moved first in this release."""
        for moved in step.moved:
            found = self.warehouse.query(f"""
                select dossier_code, files from fct_restatement_dossiers
                where {_BY_DATE} and period_key = 'cal:{moved.period}' and cause_code = '{moved.cause}'
                    and '{moved.unit_id}' in (published_unit_id, unit_id)
                    and since_release_id = '{self.releases[-1]}'
                order by 1
            """)
            assert found == [(each, moved.files) for each in sorted(moved.dossiers)]
        news = self.warehouse.query(
            f"select distinct cause_code from fct_restatement_dossiers where since_release_id = '{self.releases[-1]}'"
        )
        expected = {moved.cause for moved in step.moved} | (
            {"rule_change"} if step.is_rule_changed else set()
        )
        assert {cause for (cause,) in news} == expected

    def check_sums(self) -> None:
        """The causes of a figure add up to what it moved; no row stands twice."""
        assert (
            self.warehouse.query(f"""
            select {_FIGURE} from fct_restatements
            group by {_FIGURE}
            having sum(numerator_change) <> any_value(coalesce(numerator, 0) - coalesce(published_numerator, 0))
                or sum(denominator_change)
                <> any_value(coalesce(denominator, 0) - coalesce(published_denominator, 0))
                or count(*) <> count(distinct cause_code)
        """)
            == []
        )
        rows = self.warehouse.query(
            "select dossier_key, period_key, indicator_code, rule_version, published_release_id"
            " from fct_restatement_dossiers"
        )
        assert max(Counter(rows).values(), default=1) == 1

    def rule_moved(self, versions: str = "by_time_v2") -> list[tuple]:
        return self.warehouse.query(f"""
            select period_key, unit_id, published_rule_version, numerator_change, denominator_change
            from fct_restatements
            where {_OWN_QUARTERS} and indicator_code = 'OT_06' and rule_version = '{versions}'
                and cause_code = 'rule_change'
            order by 1, 2
        """)


@pytest.fixture
def department(tmp_path: Path) -> Department:
    project = tmp_path / "dbt"
    shutil.copytree(ROOT / "dbt", project)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "register.yml").write_text(quarters.MAP, encoding="utf-8")
    (tmp_path / "home").mkdir()
    env = {"CCHC_DBT_PROJECT": str(project)}
    return Department(Warehouse(tmp_path / "home", sources=tmp_path / "sources", env=env), project)


def test_a_closed_quarter_moves_only_beside_what_was_published(department: Department) -> None:
    """Each cause once, in one refresh: late, corrected, another rule, another bearer of a code."""
    department.close(quarters.CLOSED)
    department.close(quarters.AT_ONCE)
    warehouse, (first, second) = department.warehouse, department.releases
    assert department.rule_moved() == [("cal:2025Q3", "H36.45", "by_time_v1", -1, 0)]
    assert warehouse.query(f"""
        select numerator, denominator, value, published_numerator, published_denominator, published_value
        from fct_restatements where unit_id = 'H36.13' and {_OWN_QUARTERS} and {_BY_DATE}
    """) == [(None, None, None, 4, 5, 0.8)], "a figure of which nothing is left is restated too"
    reasons = warehouse.query(f"""
        select indicator_code, status, published_value, restatement_reason from fct_indicators
        where unit_id = 'H36.45' and {_OWN_QUARTERS} and period_key = 'cal:2025Q3'
            and (indicator_code = 'DOC_IN' or {_BY_DATE})
        order by 1
    """)
    assert reasons == [
        ("DOC_IN", "restated", 3.0, "late_file: 3 -> 4 (letters-2025-09-20.csv)"),
        (
            "OT_06",
            "restated",
            0.8,
            "corrected_file, late_file: 4/5 -> 4/6 (dossiers-2025-09-20.csv; dossiers-2025-10-05.csv)",
        ),
    ]
    done = warehouse.run("releases", "diff", first, second, "--format", "json")
    diff = json.loads(done.stdout)
    causes = {
        cause["code"]: (cause["numerator_change"], cause["denominator_change"], cause["files"])
        for value in diff["values"]
        if tuple(value["key"].values()) == ("cal:2025Q3", "H36.45", "own", "all", "OT_06", "by_date_v1")
        for cause in value["causes"]
    }
    assert causes == {
        "late_file": (1, 1, "dossiers-2025-09-20.csv"),
        "corrected_file": (-1, 0, "dossiers-2025-10-05.csv"),
    }
    told = {(each["dossier_code"], each["changes"]) for each in diff["dossiers"]}
    assert ("25Q3-LATE-1", "not known before") in told
    assert any(changes == "rule: by_time_v1 -> by_time_v2" for _, changes in told)
    printed = warehouse.run("releases", "diff", first, second).stdout
    assert "25Q3-LATE-1" in printed and "dossiers-2025-10-05.csv" in printed

    signed = warehouse.run("releases", "sign", first, "--name", "Nguyễn Văn Mẫu")
    assert signed.returncode == 0, signed.stderr
    assert f"signed off: {first} by Nguyễn Văn Mẫu, 20" in warehouse.run("releases", "list").stdout


@pytest.mark.long
def test_eight_quarters_arrive_one_by_one(department: Department) -> None:
    """Late and corrected files, a rule change, the merger of July 2025: every cause as the script says."""
    for step in quarters.STEPS:
        department.close(step)
        if step.quarter == "2025Q3":
            assert department.warehouse.query(
                "select current_unit_id from dim_units where unit_id in ('H11.13', 'H11.14') group by 1"
            ) == [("H36.45",)], "the merger is there, and moves no closed figure"
    units = ("H11.13", "H11.14", "H36.13")
    closed = quarters.QUARTERS[:4]
    assert department.rule_moved() == [
        (f"cal:{quarter}", unit, "by_time_v1", -1, 0) for quarter in closed for unit in units
    ]
    assert department.rule_moved("by_date_v1") == []
    assert department.warehouse.query(f"""
        select numerator, denominator, published_numerator, published_denominator from fct_restatements
        where unit_id = 'H36.13' and {_OWN_QUARTERS} and {_BY_DATE}
    """) == [(0, 1, 4, 6)]
