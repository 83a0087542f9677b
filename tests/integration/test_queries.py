"""The questions of ``docs/queries.md``: each query is taken from the page and run on the published sample.

What an answer must be comes from ``truth.json``, or is reckoned here once more without SQL; column names and
keys are checked with every answer.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from dagster_project.home import Home
from tests.conftest import ROOT
from tests.integration.truth_sides import Sides, both_sides
from tests.reckoning import working_calendar

PAGE = ROOT / "docs" / "queries.md"
QUESTION = re.compile(r"^### (\d+)\. ([^\n]+)\n(.*?)(?=^###? |\Z)", re.MULTILINE | re.DOTALL)
SQL = re.compile(r"^```sql\n(.*?)^```", re.MULTILINE | re.DOTALL)
# what the divisions of water and minerals became on 1/7/2023 (the list of units)
TODAYS_UNIT = {"H11.13.06": "H11.13.09", "H11.13.07": "H11.13.09"}

Row = dict[str, Any]


@dataclass(frozen=True)
class Questions:
    """The page's queries by number, and the marts and the truth they are asked of."""

    queries: dict[int, str]
    sides: Sides

    @property
    def truth(self) -> dict[str, Any]:
        return self.sides.truth

    def ask(self, number: int, *keys: str, prepare: str = "") -> list[Row]:
        """The answer; ``keys`` must tell its rows apart. ``prepare`` lays temporary tables before the marts'."""
        with self.sides.connection.cursor() as cursor:
            cursor.execute(f"set search_path = 'temp,published'; {prepare}")
            found = cursor.execute(self.queries[number])
            names = [column[0] for column in found.description]
            rows = [dict(zip(names, cells, strict=True)) for cells in found.fetchall()]
        places = [tuple(row[key] for key in keys) for row in rows]
        assert len(set(places)) == len(rows), f"question {number}: {keys} stand twice"
        assert all(place is not None for each in places for place in each)
        return rows

    def look(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of one query over both sides."""
        return self.sides.connection.execute(query).fetchall()

    def unit_ids(self) -> dict[str, str]:
        """From the code in the truth to the lasting id."""
        return dict(self.look("select distinct unit_code, unit_id from published.main.dim_units"))

    def counts(self, name: str, measure: Callable[[Row], int], **where: str) -> dict[str, int]:
        """A list of the truth, summed by unit id; units with nothing are left out."""
        ids = self.unit_ids()
        sums: Counter[str] = Counter()
        for row in self.truth[name]:
            if all(row[key] == value for key, value in where.items()):
                sums[ids[row["unit_code"]]] += measure(row)
        return {unit: count for unit, count in sums.items() if count}


@pytest.fixture(scope="module")
def questions(sample_home: Home) -> Iterator[Questions]:
    """The page on the sample without faults."""
    page = PAGE.read_text(encoding="utf-8")
    found = {int(number): SQL.findall(body) for number, _, body in QUESTION.findall(page)}
    assert list(found) == list(range(1, 16))
    assert [number for number, queries in found.items() if len(queries) != 1] == []
    with both_sides(sample_home) as sides:
        yield Questions({number: queries[0] for number, queries in found.items()}, sides)


def known(rows: list[Row], key: str, value: str) -> dict[Any, Any]:
    """One column by another, rows of nothing left out."""
    return {row[key]: row[value] for row in rows if row[value]}


def test_the_readme_leads_to_the_page_and_every_question_is_tested() -> None:
    assert "docs/queries.md" in (ROOT / "README.md").read_text(encoding="utf-8")
    tested = {int(name.split("_")[2]) for name in globals() if name.startswith("test_question_")}
    assert tested == set(range(1, 16))


def test_question_1_late_land_dossiers_by_branch(questions: Questions) -> None:
    rows = questions.ask(1, "unit_id")
    place = {"period_key": "cal:2024Q3", "field_code": "land"}
    for measure in ("finished_late", "finished_total", "open_overdue"):
        expected = questions.counts("dossier_periods", lambda row, name=measure: row[name], **place)
        branches = {unit: count for unit, count in expected.items() if unit.startswith("H11.13.10.")}
        assert known(rows, "unit_id", measure) == branches
    assert [row["finished_late"] for row in rows] == sorted(
        (row["finished_late"] for row in rows), reverse=True
    )


def test_question_2_who_holds_what_is_overdue(questions: Questions) -> None:
    rows = questions.ask(2, "dossier_code")
    expected = questions.counts("dossier_periods", lambda row: row["open_overdue"], period_key="cal:2024-12")
    assert Counter(row["unit_id"] for row in rows) == expected
    as_of = date.fromisoformat(questions.truth["as_of"])
    assert all(row["days_past_due"] == (as_of - row["due_on"]).days > 0 for row in rows)
    # what waits at an office outside, or for the applicant, has no officer of ours
    assert any(row["officer_id"].startswith("P-") for row in rows)
    assert all(row["step_name"] != "unknown" for row in rows)


def test_question_3_longest_steps(questions: Questions) -> None:
    rows = questions.ask(3, "step_name")
    days = defaultdict(list)
    for name, started, finished in questions.look(
        "select step_name, started_at, finished_at from published.main.fct_dossier_steps"
        " where is_governing and finished_at between '2024-01-01' and '2024-12-31 23:59:59'"
    ):
        number = working_calendar.number_of
        days[name].append(number(finished.date()) - number(started.date()))
    assert {row["step_name"]: row["steps"] for row in rows} == {
        name: len(each) for name, each in days.items()
    }
    for row in rows:
        each = days[row["step_name"]]
        assert row["mean_working_days"] == pytest.approx(sum(each) / len(each))
        assert row["ninth_decile_working_days"] == sorted(each)[-(-9 * len(each) // 10) - 1]
    assert sum(row["late"] for row in rows) > 0


def test_question_4_rates_on_todays_units(questions: Questions) -> None:
    rows = questions.ask(4, "current_unit_id")
    figure = {
        "period_key": "rep:2023", "scope": "own", "field_code": "all", "indicator_code": "OT_06",
        "rule_version": "by_date_v1",
    }  # fmt: skip
    for measure, column in (("numerator", "on_time"), ("denominator", "judged")):
        then = questions.counts("rates", lambda row, name=measure: row[name], **figure)
        now: Counter[str] = Counter()
        for unit, count in then.items():
            now[TODAYS_UNIT.get(unit, unit)] += count
        assert known(rows, "current_unit_id", column) == now
        assert set(TODAYS_UNIT) & set(then), "a unit that ended has figures of its own"
    (merged,) = [row for row in rows if row["current_unit_id"] == "H11.13.09"]
    assert merged["units_then"] > 1
    assert merged["rate"] == merged["on_time"] / merged["judged"]


def test_question_5_targets_met_and_missed(questions: Questions) -> None:
    rows = questions.ask(5, "unit_id", "field_code", "indicator_code", "rule_version")
    ids = questions.unit_ids()
    rates = {
        (ids[row["unit_code"]], row["field_code"], row["indicator_code"], row["rule_version"]): row
        for row in questions.truth["rates"]
        if row["period_key"] == "rep:2024Q4" and row["scope"] == "with_children"
    }
    judged = 0
    for row in rows:
        truth = rates.get((row["unit_id"], row["field_code"], row["indicator_code"], row["rule_version"]))
        if truth is not None:
            judged += 1
            assert (row["numerator"], row["denominator"]) == (truth["numerator"], truth["denominator"])
        assert row["is_met"] == (row["numerator"] / row["denominator"] >= row["target"])
        assert row["distance"] == pytest.approx(100 * (row["value"] - row["target"]))
    assert judged >= 3
    # the two targets of the department's article: land in the whole province, results still valid
    assert {(row["unit_id"], row["field_code"], row["indicator_code"], row["target"]) for row in rows} == {
        ("H11", "land", "OT_06", 0.98), ("H11.13", "all", "DIG_STOCK", 0.3),
    }  # fmt: skip


def test_question_6_papers_asked_for_twice(questions: Questions) -> None:
    rows = questions.ask(6, "procedure_code")
    place = {"period_key": "cal:2024", "scope": "own", "field_code": "all", "indicator_code": "SUPP_MULTI"}
    for measure, column in (("numerator", "asked_more_than_once"), ("denominator", "asked")):
        expected = questions.counts("rates", lambda row, name=measure: row[name], **place)
        assert sum(row[column] for row in rows) == sum(expected.values()) > 0


def test_question_7_apologies_missing(questions: Questions) -> None:
    rows = questions.ask(7, "unit_id")
    expected = questions.counts("dossier_periods", lambda row: row["finished_late"], period_key="cal:2024")
    assert known(rows, "unit_id", "finished_late") == expected
    assert all(row["with_apology"] + row["without_apology"] == row["finished_late"] for row in rows)
    letters = questions.look("""
        select dossiers.unit_id, count(distinct dossier_key)
        from published.main.fct_dossiers as dossiers
        join published.main.fct_dossier_due_dates as promises using (dossier_key)
        where dossiers.timeliness = 'late' and dossiers.finished_at between '2024-01-01' and '2024-12-31 23:59:59'
            and promises.reason = 'reappointed'
        group by all
    """)
    # a letter is a new appointment; whether it came in time is what the rule adds
    assert sum(row["with_apology"] for row in rows) > 0
    assert all(known(rows, "unit_id", "with_apology").get(unit, 0) <= count for unit, count in letters)


def test_question_8_petitions_answered_in_time(questions: Questions) -> None:
    rows = questions.ask(8, "petition_type")
    last_days = {
        row["petition_code"]: date.fromisoformat(row["due_on"]) for row in questions.truth["petitions"]
    }
    as_of = date.fromisoformat(questions.truth["as_of"])
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for code, kind, answered in questions.look(
        "select petition_code, petition_type, cast(answered_at as date) from published.main.fct_petitions"
        " where not is_transferred_out"
    ):
        if last_days[code].year != 2024:
            continue
        counted[kind]["due"] += 1
        counted[kind]["not_answered"] += answered is None
        if answered is not None or last_days[code] < as_of:
            is_in_time = answered is not None and answered <= last_days[code]
            counted[kind]["answered_in_time" if is_in_time else "answered_late"] += 1
    for column in ("due", "answered_in_time", "answered_late", "not_answered"):
        expected = {kind: counts[column] for kind, counts in counted.items() if counts[column]}
        assert known(rows, "petition_type", column) == expected
    assert len(rows) == 4


def test_question_9_procedures_announced_late(questions: Questions) -> None:
    rows = questions.ask(9, "procedure_code", "decision_due_on")
    number, day = working_calendar.number_of, working_calendar.day_number
    late = set()
    for code, effective, decided, online in questions.look(
        "select procedure_code, law_effective_on, decided_on, published_on from published.main.dim_procedures"
        " where law_effective_on is not null"
    ):
        last_day = day(number(effective - timedelta(days=1)) - 4)
        if decided > last_day or online > day(number(decided) + 5):
            late.add(code)
    assert {row["procedure_code"] for row in rows} == late != set()


def test_question_10_share_online(questions: Questions) -> None:
    rows = questions.ask(10, "period", "unit_id")
    figure = {"scope": "own", "field_code": "all", "indicator_code": "ONLINE"}
    quarters = {row["period"] for row in rows}
    assert len(quarters) == 9
    for quarter in quarters:
        own = [row for row in rows if row["period"] == quarter]
        for measure, column in (("numerator", "online"), ("denominator", "received")):
            expected = questions.counts(
                "rates", lambda row, name=measure: row[name], period_key=f"cal:{quarter}", **figure
            )
            assert known(own, "unit_id", column) == expected
    assert all(row["rate"] == row["online"] / row["received"] for row in rows)


def test_question_11_letters_per_officer(questions: Questions) -> None:
    rows = questions.ask(11, "officer_id")
    truth = {
        row["officer_id"]: row for row in questions.truth["documents"] if row["period_key"] == "cal:2024-05"
    }
    posts = questions.look(
        "select distinct officer_id from published.main.dim_officers where unit_id = 'H11.13.01'"
        " and date '2024-05-31' between valid_from_on and valid_to_on"
    )
    expected = {(officer,) for officer, row in truth.items() if row["documents_in"] + row["documents_out"]}
    assert {(row["officer_id"],) for row in rows} == expected & set(posts) != set()
    for row in rows:
        told = truth[row["officer_id"]]
        assert (row["documents_in"], row["documents_out"]) == (told["documents_in"], told["documents_out"])


def test_question_12_load_beside_lateness(questions: Questions) -> None:
    rows = questions.ask(12, "unit_id")
    letters = questions.counts("workload", lambda row: row["documents_in"], period_key="cal:2024")
    assert known(rows, "unit_id", "documents_in") == letters
    rate = {
        "period_key": "cal:2024", "scope": "own", "field_code": "all", "indicator_code": "OT_06",
        "rule_version": "by_date_v1",
    }  # fmt: skip
    judged = questions.counts("rates", lambda row: row["denominator"], **rate)
    late = questions.counts("rates", lambda row: row["denominator"] - row["numerator"], **rate)
    assert known(rows, "unit_id", "dossiers_judged") == judged
    assert known(rows, "unit_id", "dossiers_late") == late
    shares = [row["dossiers_late_share"] for row in rows if row["dossiers_late_share"] is not None]
    assert shares == sorted(shares, reverse=True)


def test_question_13_results_not_digitized(questions: Questions) -> None:
    rows = questions.ask(13, "result_code")
    expected = questions.counts(
        "digitization",
        lambda row: row["results_valid"] - row["results_valid_digitized"],
        period_key="cal:2024-12",
    )
    assert Counter(row["unit_id"] for row in rows) == expected


def test_question_14_restated_figures(questions: Questions) -> None:
    """A first publication restates nothing; one figure that changed since is found."""
    keys = ("period_key", "unit_id", "scope", "field_code", "indicator_code", "rule_version")
    assert questions.ask(14, *keys) == []
    changed = """
        create temp table fct_indicators as
        select * replace (
            'restated' as status, value - 0.25 as published_value, 'r1' as published_release_id,
            'restated' as restatement_reason
        )
        from published.main.fct_indicators
        where period_key = 'rep:2023Q4' and unit_id = 'root' and indicator_code = 'OT_06'
            and rule_version = 'by_date_v1' and scope = 'with_children' and field_code = 'all';
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach '{questions.sides.home.marts}' as published (read_only)")
        connection.execute(f"set search_path = 'temp,published'; {changed}")
        found = connection.execute(questions.queries[14]).fetchall()
        names = [column[0] for column in connection.description or []]
    (row,) = [dict(zip(names, cells, strict=True)) for cells in found]
    assert row["change"] == pytest.approx(0.25)
    assert (row["period_key"], row["published_release_id"]) == ("rep:2023Q4", "r1")


def test_question_15_findings(questions: Questions) -> None:
    rows = questions.ask(15, "finding_code")
    truth = {code: len(set(dossiers)) for code, dossiers in questions.truth["findings"].items()}
    assert (
        known([row for row in rows if row["finding_code"] != "local_only"], "finding_code", "dossiers")
        == truth
    )
    assert {row["unit_with_most"] for row in rows} <= set(questions.unit_ids().values())
