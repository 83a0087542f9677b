"""The reports of a period: page, workbook, annex and CSV say what the marts say, and nothing more."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.errors import CchcError, ConfigError
from dagster_project.home import Home
from dagster_project.publish.pointer import publish
from dagster_project.publish.privacy import Privacy
from dagster_project.publish.release import write_release
from dagster_project.scorecard.charts import line
from dagster_project.scorecard.files import write_reports
from dagster_project.scorecard.marts import print_query
from dagster_project.scorecard.page import LABELS, label, render_page
from dagster_project.scorecard.period_rows import period_rows
from dagster_project.scorecard.query import Counts
from dagster_project.scorecard.report.read import Report, read_report
from dagster_project.scorecard.report.staff import merge_small
from dagster_project.scorecard.report.subjects import by_subject
from dagster_project.scorecard.sentences import (
    about_indicator,
    about_late_publications,
    about_overdue,
    about_petitions,
)
from dagster_project.scorecard.workbook import render_workbook
from tests import fake_marts
from tests.fake_reports import FORMULA
from tests.unit.test_scorecard_figures import _row


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = fake_marts.new_home(tmp_path_factory.mktemp("reports"))
    fake_marts.release(home)
    return home


@pytest.fixture(scope="module")
def report(home: Home) -> Report:
    return read_report(home, "rep:2024Q2")


def _sheet(content: bytes, number: int) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(f"xl/worksheets/sheet{number}.xml").decode()


def test_overdue_dossiers_go_by_the_due_date_that_was_in_force_at_the_end_of_the_period(
    report: Report,
) -> None:
    assert [dossier["late_days"] for dossier in report.dossiers] == [156, 31, 6, 6, 1]
    assert [(band.label, band.count) for band in report.bands] == [
        ("1–5", 1),
        ("6–10", 2),
        ("11–30", 0),
        ("> 30", 2),
    ]
    assert report.dossiers[0]["step_name"] == "Thẩm định"
    assert about_overdue(report.bands) == (
        "Cuối kỳ có 5 hồ sơ đang giải quyết quá hạn: từ 1 đến 5 ngày 1 hồ sơ, từ 6 đến 10 ngày 2 hồ sơ, từ 11 đến"
        " 30 ngày 0 hồ sơ, trên 30 ngày 2 hồ sơ."
    )


def test_weak_steps_and_procedures_are_counted_in_the_period(report: Report) -> None:
    assert report.worst_steps == [{"step_name": "Thẩm định", "late": 3, "finished": 14}]
    (procedure,) = report.worst_procedures
    assert (procedure["procedure_code"], procedure["late"], procedure["finished"]) == ("1.01", 10, 49)
    (excluded,) = report.reliability.excluded
    told = {name: excluded[name] for name in ("indicator_code", "rule_version", "exclusion_code", "count")}
    assert list(told.values()) == ["OT_06", "by_date_v1", "withdrawn", 1]
    (finding,) = report.reliability.findings
    assert (finding["in_period"], finding["of_units"], finding["of_all"]) == (2, 3, 4)


def test_a_public_edition_shows_no_officer_and_no_small_group(home: Home, report: Report) -> None:
    assert report.officers == [] and "holder_id" not in report.dossiers[0]
    (together,) = report.workload
    assert together["unit_id"] is None and together["officers"] == 11, "two people join the nine"
    assert report.staff_total["posts_assigned"] == 15, "of 2024, not of the year after"
    assert report.staff_total["posts_vacant"] == 4
    assert "P-" not in render_page(report)
    inside = read_report(home, "rep:2024Q2", Privacy(is_public=False))
    assert {row["officers"] for row in inside.workload} == {9, 2} and len(inside.officers) == 11
    assert inside.dossiers[0]["holder_id"] == "P-7" and "P-7" in render_page(inside)


def _unit(name: str, officers: int) -> dict[str, Any]:
    counts = dict.fromkeys(("documents_in", "documents_out", "dossiers_finished", "steps_done"), 1)
    return {
        "unit_id": name,
        "unit_name": name,
        "posts_assigned": 1,
        "posts_filled": 1,
        "posts_vacant": 0,
        "officers": officers,
    } | counts


def test_no_group_under_five_can_be_reckoned_from_the_rest() -> None:
    sizes = [_unit("a", 9), _unit("b", 4), _unit("c", 6)]
    assert [(row["unit_id"], row["officers"]) for row in merge_small(sizes)] == [("a", 9), (None, 10)]
    assert merge_small([_unit("a", 9), _unit("b", 5)]) == [_unit("a", 9), _unit("b", 5)]
    assert [row["officers"] for row in merge_small([_unit("a", 9), _unit("b", 2), _unit("c", 3)])] == [9, 5]
    assert merge_small([_unit("a", 2), _unit("b", 1)]) == []


def test_the_form_adds_up_by_level_and_field(report: Report) -> None:
    form = report.form
    assert (form.code, form.status) == ("II.06a", "in_force")
    assert [column.number for column in form.columns] == [str(number) for number in range(3, 14)]
    assert [(one.kind, one.number, one.label) for one in form.lines] == [
        ("level", "I", "Cấp tỉnh"),
        ("field", "1", "Tài nguyên nước"),
        ("field", "2", "Đất đai"),
        ("level", "II", "Cấp huyện"),
        ("field", "1", "Đất đai"),
        ("total", "", "Tổng cộng"),
    ]
    assert form.lines[-1].cells == (105, 30, 60, 15, 81, 36, 24, 21, 24, 9, 15)


def test_from_august_2026_the_next_form_is_laid_out_with_blanks_for_what_no_source_tells(
    tmp_path: Path,
) -> None:
    home = fake_marts.new_home(tmp_path)
    fake_marts.build(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            "update marts.dim_periods set ends_on = date '2026-08-01', is_closed = true where period = '2024Q2'"
        )
    publish(home, write_release(home, fake_marts.facts()))
    report = read_report(home, "rep:2024Q2")
    assert (report.form.code, report.form.status) == ("07a/BTP", "assumed")
    cells = dict(
        zip((column.number for column in report.form.columns), report.form.lines[-1].cells, strict=True)
    )
    assert (cells["10"], cells["11"], cells["12"], cells["5"]) == (60, 12, 9, None)
    assert "để trống: không nguồn nào có số liệu" in _strings(render_workbook(report))


def _strings(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("xl/sharedStrings.xml").decode()


def test_a_code_that_looks_like_a_formula_stays_text(
    home: Home, report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    book = render_workbook(report)
    assert FORMULA.replace('"', "&quot;") in _strings(book).replace('"', "&quot;")
    for number in (1, 2, 3):
        assert "<f>" not in _sheet(book, number) and "hyperlink" not in _sheet(book, number).lower()
    print_query(home, "select dossier_code from fct_dossiers where dossier_key = 1", "csv")
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["dossier_code"] == f"'{FORMULA}"
    print_query(home, "select -1 as a, '-' as b, 'a=b' as c", "csv")
    assert capsys.readouterr().out.splitlines()[1] == '-1,"\'-","a=b"'


def test_the_workbook_holds_numbers_and_prints_on_a4_across(report: Report) -> None:
    book = render_workbook(report)
    form = _sheet(book, 1)
    assert "<v>105</v>" in form
    assert 'paperSize="9"' in form and 'orientation="landscape"' in form and 'fitToHeight="0"' in form
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        workbook = archive.read("xl/workbook.xml").decode()
    assert all(name in workbook for name in ('name="II.06a"', 'name="Chỉ số"', 'name="Hồ sơ quá hạn"'))
    assert workbook.count("_xlnm.Print_Titles") == 3


def test_petitions_and_late_publications_of_the_period_are_told(report: Report) -> None:
    (petitions,) = report.petitions
    assert petitions == {
        "petition_type": "PAKN", "received": 3, "answered": 1, "on_time": 1, "late": 1, "asked": 1, "satisfied": 1,
    }  # fmt: skip
    assert about_petitions(report.petitions) == [
        "PAKN: nhận trong kỳ 3, đã trả lời 1, đúng hạn 1, quá hạn 1; hài lòng 1/1 trường hợp có ý kiến đánh giá."
    ]
    late = [(row["duty"], str(row["due_on"]), row["late_days"]) for row in report.late_publications]
    assert late == [("online", "2024-03-25", 1), ("online", "2024-05-09", None)]
    told = about_late_publications(report.late_publications)
    assert told[0] == (
        "Thủ tục 1.01 (Cấp đổi <Giấy> chứng nhận): cập nhật, công khai trên Cổng quá hạn, hạn ngày 25/03/2024,"
        " thực hiện ngày 26/03/2024."
    )
    assert told[1].endswith("hạn ngày 09/05/2024, chưa thực hiện.")
    page = render_page(report)
    assert "25/03/2024" in page and "14/03/2024" not in page and label("not_done")[0] in page


def test_sentences_are_whole_and_say_where_things_go(report: Report) -> None:
    row = _row(
        name_vi="Tỷ lệ đúng hạn",
        measure_type="ratio",
        numerator=92,
        denominator=100,
        value=0.92,
        trend=(0.95, 0.91),
        target=0.98,
        is_met=False,
    )
    assert about_indicator(row, 0.95) == (
        "Tỷ lệ đúng hạn là 92,00 % (92/100), tăng 1,00 điểm phần trăm so với kỳ trước, giảm 3,00 điểm phần trăm so"
        " với cùng kỳ năm trước; chưa đạt chỉ tiêu 98,00 %."
    )
    count = _row(name_vi="Văn bản đến", measure_type="count", value=7159.0, trend=(7159.0,))
    assert about_indicator(count, None) == "Văn bản đến: 7.159, bằng kỳ trước."
    assert about_indicator(_row(name_vi="Mới", value=None), None) == "Mới: chưa có số liệu trong kỳ."


def test_the_annex_has_the_outline_the_form_and_blank_number_and_date(home: Home) -> None:
    from docx import Document

    paths = write_reports(home, ["rep:2024Q2"])
    (annex,) = (path for path in paths if path.suffix == ".docx")
    document = Document(str(annex))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for heading in ("1. Cải cách thể chế", "2. Cải cách thủ tục hành chính", "6. Xây dựng và phát triển"):
        assert heading in text
    assert "Đã giải quyết 81 hồ sơ, trong đó trước hạn 36 hồ sơ, đúng hạn 24 hồ sơ, quá hạn 21 hồ sơ." in text
    head = document.tables[0].rows[0].cells
    assert "Số:          /BC-" in head[0].text and "ngày …… tháng ……" in head[1].text
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in head[1].text
    assert document.styles["Normal"].font.name == "Times New Roman"
    assert document.tables[1].rows[-1].cells[2].text == "105"


def test_an_indicator_nobody_knew_finds_a_place_and_a_restated_one_stands_beside_the_published(
    tmp_path: Path,
) -> None:
    assert [subject.code for subject in by_subject([_row(indicator_code="X_NEW", field_code="all")])] == [
        "other"
    ]
    home = fake_marts.new_home(tmp_path)
    fake_marts.build(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            """
            insert into marts.dim_indicators by name select 'X_NEW' as indicator_code, 'v1' as rule_version,
                'Chỉ số <mới>' as name_vi, 'A new one' as name_en, 99 as display_order;
            insert into marts.fct_indicators by name select * replace ('X_NEW' as indicator_code, 'v1' as rule_version,
                'score' as measure_type, 12.5 as value, null as numerator, null as denominator,
                case when period_key = 'rep:2024Q1' then 18 else 20 end as max_score)
                from marts.fct_indicators where indicator_code = 'LATE_OPEN';
            update marts.fct_indicators set status = 'restated', published_value = 0.5,
                published_release_id = 'R0', restatement_reason = 'late_file, corrected_file: q1.csv'
                where indicator_code = 'LATE_OPEN' and period_key = 'rep:2024Q2' and scope = 'own';
            """
        )
    publish(home, write_release(home, fake_marts.facts()))
    report = read_report(home, "rep:2024Q2")
    page = render_page(report)
    assert "Chỉ số &lt;mới&gt;" in page and "Cấp đổi <Giấy>" not in page
    # Points out of another maximum are not compared.
    new = report.figure("X_NEW", "v1")
    assert new is not None and (new.max_score, new.trend) == (20, (12.5, None))
    rows = period_rows(home, ["rep:2024Q2", "rep:2024Q3"], "VP").to_pylist()
    before = {row["period"]: row["previous_value"] for row in rows if row["indicator_code"] == "X_NEW"}
    assert before == {"2024Q2": None, "2024Q3": 12.5}
    assert report.restatements.count == 1 and ">50,00 %<" in page
    assert "Tệp đến muộn" in page and "Tệp đính chính" in page and ": q1.csv" in page


def test_the_year_to_date_and_the_rule_stand_beside_a_value(home: Home, report: Report) -> None:
    """Q2 ends with the half-year: its year to date is the half-year's figure, never a mean of the quarters."""
    row = report.figure("OT_06", "by_date_v1")
    assert row is not None and row.to_date == Counts(900, 1000, 0.9)
    told = about_indicator(row, None)
    assert "(tính theo ngày)" in told and "lũy kế từ đầu năm 90,00 % (900/1.000)" in told
    assert "Lũy kế từ đầu năm" in _strings(render_workbook(report))
    folder = home.reports / "rep-2024Q2"
    write_reports(home, ["rep:2024Q2"])
    with (folder / "scorecard.csv").open(encoding="utf-8-sig") as handle:
        line = next(each for each in csv.DictReader(handle) if each["rule_version"] == "by_date_v1")
    assert (line["to_date_numerator"], line["to_date_denominator"]) == ("900", "1000")


