"""The dry check: what a user sees before anything is loaded."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from dagster_project.errors import ConfigError
from dagster_project.ingest.check import CheckReport, Finding, check_sources, describe
from dagster_project.ingest.check_output import render
from dagster_project.ingest.grammar import ColumnSpec, SourceMap
from dagster_project.ingest.load_maps import read_map

MAP = """\
source: counter
extract: {mode: full}
inputs:
  - name: log
    files: "log*.csv"
    format: csv
    records:
      - kind: dossiers
        columns:
          dossier_code: No.
          received_at: Received
          finished_at: {header: Closed, optional: true}
          officer: Clerk
          unit_code: {constant: Desk 1}
  - name: later
    files: "later*.csv"
    format: csv
    records: [{kind: dossiers, columns: {dossier_code: No., received_at: Received}}]
"""
LOG = """\
No.,Received,Clerk,Phone
A1,2024-01-02,Tran B,0900000000
A2,tomorrow,Tran B,0900000000
A3,2024-01-04,Le C,0900000000
A4,2024-01-05,,0900000000
A4,2024-01-05,,0900000000
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"log.csv": LOG, "log-old.csv": "No.,Date\n1,2\n", "note[b].txt": "x"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "counter.yml").write_text(MAP, encoding="utf-8")
    return tmp_path


def the_map(folder: Path) -> SourceMap:
    source_map, mistakes = read_map(folder / "maps" / "counter.yml")
    assert source_map is not None, mistakes
    return source_map


def shown(report: CheckReport, is_every_file_shown: bool = False) -> str:
    text = io.StringIO()
    render(report, Console(file=text, width=160), is_every_file_shown)
    return text.getvalue()


def test_the_report_says_what_would_load(folder: Path) -> None:
    report = check_sources([the_map(folder)], folder)
    old, log = report.files
    assert old.error is not None and "«Received»" in old.error and "Date" in old.error
    assert report.has_errors
    [record] = log.records
    counts = (record.rows_read, record.rows_loaded, record.rows_duplicate, record.rows_quarantined)
    assert counts == (5, 3, 1, 1)
    assert record.row_numbers == (2, 4, 6)  # of equal rows the later one stays
    columns = {column.name: column for column in record.columns}
    assert columns["dossier_code"].cells == ("A1", "A3", "A4")
    assert columns["finished_at"].is_always_empty and not columns["officer"].is_always_empty
    assert log.ignored_headers == ("Phone",)
    assert Finding("dossiers", "received_at", "not_a_date", 1, 3) in log.findings
    assert report.unclaimed == ("maps/counter.yml", "note[b].txt")
    assert report.inputs_without_files == ("counter.later",)


def test_the_page_names_everything_and_no_person(folder: Path) -> None:
    text = shown(check_sources([the_map(folder)], folder))
    for part in (
        "5 read = 3 loaded + 1 duplicate + 1 quarantined",
        "ignored headers: Phone",
        "not_a_date dossiers.received_at: 1, first in row 3",
        "Closed (always empty)",
        "«Desk 1»",
        "note[b].txt",
        "no file yet for counter.later",
        "2 checked, 1 unreadable, 2 unclaimed; nothing loaded",
    ):
        assert part in text
    assert "Tran" not in text and "0900000000" not in text


def test_of_files_alike_one_is_shown_whole(folder: Path) -> None:
    """Two hundred months of one export are one page; what is wrong with one of them still has its name."""
    for month in range(1, 10):
        (folder / f"log-{month}.csv").write_text(LOG.replace("tomorrow", "2024-01-03"), encoding="utf-8")
    (folder / "log-5.csv").write_text(LOG, encoding="utf-8")
    (folder / "log-7.csv").write_text(
        "No.,Received,Closed,Clerk\nB1,2024-07-01,2024-07-02,Le C\n", encoding="utf-8"
    )
    report = check_sources([the_map(folder)], folder, [folder / f"log-{month}.csv" for month in range(1, 10)])
    progress: list[tuple[str, int, int]] = []
    text = shown(report)
    assert text.count("«Desk 1»") == 1 and text.count("dossiers: 5 read") == 2
    assert "log-1.csv  (counter.log)" in text
    assert "log-5.csv  (counter.log)" in text and "not_a_date dossiers.received_at: 1, first in row 3" in text
    assert "log-7.csv  (counter.log)\n  dossiers: 1 read = 1 loaded" in text
    assert "(always empty)" not in text  # the ninth file fills it
    assert (
        "and 6 more like the first, the last log-9.csv\n  dossiers: 30 read = 24 loaded + 6 duplicate" in text
    )
    assert shown(report, is_every_file_shown=True).count("«Desk 1»") == 9
    check_sources(
        [the_map(folder)], folder, [folder / "log-1.csv"], progress=lambda *told: progress.append(told)
    )
    assert progress == [("log-1.csv", 1, 1)]


def test_files_can_be_named_wherever_they_lie(folder: Path) -> None:
    maps, landing = [the_map(folder)], folder / "landing"
    report = check_sources(maps, landing, [folder / "log.csv", folder / "note[b].txt"])
    assert [file.name for file in report.files] == ["log.csv"]
    assert report.unclaimed == (str(folder / "note[b].txt"),)
    with pytest.raises(ConfigError, match=r"gone\.csv: no such file"):
        check_sources(maps, landing, [folder / "gone.csv"])


def test_two_files_of_one_name_are_two(folder: Path) -> None:
    for desk, text in {"east": LOG, "west": LOG.replace("tomorrow", "2024-01-03")}.items():
        (folder / desk).mkdir()
        (folder / desk / "log.csv").write_text(text, encoding="utf-8")
    files = [folder / desk / "log.csv" for desk in ("east", "west")]
    report = check_sources([the_map(folder)], folder / "landing", files)
    assert [(file.name, file.records[0].rows_quarantined) for file in report.files] == [
        ("log.csv", 1),
        ("log.csv", 0),
    ]


def test_a_map_stands_for_all_its_files(folder: Path) -> None:
    path = folder / "maps" / "counter.yml"
    report = check_sources([], folder, [path])
    assert [file.name for file in report.files] == ["log-old.csv", "log.csv"]
    assert report.inputs_without_files == ("counter.later",)
    assert check_sources([], folder / "landing", [path]).inputs_without_files == (
        "counter.log",
        "counter.later",
    )
    path.write_text(MAP.replace("No.", "{}", 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"counter\.yml:10: .*dossier_code: needs exactly one of"):
        check_sources([], folder, [path])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"header": "A", "extract": r"(\d+)"}, r"A ~ (\d+)"),
        ({"any_of": ["A", "B"], "codes": {"1": "x"}}, "A / B (1 codes)"),
        ({"coalesce": ["A", {"constant": "x"}]}, "first of A, «x»"),
        ({"concat": ["A", {"constant": "-"}, {"value": "row_no"}]}, "A + «-» + row_no"),
    ],
)
def test_origins_in_words(content: dict[str, object], words: str) -> None:
    assert describe(ColumnSpec.model_validate(content)) == words
