"""The checks against real files through Great Expectations: what is found, proved, and left behind."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
import yaml

from dagster_project.errors import CchcError, ConfigError
from dagster_project.quality import adapter, canary
from dagster_project.quality.results import QualityResult
from dagster_project.quality.run import run_quality
from dagster_project.quality.suites import load_suites
from dagster_project.quality.verdict import decide
from tests.conftest import ROOT

pytestmark = pytest.mark.xdist_group("great_expectations")  # its import costs seconds: once is enough

SHARE = "unexpected_row_share_expectation"
Check = dict[str, object]
Run = Callable[..., dict[str, QualityResult]]


def check(identity: str, kind: str = SHARE, query: str | None = None, **more: object) -> Check:
    kwargs = dict(more.pop("kwargs", {}))  # type: ignore[call-overload]
    if query:
        kwargs["unexpected_rows_query"] = query
    words = {"severity": "critical", "description": "Right | Đúng", "action": "mend it | sửa lại"}
    return {"id": identity, "type": kind, "kwargs": kwargs, **words, **more}


def write_suite(folder: Path, layer: str, table: str, checks: list[Check], **more: object) -> None:
    path = folder / layer / f"{table}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    suite = {"table": table, "layer": layer, "owner": "desk", "description": "A | B", "expectations": checks}
    path.write_text(yaml.safe_dump({**suite, **more}, allow_unicode=True), encoding="utf-8")


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """One table in each layer: ten dossiers, nine finished, one of them without due date; in a folder that is
    written as people write folders."""
    path = tmp_path / "Sở TN&MT $1 (mới)" / "warehouse.duckdb"
    path.parent.mkdir()
    with duckdb.connect(str(path)) as connection:
        for layer, table in (("raw", "dossiers"), ("staging", "stg_dossiers"), ("marts", "fct_dossiers")):
            connection.execute(f"create schema {layer}")
            connection.execute(
                f"""
                create table {layer}.{table} as
                select
                    'H11-' || i as code,
                    'Nguyễn Văn ' || i as name,
                    timestamp '2024-01-01' + to_days(i::int) as received_at,
                    case when i < 9 then timestamp '2024-02-01' end as finished_at,
                    case when i > 0 then timestamp '2024-03-01' end as due_at,
                    cast(null as integer) as never_given
                from range(10) as numbers(i)
                """
            )
        connection.execute("create table raw.empty_table (code varchar)")
    return path


@pytest.fixture
def run(warehouse: Path, tmp_path: Path) -> Run:
    """Runs the checks given for raw.dossiers (or any suites already written) and returns them by id."""

    def go(*checks: Check) -> dict[str, QualityResult]:
        folder = tmp_path / "expectations"
        if checks:
            write_suite(folder, "raw", "dossiers", list(checks))
        found = run_quality(warehouse, folder, "run-1", datetime(2024, 5, 1, 8))
        assert all("\n" not in result.message for result in found)
        return {result.expectation_id: result for result in found}

    return go


def test_planted_findings_of_all_layers_are_recorded_and_block(run: Run, tmp_path: Path) -> None:
    for layer, table in (("raw", "dossiers"), ("staging", "stg_dossiers"), ("marts", "fct_dossiers")):
        planted = check(f"planted_{layer}", query="select * from {batch} where due_at is null")
        fine = check(f"fine_{layer}", "expect_column_values_to_not_be_null", column="code")
        write_suite(tmp_path / "expectations", layer, table, [planted, fine])
    found = run()
    verdict = decide(list(found.values()))
    assert not verdict.is_publishable
    assert [result.expectation_id for result in verdict.blocking] == [
        "planted_raw",
        "planted_staging",
        "planted_marts",
    ]
    assert found["fine_marts"].status == "pass"
    planted = found["planted_staging"]
    assert (planted.unexpected_count, planted.observed) == (1, "1 of 10 (10.00 %)")
    assert planted.message == "staging.stg_dossiers: expected: Right, found 1 of 10 (10.00 %); mend it"
    assert planted.message_vi == (
        "staging.stg_dossiers: yêu cầu: Đúng; thực tế 1 trên 10 (10,00 %) không đạt; cách xử lý: sửa lại"
    )


def test_the_canary_is_part_of_every_run(run: Run) -> None:
    found = run(check("fine", "expect_column_values_to_not_be_null", column="code"))
    birds = [result for result in found.values() if result.suite == "canary"]
    assert {result.expectation_id: result.status for result in birds} == {
        "known_good_passes": "pass",
        "known_bad_fails": "pass",
        "broken_query_is_an_error": "pass",
    }
    assert decide(list(found.values())).is_publishable


@pytest.mark.parametrize(("name", "rows"), [("_BAD", canary._GOOD), ("_GOOD", canary._BAD)])
def test_a_wrong_canary_takes_every_check_down(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, rows: str
) -> None:
    monkeypatch.setattr(canary, name, rows)
    found = run(check("fine", "expect_column_values_to_not_be_null", column="code"))
    assert found["fine"].status == "error"
    assert not decide(list(found.values())).is_publishable


def test_connection_options_that_break_every_check_are_noticed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An adapter in which everything is an exception must not look like data without findings."""
    monkeypatch.setattr(adapter.Checker, "_validate", lambda *_: 1 / 0)
    found = run(check("fine", "expect_column_values_to_not_be_null", column="code"))
    assert {result.status for result in found.values()} == {
        "error",
        "pass",
    }  # the broken query is one, rightly
    assert found["known_good_passes"].status == "error"
    assert found["fine"].status == "error"


