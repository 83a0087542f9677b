"""Suites are data: mistakes in them are named with file and line, before anything heavy is imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dagster_project.errors import ConfigError
from dagster_project.quality.suites import load_suites
from tests.conftest import ROOT

GOOD = """\
table: letters
layer: raw
owner: registry
description: Letters | Công văn
expectations:
  - id: number_given
    type: expect_column_values_to_not_be_null
    column: number
    severity: critical
    description: >-
      Every letter has a number |
      Mọi công văn có số
"""


def write(folder: Path, text: str, name: str = "raw/letters.yml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


def test_a_suite_is_read_with_both_languages_and_its_line(tmp_path: Path) -> None:
    (suite,) = load_suites(write(tmp_path / "expectations", GOOD))
    (check,) = suite.expectations
    assert (suite.name, suite.description_vi, suite.rows) == ("raw.letters", "Công văn", None)
    assert (check.description, check.description_vi) == ("Every letter has a number", "Mọi công văn có số")
    assert check.kwargs == {"column": "number"}
    assert (check.owner, check.min_rows, check.place) == ("registry", 1, "expectations/raw/letters.yml:6")


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        (
            "severity: critical",
            "severity: fatal",
            "raw/letters.yml:9: expectations[0].severity: fatal is not",
        ),
        (
            "severity: critical",
            "severty: critical",
            "letters.yml:9: expectations[0].severty: unknown key; did",
        ),
        ("    severity: critical\n", "", "letters.yml:6: expectations[0]: missing: severity"),
        ("id: number_given", "id: Number given", "letters.yml:6: expectations[0].id: Number given: only"),
        ("owner: registry", "owner: registry\nowner: desk", "letters.yml:4: owner: given twice"),
        ("layer: raw", "layer: marts", "letters.yml:2: layer: says marts, but the file lies in raw/"),
        ("Letters | Công văn", "Letters", "letters.yml:4: description: English and Vietnamese are needed"),
        (
            "column: number",
            "column: number\n    min_rows: -1",
            "letters.yml:9: expectations[0].min_rows: a whole",
        ),
        ("owner: registry", "owner: [registry", "letters.yml:4: not readable as YAML"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(
    tmp_path: Path, wrong: str, right: str, message: str
) -> None:
    folder = write(tmp_path / "expectations", GOOD.replace(wrong, right))
    with pytest.raises(ConfigError) as caught:
        load_suites(folder)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_same_id_twice_is_refused(tmp_path: Path) -> None:
    check = GOOD[GOOD.index("  - id") :]
    with pytest.raises(
        ConfigError, match=r"letters\.yml:13: number_given is already the id at .*letters\.yml:6"
    ):
        load_suites(write(tmp_path / "expectations", GOOD + check))


def test_two_suites_of_one_table_are_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    with pytest.raises(ConfigError, match=r"raw\.letters already has a suite in .*letters\.yml"):
        load_suites(write(tmp_path, GOOD, "raw/more.yml"))


def test_a_row_query_that_ignores_the_table_is_refused(tmp_path: Path) -> None:
    text = GOOD.replace("expect_column_values_to_not_be_null", "unexpected_rows_expectation").replace(
        "column: number", "kwargs: {unexpected_rows_query: select 1}"
    )
    with pytest.raises(ConfigError, match=r"letters\.yml:8: .*must read from \{batch\}"):
        load_suites(write(tmp_path, text))


def test_no_suite_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no expectation suites"):
        load_suites(tmp_path)


def test_the_shipped_suites_cover_every_layer() -> None:
    suites = load_suites(ROOT / "expectations")
    for layer in ("raw", "staging", "marts"):
        severities = {
            check.severity for suite in suites if suite.layer == layer for check in suite.expectations
        }
        assert "critical" in severities, layer


def test_reading_suites_and_judging_results_imports_nothing_heavy() -> None:
    program = (
        "import sys, dagster_project.quality.run, dagster_project.quality.canary;"
        "from dagster_project.quality.suites import load_suites; from pathlib import Path;"
        "load_suites(Path('expectations'));"
        "print([name for name in ('great_expectations', 'sqlalchemy', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
