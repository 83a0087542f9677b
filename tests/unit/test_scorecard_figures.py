"""The scorecard: the right figures of the right period, written as people and machines expect."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rich.console import Console

from dagster_project.errors import CchcError, ConfigError
from dagster_project.home import Home
from dagster_project.publish.pointer import publish
from dagster_project.publish.release import write_release
from dagster_project.scorecard.files import write_reports
from dagster_project.scorecard.marts import print_query, run_query
from dagster_project.scorecard.query import ScorecardRow, closed_periods, read_scorecard
from dagster_project.scorecard.terminal import (
    format_measure,
    format_number,
    format_trend,
    format_value,
    heading,
    print_scorecard,
)
from tests import fake_marts


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = fake_marts.new_home(tmp_path_factory.mktemp("scorecard"))
    fake_marts.release(home)
    return home


def _row(**given: Any) -> ScorecardRow:
    base: dict[str, Any] = dict.fromkeys(field.name for field in fields(ScorecardRow))
    base |= {
        "indicator_code": "OT_06",
        "rule_version": "v1",
        "measure_type": "ratio",
        "display_order": 10,
        "trend": (),
        "years": (),
    }
    return ScorecardRow(**(base | given))


def test_default_is_the_newest_closed_quarter_of_the_whole_department(home: Home) -> None:
    card = read_scorecard(home)
    assert (card.period.period_key, card.period.is_closed, card.unit_id) == ("rep:2024Q2", True, "root")
    assert card.trend_periods == ("2023Q4", "2024Q1")
    on_time = card.rows[1]
    assert (on_time.indicator_code, on_time.rule_version) == ("OT_06", "by_date_v1")
    assert (on_time.value, on_time.trend, on_time.is_met) == (0.92, (0.89, 0.91), False)
    assert card.release_id == json.loads(home.manifest.read_text())["release_id"]


def test_period_calendar_and_unit_are_chosen(home: Home) -> None:
    card = read_scorecard(home, "2024Q1", "cal", "VP")
    assert (card.period.period_key, card.unit_name) == ("cal:2024Q1", "Văn phòng")
    assert read_scorecard(home, "2024H1").trend_periods == ()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("2030Q1",), "--period 2030Q1: not in calendar rep; quarters go from 2023Q4 to 2024Q3"),
        ((None, "lunar"), "--calendar lunar: unknown"),
        ((None, "rep", "XX"), "--unit XX: no such unit"),
    ],
)
def test_wrong_choices_are_one_line(home: Home, arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_scorecard(home, *arguments)


def test_before_the_first_publication(tmp_path: Path) -> None:
    with pytest.raises(CchcError, match="nothing is published yet; run cchc refresh"):
        print_scorecard(Home(tmp_path))


def test_numbers_are_written_the_vietnamese_way() -> None:
    assert format_measure(0.9008, "ratio") == "90,08 %"
    assert format_number(159845) == "159.845"
    assert format_number(12.5) == "12,5"
    assert format_number(1000.0) == "1.000"
    assert format_number(None) == "–"
    assert format_value(_row(value=None)) == "–"
    # half up, from the counts: 1/800 = 0,125 %
    assert format_value(_row(numerator=1, denominator=800, value=1 / 800)) == "0,13 %"
    assert format_value(_row(measure_type="count", value=24201.0)) == "24.201"


def test_the_trend_shows_the_shape_and_the_change() -> None:
    assert format_trend(_row(value=0.9, trend=(0.8, None, 0.85))) == "▁ ▄█\n+5,00"
    assert format_trend(_row(value=0.5, trend=(0.5,))) == "▁▁\n+0,00"
    assert format_trend(_row(value=0.5)) == "–"
    assert format_trend(_row(value=None, trend=(0.5, 0.6))) == "▁█ "


@pytest.mark.parametrize("width", [80, 200])
def test_the_table_shows_name_value_counts_and_target(home: Home, width: int) -> None:
    console = Console(width=width, file=io.StringIO())
    print_scorecard(home, console=console)
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Tỷ lệ hồ sơ giải quyết sớm và" in printed and "…" not in printed
    assert (
        "92,00 %" in printed and "920 / 1.000" in printed and "98,00 %" in printed and "Không đạt" in printed
    )
    assert "Toàn bộ đơn vị · Kỳ báo cáo (15–14) · 2024Q2 (15/03/2024–14/06/2024)" in printed
    assert "kỳ chưa kết thúc" in heading(read_scorecard(home, "2024Q3"))[0]


def test_targets_of_one_field_and_the_closed_years_stand_beside(tmp_path: Path) -> None:
    home = fake_marts.new_home(tmp_path)
    fake_marts.build(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            """
            insert into marts.dim_periods by name
            select 'cal:2023' as period_key, 'cal' as calendar, '2023' as period, 'year' as period_type,
                date '2023-01-01' as starts_on, date '2023-12-31' as ends_on, true as is_closed;
            insert into marts.dim_periods by name
            select 'cal:2022' as period_key, 'cal' as calendar, '2022' as period, 'year' as period_type,
                date '2022-01-01' as starts_on, date '2022-12-31' as ends_on, true as is_closed;
            insert into marts.dim_periods by name
            select 'cal:2023-01' as period_key, 'cal' as calendar, '2023-01' as period, 'month' as period_type,
                date '2023-01-01' as starts_on, date '2023-01-31' as ends_on, true as is_closed;
            insert into marts.fct_indicators by name
            select figures.* replace (year_key as period_key, 0.9008 as value) from marts.fct_indicators as figures
            cross join (values ('cal:2022'), ('cal:2023-01'), ('cal:2023')) as keys (year_key)
            where period_key = 'cal:2024Q1';
            insert into marts.fct_indicators by name
            select * replace ('land' as field_code, 0.95 as value) from marts.fct_indicators
            where unit_id = 'root' and scope = 'with_children' and rule_version = 'by_date_v1';
            update marts.fct_indicators set target = null where field_code = 'all' and unit_id = 'root';
            """
        )
    publish(home, write_release(home, fake_marts.facts()))
    card = read_scorecard(home)
    assert (card.unit_id, card.years) == ("VP", ("2023",)), "the unit with targets; 2022 is not covered whole"
    whole = [row for row in card.rows if row.field_code == "all"]
    assert [row.years for row in whole] == [(0.9008,)] * len(whole)
    (land,) = (row for row in card.rows if row.field_code == "land")
    assert (land.unit_id, land.indicator_code, land.target, land.value) == ("root", "OT_06", 0.98, 0.95)
    console = Console(width=160, file=io.StringIO())
    print_scorecard(home, console=console)
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert "(Đất đai, Toàn bộ đơn vị)" in " ".join(printed.split()) and "90,08 %" in printed


def test_what_was_never_counted_is_named_below_the_table(home: Home) -> None:
    assert _row(value=None, trend=(None,), years=()).is_empty
    assert not _row(value=None, trend=(0.5,), years=()).is_empty


def test_json_and_csv_hold_plain_numbers(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    print_scorecard(home, output="json")
    content = json.loads(capsys.readouterr().out)
    assert content["period"]["starts_on"] == "2024-03-15"
    assert content["rows"][1]["value"] == 0.92
    assert content["rows"][1]["trend"][0] == {"period": "2023Q4", "value": 0.89}
    print_scorecard(home, output="csv")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert rows[1]["value"] == "0.92" and rows[1]["previous_value"] == "0.91" and len(rows) == 3
    with pytest.raises(ConfigError, match="--format xml: unknown"):
        print_scorecard(home, output="xml")


def test_reports_are_written_for_closed_periods_only(tmp_path: Path) -> None:
    home = fake_marts.new_home(tmp_path)
    fake_marts.release(home)
    assert "rep:2024Q3" not in closed_periods(home)
    paths = [path for path in write_reports(home) if path.suffix == ".csv"]
    assert len(paths) == 5 and home.reports / "rep-2024Q2" / "scorecard.csv" in paths
    text = (home.reports / "rep-2024Q2" / "scorecard.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 9 and rows[0]["unit_id"] == "root" and rows[-1]["unit_name"] == "Văn phòng"
    assert {row["previous_value"] for row in rows if row["indicator_code"] == "OT_06"} == {"0.91"}
    assert (home.reports / "rep-2024Q2" / "scorecard.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    before = fake_marts.tree(home.reports)
    write_reports(home, ["rep:2024Q2"])
    assert fake_marts.tree(home.reports) == before
    with pytest.raises(ConfigError, match="rep:2024Q3: not a closed period"):
        write_reports(home, ["rep:2024Q3"])


def test_a_query_reads_and_does_no_more(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    print_query(home, "select unit_name from dim_units where unit_id = 'root'", "csv")
    assert capsys.readouterr().out == 'unit_name\n"Toàn bộ đơn vị"\n'
    print_query(home, "select 1 as a", "json")
    assert json.loads(capsys.readouterr().out) == [{"a": 1}]
    print_query(home, "from range(300)")
    assert "and 100 more rows" in capsys.readouterr().out
    for refused in (
        "create table t as select 1",
        f"copy dim_units to '{tmp_path / 'out.csv'}'",
        f"select * from read_csv('{__file__}')",
        "set enable_external_access = true",
        "select 1; select 2",
        "selec 1",
    ):
        with pytest.raises(ConfigError) as caught:
            run_query(home, refused)
        assert "\n" not in str(caught.value)
    assert not (tmp_path / "out.csv").exists()


def test_a_table_that_is_not_there_is_answered_with_those_that_are(home: Home) -> None:
    with pytest.raises(ConfigError, match=r"no table dim_unit; the most alike: dim_units.*'show tables'"):
        run_query(home, "select * from dim_unit")
    with pytest.raises(ConfigError, match=r"no table xyz; all of them: cchc sql 'show tables'"):
        run_query(home, "select * from xyz")