def test_failed_checks_are_told_in_vietnamese_with_english_behind_the_switch(report: Report) -> None:
    page = render_page(report)
    assert '<span class="vi" lang="vi">marts.t: 1 &lt;trên&gt; 2 không đạt</span>' in page
    assert '<span class="en" lang="en">marts.t: found 1 &lt;of&gt; 2</span>' in page


def test_the_page_has_every_label_in_two_languages_and_asks_for_nothing(report: Report) -> None:
    page = render_page(report, "abc")
    assert 'content="abc"' in page and "default-src 'none'" in page
    assert "http:" not in page.replace("http://example.invalid", "") and "https:" not in page
    for key in ("summary", "restatements", "public"):
        assert label(key)[0] in page and label(key)[1] in page
    assert LABELS.read_text(encoding="utf-8").count(": [") > 100


def test_lines_keep_their_gaps_and_mark_what_lies_low() -> None:
    drawn = line([0.2, None, 0.1, 0.3], target=0.4, width=100, height=40, margin=(0, 0))
    assert drawn.path == "M0.0 26.67 M66.67 40.0 L100.0 13.33" and drawn.target_y == 0.0
    assert [point.is_low for point in drawn.points] == [False, False, False]
    assert [point.is_low for point in line([3, 1, 2]).points] == [False, True, False]


