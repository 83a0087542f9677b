"""The quarterly run apart from Dagster: its days, exports that did not arrive, the digest, a period's release."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from dagster_project.errors import ConfigError
from dagster_project.home import Home
from dagster_project.publish.pointer import publish
from dagster_project.publish.release import write_release
from dagster_project.quarterly.dates import Quarter, rules, schedule_days
from dagster_project.quarterly.digest import BLOCKED, NOTHING_NEW, PUBLISHED, Outcome, read_digest
from dagster_project.quarterly.exports import required_exports
from dagster_project.quarterly.text import render_digest, write_digest
from dagster_project.scorecard.editions import release_of_period
from tests import fake_marts

# the last days of the quarters of 2024, as the law and the portal have them
ENDS = {
    "rep": [date(2024, 3, 14), date(2024, 6, 14), date(2024, 9, 14), date(2024, 12, 14)],
    "cal": [date(2024, 3, 31), date(2024, 6, 30), date(2024, 9, 30), date(2024, 12, 31)],
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = fake_marts.new_home(tmp_path_factory.mktemp("quarterly"))
    fake_marts.release(home)
    return home


def _runs_on(day: date) -> bool:
    for line in schedule_days():
        _, hour, days, months, _ = line.split()
        assert hour == "6"
        if day.day == int(days) and str(day.month) in months.split(","):
            return True
    return False


def test_it_runs_after_every_quarter_and_after_its_exports_were_due() -> None:
    expected = set()
    for calendar, ends in ENDS.items():
        for end in ends:
            due = end + timedelta(days=rules()[calendar].days_after_end)
            expected |= {end + timedelta(days=1), due + timedelta(days=1)}
    days = (date(2024, 1, 7) + timedelta(days=count) for count in range(366))
    assert {day for day in days if _runs_on(day)} == expected
    assert len(expected) == 16


def test_every_reporting_date_has_its_source() -> None:
    assert set(rules()) == {"rep", "cal"}
    assert all(rule.legal_source and rule.status in ("in_force", "assumed") for rule in rules().values())


def test_an_export_is_late_when_its_day_is_over_and_no_sooner() -> None:
    quarter = Quarter(rules()["rep"], "rep:2024Q3", "2024Q3", date(2024, 6, 15), date(2024, 9, 14), False)
    through = {"old": "2024-09-13 10:00:00", "new": "2024-09-14 18:00:00"}

    def late(today: date) -> list[str]:
        exports = required_exports([quarter], through, ["old", "new", "never"], today)
        assert {export.source for export in exports} == {"old", "new"}, "what never came is not required"
        return [export.source for export in exports if export.is_late]

    assert late(date(2024, 9, 20)) == []
    assert late(date(2024, 9, 21)) == ["old"]
    (export, _) = sorted(
        required_exports([quarter], through, ["old", "new"], date(2024, 9, 21)),
        key=lambda each: each.has_arrived,
    )
    assert export.alert.startswith("quá hạn nộp tệp kết xuất: nguồn old, quý 2024Q3")
    assert "hạn 20/09/2024" in export.alert and "13/09/2024" in export.alert and "\n" not in export.alert


def test_a_digest_of_a_published_run(home: Home) -> None:
    digest = read_digest(home, Outcome(PUBLISHED), ["register"], date(2024, 7, 20))
    assert [(each.period_key, each.is_closed) for each in digest.quarters] == [
        ("rep:2024Q2", True), ("cal:2024Q1", True),
    ]  # fmt: skip
    judged = [(row["period_key"], row["unit_id"], row["indicator_code"]) for row in digest.targets]
    assert len(set(judged)) == len(judged), "one rule judges a target, although two reckon it"
    assert {row["rule_version"] for row in digest.missed} == {"by_date_v1"} and digest.met == []
    assert digest.late == [] and all(export.has_arrived for export in digest.exports)
    text = render_digest(digest)
    assert f"**Đã công bố bản {digest.release_id}.**" in text
    assert f"## Chỉ tiêu không đạt: {len(digest.missed)}" in text
    assert (
        "| rep:2024Q2 | Tỷ lệ hồ sơ giải quyết sớm và đúng hạn (tính theo ngày) | Toàn bộ đơn vị | 92,00 %"
        in text
    )
    assert "| Cảnh báo | marts.t: 1 <trên> 2 không đạt | land_office |" in text
    assert write_digest(home, digest, "0123456789").name == "2024-07-20-01234567.md"


def test_a_digest_names_what_is_open_and_late(home: Home) -> None:
    """In October the third quarter has ended in both calendars; the data end in July."""
    with duckdb.connect(str(home.marts), read_only=True) as connection:
        known = connection.execute(
            "select count(*) from dim_periods where period_key = 'cal:2024Q3'"
        ).fetchone()
    assert known == (0,), "the calendar quarter is not among the fake periods"
    digest = read_digest(home, Outcome(NOTHING_NEW), ["register"], date(2024, 9, 21))
    assert [each.period_key for each in digest.quarters if not each.is_closed] == ["rep:2024Q3"]
    assert {row["period_key"] for row in digest.targets} == {"cal:2024Q1"}, (
        "an open quarter meets no target yet"
    )
    (late,) = digest.late
    assert (late.source, late.quarter.period_key) == ("register", "rep:2024Q3")
    text = render_digest(digest)
    assert "| register | Kỳ báo cáo (15–14): 2024Q3 | 19/07/2024 | 20/09/2024 | **QUÁ HẠN** |" in text
    assert "chưa chốt" in text and "Không có dữ liệu mới" in text


def test_a_digest_of_a_blocked_run_says_what_blocks_it(home: Home, tmp_path: Path) -> None:
    finding = {
        "severity": "critical", "owner": "one_stop_desk", "message": "x: bad | worse", "message_vi": "x: sai | hỏng",
    }  # fmt: skip
    verdict = {"is_publishable": False, "blocking": [finding], "warnings": []}
    (tmp_path / "verdict.json").write_text(json.dumps(verdict))
    digest = read_digest(home, Outcome(BLOCKED, "lý do", tmp_path), [], date(2024, 7, 20))
    text = render_digest(digest)
    assert f"Bị chặn, không công bố; bản {digest.release_id} giữ nguyên. Lý do: lý do" in text
    assert "| Nghiêm trọng | x: sai \\| hỏng | bộ phận một cửa |" in text
    assert "land_office" not in text, "the warnings are those of the run, not of the release that stands"


def test_restated_figures_are_told_with_both_values(tmp_path: Path) -> None:
    home = fake_marts.new_home(tmp_path)
    fake_marts.build(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("""
            update marts.fct_indicators set status = 'restated', published_value = 0.5,
                restatement_reason = 'data_changed: 500/1000 -> 910/1000'
            where period_key = 'rep:2024Q1' and unit_id = 'root' and scope = 'own' and indicator_code = 'LATE_OPEN'
        """)
    publish(home, write_release(home, fake_marts.facts()))
    text = render_digest(read_digest(home, Outcome(PUBLISHED), [], date(2024, 7, 20)))
    assert "## Số liệu điều chỉnh so với bản đã công bố: 1" in text
    assert "| 50,00 % | 91,00 % (910/1.000) | Số liệu nguồn thay đổi: 500/1000 → 910/1000 |" in text


def test_nothing_published_yet_is_told_too(tmp_path: Path) -> None:
    home = fake_marts.new_home(tmp_path)
    text = render_digest(read_digest(home, Outcome(BLOCKED, "lý do"), ["register"], date(2024, 7, 20)))
    assert "chưa có bản công bố nào" in text


def test_the_release_of_a_period_is_the_first_that_was_final(tmp_path: Path) -> None:
    home = fake_marts.new_home(tmp_path)
    releases = []
    for shift, status in enumerate(("provisional", "final", "restated")):
        fake_marts.build(home, shift=shift)
        with duckdb.connect(str(home.warehouse)) as connection:
            connection.execute(
                f"update marts.fct_indicators set status = '{status}' where period_key = 'rep:2024Q2'"
            )
        releases.append(write_release(home, fake_marts.facts(run_id=f"run-{shift}")))
        publish(home, releases[-1])
    assert release_of_period(home, "rep:2024Q2") == releases[1]
    assert release_of_period(home, "rep:2024Q1") == releases[2], "never final: the newest"
    with pytest.raises(ConfigError, match="rep:1999Q1: no release has figures of this period"):
        release_of_period(home, "rep:1999Q1")
