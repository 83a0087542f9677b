"""cchc explain: one dossier's life from small marts, on the terminal, as JSON and as the control sheet."""

from __future__ import annotations

import io
import json
import re
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from dagster_project.errors import CchcError, ConfigError
from dagster_project.explain.durations import WorkingDays, spans_off_the_clock, step_days
from dagster_project.explain.life import Entry, Life, Verdict
from dagster_project.explain.read import read_life
from dagster_project.explain.sheet import render_sheet, write_sheet
from dagster_project.explain.terminal import print_life
from dagster_project.home import Home
from dagster_project.publish.pointer import publish
from dagster_project.publish.release import write_release
from tests import fake_marts

CODE = "H11-240304-0001"
# Received Monday 4 March 2024, due on the 13th, with the tax office from the 6th to the 11th, due anew on the 14th,
# finished on Monday the 18th: late. <b> stands for whatever a source may write into a name.
_LIFE = """
create or replace table marts.fct_dossiers as
select * from (values
    (1, 'H11-240304-0001', 'n', 'S', timestamp '2024-03-14 17:00', 'stage_2', timestamp '2024-03-18 09:00', 'late', 4),
    (2, 'H11-240304-0002', 'n', 'S', timestamp '2024-08-14 17:00', 'initial', null, 'open_in_time', 0),
    (3, 'H11-240304-0003', 'n', 'S', timestamp '2024-08-14 17:00', 'initial', null, 'open_in_time', 0),
    (4, 'H11-240304-0003', 'm', 'S', timestamp '2024-08-14 17:00', 'initial', null, 'open_in_time', 0)
) as dossiers (dossier_key, dossier_code, namespace, unit_id, due_at, due_reason, finished_at, timeliness, late_days)
cross join (select 'unknown' as receiving_unit_id, 7 as procedure_key, '1.01' as procedure_code,
    'land' as field_code, 'online' as channel, 10 as responsible_officer_key, null::timestamp as submitted_at,
    timestamp '2024-03-04 08:00' as received_at, null::timestamp as returned_at, '9' as status_code,
    9 as working_days_used, 'event' as state_basis, null::varchar as flags, date '2024-07-20' as as_of_on);
create or replace table marts.dim_units as
select *, date '1900-01-01' as valid_from_on from (values
    ('S', 'Chi nhánh Mẫu', 'own'), ('TAX', 'Chi cục Thuế', 'external'),
    ('APPLICANT', 'Người nộp hồ sơ', 'external'), ('unknown', 'Không rõ', 'unknown')
) as units (unit_id, unit_name, kind);
create or replace table marts.dim_officers as
select * from (values (0, 'unknown'), (10, 'P-10')) as officers (officer_key, officer_id);
create or replace table marts.dim_procedures as select 7 as procedure_key, 'Thủ tục <b>mẫu</b>' as procedure_name;
create or replace table marts.dim_channels as select 'online' as channel, 'Trực tuyến' as name_vi;
create or replace table marts.dim_statuses as select '9' as status_code, 'Đã xử lý xong' as name_vi;
create or replace table marts.dim_due_reasons as
select * from (values ('initial', 'Hẹn trả lần đầu', 'Circular 1'), ('stage_2', 'Hẹn lần 2', 'Decision 2'))
    as reasons (reason, name_vi, legal_source);
create or replace table marts.dim_delay_causes as select 'surge' as cause_code, 'Hồ sơ tăng đột biến' as name_vi;
create or replace table marts.dim_dates as
select date_on::date as date_on, sum(case when dayofweek(date_on) between 1 and 5 then 1 else 0 end)
    over (order by date_on)::bigint as working_day_no
from range(timestamp '2024-03-01', timestamp '2024-09-01', interval 1 day) as days (date_on);
create or replace table marts.fct_dossier_events as
select 1 as dossier_key, *, 'register' as source from (values
    (1, 'received', timestamp '2024-03-04 08:00', 'date', 'S', 0, null, 'running'),
    (2, 'paused', timestamp '2024-03-06 08:00', 'event', 'TAX', 0, null, 'stopped'),
    (3, 'step', timestamp '2024-03-06 08:00', 'event', 'S', 10, null, 'stopped'),
    (4, 'resumed', timestamp '2024-03-11 08:00', 'event', 'TAX', 0, null, 'running'),
    (5, 'step', timestamp '2024-03-18 09:00', 'event', 'S', 10, '9', 'ended')
) as events (event_no, event_type, event_at, basis, unit_id, officer_key, status_code, clock_state_code);
create or replace table marts.fct_dossier_due_dates as
select 1 as dossier_key, * from (values
    (1, true, timestamp '2024-03-13 17:00', timestamp '2024-03-04 08:00', 'initial', 'event'),
    (2, true, timestamp '2024-03-14 17:00', timestamp '2024-03-11 08:00', 'stage_2', 'event')
) as dates (version_no, is_governing, due_at, known_from_at, reason, basis);
create or replace table marts.fct_dossier_steps as
select 1 as dossier_key, *, 100 + step_no as step_key from (values
    (1, 'Thẩm định', 'S', 10, timestamp '2024-03-04 08:00', timestamp '2024-03-06 08:00',
        timestamp '2024-03-08 17:00', 4.0, true),
    (2, 'In giấy', 'S', 10, timestamp '2024-03-05 08:00', timestamp '2024-03-18 09:00', null, 2.5, true),
    (2, 'In giấy', 'S', 10, timestamp '2024-03-05 08:00', timestamp '2024-03-18 09:00', null, 2.5, false),
    (3, 'Xác định thuế', 'TAX', 0, timestamp '2024-03-06 08:00', timestamp '2024-03-11 08:00', null, null, true)
) as steps (step_no, step_name, unit_id, officer_key, started_at, finished_at, due_at, allowed_days, is_governing);
create or replace table marts.fct_delay_responsibility as
select * from (values (1, 'S', 10, true, 6::double, 6.5::double, 3::double, 1::double, 'surge', false)) as holders (dossier_key, unit_id,
    officer_key, is_holder_at_due, working_days_used, working_days_allowed, working_days_over, late_days_share,
    cause_code, is_subjective);
create or replace table marts.fct_integrity_findings as
select 1 as dossier_key, 'sync_only' as finding_code, 'Chỉ có trong đồng bộ' as finding_name_vi,
    timestamp '2024-04-01 08:00' as found_at, 'file 7' as evidence, 'sync' as source;
create or replace table marts.dim_indicators as
select *, 1 as display_order, 'Form II.06' as legal_source from (values
    ('OT_06', 'v1', 'Tỷ lệ đúng hạn', 'up'), ('LATE_OPEN', 'v1', 'Đang quá hạn', 'down')
) as names (indicator_code, rule_version, name_vi, direction);
create or replace table marts.fct_dossier_verdicts as
select 1 as dossier_key, * from (values
    ('OT_06', 'v1', 'rep:2024Q2', 0, 1, null), ('OT_06', 'v1', 'cal:2024Q1', 1, 1, null),
    ('LATE_OPEN', 'v1', 'rep:2023Q4', 0, 1, null), ('LATE_OPEN', 'v1', 'rep:2024Q1', 1, 1, null),
    ('OLD', 'v9', 'rep:2024Q2', 0, 0, 'withdrawn')
) as verdicts (indicator_code, rule_version, period_key, in_numerator, in_denominator, exclusion_code);
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = fake_marts.new_home(tmp_path_factory.mktemp("explain"))
    fake_marts.build(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(_LIFE)
    publish(home, write_release(home, fake_marts.facts()))
    return home


@pytest.fixture(scope="module")
def life(home: Home) -> Life:
    return read_life(home, CODE)


def test_the_timeline_tells_events_and_due_dates_in_order_of_time(life: Life) -> None:
    told = [(f"{entry.at:%d.%m}", entry.text, entry.clock_state_code) for entry in life.timeline]
    assert told == [
        ("04.03", "Tiếp nhận hồ sơ", "running"),
        ("04.03", "Ngày hẹn trả 13/03/2024 17:00: Hẹn trả lần đầu", None),
        ("06.03", "Tạm dừng", "stopped"),
        ("06.03", "Kết thúc bước: Thẩm định", "stopped"),
        ("11.03", "Tiếp tục xử lý", "running"),
        ("11.03", "Ngày hẹn trả 14/03/2024 17:00: Hẹn lần 2", None),
        ("18.03", "Kết thúc bước: In giấy [Đã xử lý xong]", "ended"),
    ]
    assert [entry.legal_source for entry in life.timeline if entry.kind == "due_date"] == [
        "Circular 1",
        "Decision 2",
    ]
    assert (life.timeline[2].holder, life.timeline[3].officer_id) == ("Chi cục Thuế", "P-10")


def test_steps_are_measured_in_working_days_without_the_time_off_the_clock(life: Life) -> None:
    # printing ran from the 5th to the 18th, nine working days, three of them while the tax office had it
    assert [(step.name, step.used_days, step.over_days) for step in life.steps] == [
        ("Thẩm định", 2, -2),
        ("In giấy", 6, 3),
        ("Xác định thuế", 3, None),
    ]


def test_verdicts_are_of_the_newest_quarter_in_which_the_dossier_counts(home: Home, life: Life) -> None:
    def of(told: Life) -> list[tuple[str, str, bool | None]]:
        return [(each.indicator_code, each.period_key, each.is_good) for each in told.verdicts]

    assert of(life) == [
        ("LATE_OPEN", "rep:2024Q1", False),
        ("OT_06", "rep:2024Q2", False),
        ("OLD", "rep:2024Q2", None),
    ]
    assert of(read_life(home, CODE, calendar="cal")) == [("OT_06", "cal:2024Q1", True)]


def test_the_terminal_names_everything(home: Home) -> None:
    out = io.StringIO()
    print_life(home, CODE, console=Console(file=out, width=220))
    text = out.getvalue()
    for part in (
        "Giải quyết quá hạn [late] (4 ngày theo lịch)", "Thủ tục <b>mẫu</b>", "Circular 1", "tạm dừng", "trễ 3",
        "100,00 %", "Hồ sơ tăng đột biến [surge], khách quan", "sync_only", "loại: Hồ sơ rút", "chỉ mẫu số",
    ):  # fmt: skip
        assert part in text, part
    assert "MÔ PHỎNG" not in text


def test_json_holds_the_same_life(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    print_life(home, CODE, output="json")
    told = json.loads(capsys.readouterr().out)
    assert told["header"]["timeliness"] == "late"
    assert len(told["timeline"]) == 7
    assert told["holders"][0]["late_days_share"] == 1.0


def test_a_dossier_with_nothing_but_a_row_is_told_too(home: Home) -> None:
    out = io.StringIO()
    print_life(home, "h11-240304-0002", console=Console(file=out, width=200))
    assert "Đang giải quyết, trong hạn" in out.getvalue()
    assert "Trách nhiệm" not in out.getvalue()


@pytest.mark.parametrize(
    ("code", "options", "says"),
    [
        ("H11-240304-001", {}, r"not in the published marts; the most alike: H11-240304-0001, "),
        ("H11-240304-0003", {}, r"2 namespaces gave this code; choose --namespace m or n"),
        (CODE, {"calendar": "lunar"}, r"--calendar lunar"),
        (CODE, {"namespace": "elsewhere"}, r"not in the published marts"),
    ],
)
def test_what_cannot_be_told_is_one_line_and_a_wrong_usage(
    home: Home, code: str, options: dict[str, str], says: str
) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        read_life(home, code, **options)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_namespace_chooses_between_two_dossiers_of_one_code(home: Home) -> None:
    assert read_life(home, "H11-240304-0003", namespace="m").header.dossier_key == 4


def test_nothing_published_is_said(tmp_path: Path) -> None:
    with pytest.raises(CchcError, match="nothing is published yet"):
        read_life(fake_marts.new_home(tmp_path), CODE)


def test_the_sheet_is_complete_in_itself_and_prints_on_a4(home: Home, life: Life, tmp_path: Path) -> None:
    page = write_sheet(home, CODE, tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert not re.search(r"https?:|src=|href=|@import|url\(", page)
    assert "@page { size: A4;" in page
    assert "Mẫu số 05, Thông tư 01/2018/TT-VPCP" in page
    assert "Thủ tục &lt;b&gt;mẫu&lt;/b&gt;" in page
    rows = re.findall(r"<tr>(<td.*?)</tr>", page)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows]
    assert [(row[1], row[6], row[7]) for row in cells] == [
        ("Thẩm định", "2 / 4", "Trước hạn 2 ngày"),
        ("In giấy", "6 / 2,5", "Quá hạn 3 ngày"),
        ("Xác định thuế", "3 / –", "Ngoài thời hạn"),
    ]
    assert "MÔ PHỎNG" not in page


def test_the_sheet_says_that_data_are_synthetic(life: Life) -> None:
    made_up = Life(**{**vars(life), "is_synthetic": True})
    assert "DỮ LIỆU MÔ PHỎNG" in render_sheet(made_up)


def test_a_sheet_that_cannot_be_written_is_one_line(home: Home, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        write_sheet(home, CODE, tmp_path / "nowhere" / "sheet.html")


def test_a_clock_that_still_stands_runs_to_the_end() -> None:
    def entry(at: str, state: str | None) -> Entry:
        return Entry(datetime.fromisoformat(at), "step", "", None, None, state, "event", None, None)

    events = [entry("2024-03-04 08:00", "running"), entry("2024-03-05 08:00", "stopped"),
              entry("2024-03-06 08:00", "stopped")]  # fmt: skip
    until = datetime(2024, 3, 8, 12)
    assert spans_off_the_clock(events, until) == [(datetime(2024, 3, 5, 8), until)]


def test_a_step_outside_the_calendar_or_without_beginning_has_no_days() -> None:
    start, end = datetime(2024, 3, 4), datetime(2024, 3, 5)
    unknown = WorkingDays({start.date(): 1})
    assert step_days(start, end, None, 1.0, (), unknown) == (None, None)
    assert step_days(None, end, end, 1.0, (), unknown) == (None, None)


@pytest.mark.parametrize(
    ("in_numerator", "in_denominator", "direction", "good"),
    [(True, True, "up", True), (False, True, "up", False), (True, True, "down", False), (False, True, "down", True),
     (False, False, "up", None), (True, True, None, None)],
)  # fmt: skip
def test_what_is_good_depends_on_the_direction_of_the_rate(
    in_numerator: bool, in_denominator: bool, direction: str | None, good: bool | None
) -> None:
    verdict = Verdict("X", "v1", "", "rep:2024Q1", True, in_numerator, in_denominator, None, direction, None)
    assert verdict.is_good is good