def test_a_refresh_writes_the_newest_quarters_and_again_what_changed(tmp_path: Path) -> None:
    home = fake_marts.new_home(tmp_path)
    fake_marts.release(home)
    names = {path.relative_to(home.reports).as_posix() for path in write_reports(home)}
    pages = {name for name in names if name.endswith(".html")}
    assert pages == {"rep-2024Q2/scorecard.html", "cal-2024Q1/scorecard.html"}
    assert {"rep-2024Q2/scorecard.xlsx", "rep-2024Q2/scorecard.docx", "rep-2023Q4/scorecard.csv"} <= names
    older = home.reports / "rep-2024Q1" / "scorecard.html"
    write_reports(home, ["rep:2024Q1"])
    first = older.read_bytes()
    fake_marts.release(home)
    write_reports(home)
    assert older.read_bytes() == first, "another release, the same figures: the page stays"
    fake_marts.release(home, shift=5)
    write_reports(home)
    assert older.read_bytes() != first, "other figures: the page is rendered again"


def test_a_past_period_is_rendered_from_its_own_release(tmp_path: Path) -> None:
    home = fake_marts.new_home(tmp_path)
    first = fake_marts.release(home)
    paths = write_reports(home, ["rep:2024Q1"])
    before = [path.read_bytes() for path in paths]
    fake_marts.release(home, shift=5)
    write_reports(home, ["rep:2024Q1"])
    assert [path.read_bytes() for path in paths] != before
    write_reports(home, ["rep:2024Q1"], release_id=first)
    assert [path.read_bytes() for path in paths] == before, "to the byte"
    with pytest.raises(ConfigError, match="no such release"):
        write_reports(home, ["rep:2024Q1"], release_id="20200101T000000-00000000")


def test_a_release_without_form_layouts_is_told_in_one_line(tmp_path: Path) -> None:
    home = fake_marts.new_home(tmp_path)
    fake_marts.build(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("drop table marts.dim_form_columns")
    publish(home, write_release(home, fake_marts.facts()))
    with pytest.raises(CchcError, match="older than the layouts of forms"):
        read_report(home, "rep:2024Q2")


def test_periods_of_every_type_have_reports(home: Home) -> None:
    report = read_report(home, "rep:2024H1")
    assert report.card.period.ends_on == date(2024, 6, 14) and report.form.lines[-1].cells[0] is None
    assert "II.06a" in _strings(render_workbook(report))