def test_exceptions_are_errors_that_block_and_quote_no_cell(run: Run, tmp_path: Path) -> None:
    write_suite(
        tmp_path / "expectations", "raw", "no_such_table", [check("table", query="select * from {batch}")]
    )
    write_suite(
        tmp_path / "expectations",
        "raw",
        "empty_table",
        [check("column_of_empty", "expect_column_values_to_not_be_null", column="cod")],
    )
    found = run(
        check("column", "expect_column_values_to_not_be_null", column="no_such_column", severity="info"),
        check("cell", query="select * from {batch} where cast(name as integer) > 1"),
        check("brace", query=r"select * from {batch} where regexp_matches(code, '\d{3}')"),
        check("fine", "expect_column_values_to_not_be_null", column="code"),
    )
    assert {name: result.status for name, result in found.items() if result.suite != "canary"} == {
        "table": "error",
        "column_of_empty": "error",
        "column": "error",
        "cell": "error",
        "brace": "error",
        "fine": "pass",
    }
    assert "raw.no_such_table: could not be checked (the table does not exist)" in found["table"].message
    assert 'column "no_such_column" in' in found["column"].message
    assert "Conversion Error" in found["cell"].message
    assert not any("Nguyễn" in result.message for result in found.values())
    assert len(decide(list(found.values())).blocking) == 5


def test_too_few_rows_are_not_evaluated(run: Run, tmp_path: Path) -> None:
    write_suite(
        tmp_path / "expectations",
        "raw",
        "empty_table",
        [
            check("empty", "expect_column_values_to_not_be_null", column="code"),
            check(
                "empty_is_wrong", query="select 1 as n where not exists (select 1 from {batch})", min_rows=0
            ),
        ],
    )
    late = "select * from {batch} where finished_at > due_at"
    finished = {"population_query": "select * from {batch} where finished_at is not null"}
    found = run(
        check("ten", "expect_column_values_to_not_be_null", column="code", min_rows=10),
        check("eleven", "expect_column_values_to_not_be_null", column="code", min_rows=11),
        check("nine_finished", query=late, kwargs=finished, min_rows=9),
        check("ten_finished", query=late, kwargs=finished, min_rows=10),
        check(
            "only_nulls", "expect_column_values_to_be_between", column="never_given", kwargs={"min_value": 5}
        ),
    )
    assert {name: result.status for name, result in found.items() if result.suite != "canary"} == {
        "empty": "not_evaluated",
        "empty_is_wrong": "fail",
        "ten": "pass",
        "eleven": "not_evaluated",
        "nine_finished": "pass",
        "ten_finished": "not_evaluated",
        "only_nulls": "not_evaluated",
    }


def test_shares_and_selected_rows(run: Run, warehouse: Path, tmp_path: Path) -> None:
    no_due = "select * from {batch} where due_at is null"
    found = run(
        check("at_most_tenth", query=no_due, kwargs={"max_share": 0.1}),
        check("at_most_twentieth", query=no_due, kwargs={"max_share": 0.05}),
    )
    assert (found["at_most_tenth"].status, found["at_most_twentieth"].status) == ("pass", "fail")
    write_suite(
        tmp_path / "expectations", "raw", "dossiers", [check("rest", query=no_due)], rows="due_at is not null"
    )
    assert run()["rest"].observed == "0 of 9 (0.00 %)"


