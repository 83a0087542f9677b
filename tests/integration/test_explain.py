"""cchc explain on the refreshed sample: a late dossier with a wait outside, and what an unknown code says."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.conftest import Warehouse

_LATE_AFTER_TAX = """
    select dossier_code, dossier_key from fct_dossiers
    where timeliness = 'late' and due_reason = 'stage_2' and supplement_count > 0
    order by late_days desc, dossier_code limit 1
"""


def test_the_life_of_a_late_dossier(sample: Warehouse) -> None:
    ((code, key),) = sample.query(_LATE_AFTER_TAX)
    done = sample.run("explain", code, "--format", "json")
    assert done.returncode == 0, done.stderr
    life = json.loads(done.stdout)
    assert life["is_synthetic"] is True
    assert {"received", "paused", "resumed", "finished", "due_date"} <= {
        each["kind"] for each in life["timeline"]
    }
    assert any(each["clock_state_code"] == "stopped" for each in life["timeline"])
    # what the terminal measures step by step is what the marts charge to the holders in all
    assert sum(each["late_days_share"] for each in life["holders"]) == 1
    ((over,),) = sample.query(
        f"select sum(working_days_over) from fct_delay_responsibility where dossier_key = {key}"
    )
    since = max(each["at"] for each in life["timeline"] if "Hẹn lần 2" in each["text"])
    charged = [step for step in life["steps"] if (step["finished_at"] or "9") > since]
    assert sum(max(step["over_days"] or 0, 0) for step in charged) == over
    rates = {(each["indicator_code"], each["rule_version"]) for each in life["verdicts"]}
    counted = sample.query(
        "select distinct indicator_code, rule_version from fct_dossier_verdicts join dim_periods using (period_key)"
        f" where dossier_key = {key} and calendar = 'rep' and period_type = 'quarter'"
    )
    assert rates == set(counted)
    late = [
        each
        for each in life["verdicts"]
        if (each["indicator_code"], each["rule_version"]) == ("OT_06", "by_date_v1")
    ]
    assert [each["in_numerator"] for each in late] == [False]


def test_the_terminal_and_the_sheet(sample: Warehouse, tmp_path: Path) -> None:
    ((code, _),) = sample.query(_LATE_AFTER_TAX)
    done = sample.run("explain", code)
    assert done.returncode == 0, done.stderr
    for part in (code, "Giải quyết quá hạn [late]", "Hẹn lần 2", "Trách nhiệm quá hạn", "OT_06 by_date_v1"):
        assert part in done.stdout
    sheet = tmp_path / "sheet.html"
    assert sample.run("explain", code, "--sheet", str(sheet)).returncode == 0
    page = sheet.read_text(encoding="utf-8")
    assert "DỮ LIỆU MÔ PHỎNG" in page
    assert not re.search(r"https?:|src=|href=", page)
    ((steps,),) = sample.query(
        "select count(*) from fct_dossier_steps join (select dossier_key, dossier_code from fct_dossiers)"
        f" as dossiers using (dossier_key) where dossiers.dossier_code = '{code}' and is_governing"
    )
    assert page.count("<tr><td") == steps


def test_an_unknown_code_is_one_line(sample: Warehouse) -> None:
    ((code, _),) = sample.query(_LATE_AFTER_TAX)
    done = sample.run("explain", code[:-1] + "x")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "the most alike" in done.stderr