def test_observed_holds_numbers_only(run: Run) -> None:
    found = run(
        check("names", "expect_column_values_to_be_in_set", column="name", kwargs={"value_set": ["x"]}),
        check(
            "which", "expect_column_distinct_values_to_be_in_set", column="name", kwargs={"value_set": ["x"]}
        ),
        check("rows", "unexpected_rows_expectation", query="select name from {batch}"),
        check(
            "distinct",
            "expect_column_unique_value_count_to_be_between",
            column="name",
            kwargs={"max_value": 3},
        ),
    )
    assert found["names"].observed == "10 of 10 (100.00 %)"
    assert (found["rows"].observed, found["distinct"].observed) == ("10 rows", "10")
    assert (found["which"].status, found["which"].observed) == ("fail", None)
    assert not any("Nguyễn" in f"{result.observed} {result.message}" for result in found.values())


@pytest.mark.parametrize(
    ("typo", "message"),
    [
        (
            check("a", "expect_column_values_to_not_be_nul", column="code"),
            "expect_column_values_to_not_be_nul",
        ),
        (
            check("a", "expect_column_values_to_not_be_null", column="code", kwargs={"mosty": 0.9}),
            "mosty: extra",
        ),
        (check("a", query="select * from {batch}", kwargs={"max_shre": 0.9}), "max_shre: extra fields"),
        (check("a", query="select * from {batch}", kwargs={"max_share": "many"}), "max_share: value is not"),
    ],
)
def test_typos_are_refused_with_file_and_line(run: Run, typo: Check, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        run(typo)
    assert str(caught.value).startswith("expectations/raw/dossiers.yml:")
    assert message in str(caught.value)


def test_the_file_is_free_for_a_writer_afterwards(run: Run, warehouse: Path) -> None:
    run(
        check("fine", "expect_column_values_to_not_be_null", column="code"),
        check("wrong", query="{batch} nonsense"),
    )
    writer = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, duckdb; duckdb.connect(sys.argv[1]).execute('create table t(i int)')",
            str(warehouse),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert writer.returncode == 0, writer.stderr
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("drop table t")


def test_a_warehouse_that_cannot_be_opened_is_one_line(run: Run, warehouse: Path) -> None:
    fine = check("fine", "expect_column_values_to_not_be_null", column="code")
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print(1, flush=True); sys.stdin.read()",
            str(warehouse),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdin and holder.stdout and holder.stdout.readline()
    with pytest.raises(CchcError, match="cannot be opened for the checks"):
        run(fine)
    holder.communicate()
    warehouse.unlink()
    with pytest.raises(CchcError, match="cannot be opened for the checks"):
        run(fine)


def test_great_expectations_accepts_the_shipped_suites() -> None:
    adapter.check_suites(load_suites(ROOT / "expectations"))


@pytest.mark.parametrize(
    ("column", "value", "finding"),
    [
        ("officer_id", "P-0123456789abcdef", None),
        ("officer_id", "CB-0012", None),
        ("position", "Chuyên viên chính 2", None),
        ("limit_days", "0912345678", None),
        ("officer_id", "Nguyễn Thị Minh Hà", "officers_are_pseudonyms"),
        ("position", "liên hệ 0912345678.", "no_long_number_in_texts"),
        ("position", "a@b", "no_at_sign"),
        ("position", "Nga\u0300y", "text_is_nfc"),
        ("officer_code", "001099012345", "no_personal_number_as_code"),
    ],
)
def test_shipped_privacy_checks(
    tmp_path: Path, warehouse: Path, column: str, value: str, finding: str | None
) -> None:
    folder = tmp_path / "expectations"
    (folder / "marts").mkdir(parents=True)
    shutil.copy(ROOT / "expectations" / "marts" / "dim_officers.yml", folder / "marts")
    values = {
        "officer_id": "unknown",
        "officer_code": "unknown",
        "position": "",
        "limit_days": "",
        column: value,
    }
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create table marts.dim_officers as select 1234567890::bigint as officer_key")
        for name, text in values.items():
            connection.execute(f"alter table marts.dim_officers add column {name} varchar default '{text}'")
    found = run_quality(warehouse, folder, "run-1", datetime(2024, 5, 1))
    assert [result.expectation_id for result in found if result.status != "pass"] == [finding] * bool(finding)
