"""The truth file against figures reckoned by hand, on a world of a few dossiers, letters and results."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dagster_project.sample import truth
from dagster_project.sample.truth.hierarchy import Hierarchy
from dagster_project.sample.truth.periods import make_periods

DEPARTMENT, OFFICE, BRANCH = "000.00.13.H11", "000.10.13.H11", "001.10.13.H11"
OLD_DIVISION, DISTRICT = "000.06.13.H11", "000.00.21.H11"
UNITS = [
    ("H11", None, "2010-01-01", None),
    (DEPARTMENT, "H11", "2010-01-01", None),
    (OFFICE, DEPARTMENT, "2010-01-01", None),
    (BRANCH, OFFICE, "2010-01-01", None),
    (OLD_DIVISION, DEPARTMENT, "2010-01-01", "2023-06-30"),
    (DISTRICT, "H11", "2010-01-01", None),
]
DOSSIER = {
    "dossier_no": 0, "dossier_code": "", "unit_code": BRANCH, "field_code": "land", "procedure_level": "province",
    "channel": "counter", "officer_no": 1, "received_at": None, "outcome": "open", "finished_at": None,
    "has_digitized_components": False, "is_reusing_data": False, "is_synced": True, "procedure_code": "P",
}  # fmt: skip
RESULT = {
    "result_code": "", "unit_code": BRANCH, "field_code": "land", "issued_on": None, "valid_to_on": None,
    "is_permanent": False, "is_electronic": False, "is_digitized": False, "digitized_on": None,
}  # fmt: skip
LETTER = {
    "document_no": 0, "direction": "in", "unit_code": DEPARTMENT, "book_code": "DEN", "register_year": 2024,
    "register_no": "", "registered_on": None, "issued_on": None, "due_on": None, "answered_on": None,
    "main_officer_no": 1,
}  # fmt: skip
COLUMNS = {
    "steps": [
        "dossier_no",
        "step_no",
        "unit_code",
        "officer_no",
        "started_at",
        "due_at",
        "finished_at",
        "allowed_days",
    ],
    "supplements": ["dossier_no", "supplement_code", "phase", "requested_at", "answered_at"],
    "pauses": ["dossier_no", "paused_at", "resumed_at"],
    "components": ["dossier_no", "document_code"],
    "document_handlers": ["document_no", "officer_no", "handler_unit_code", "role"],
    "unit_successions": ["old_unit_code", "new_unit_code", "succeeded_on"],
    "posts": ["unit_code", "year"],
    "procedures": [
        "procedure_code",
        "field_code",
        "valid_from_on",
        "law_effective_on",
        "decided_on",
        "published_on",
        "has_paper_result",
    ],
    "procedure_successions": ["old_procedure_code", "new_procedure_code", "succeeded_on"],
    "petitions": [
        "petition_code",
        "unit_code",
        "petition_type",
        "sent_at",
        "accepted_at",
        "transferred_at",
        "due_at",
        "answered_at",
        "is_satisfied",
        "complexity",
        "is_remote",
        "instance_no",
        "handling",
    ],
    "delay_reviews": ["dossier_no", "reviewed_on", "cause_code"],
    "reported_figures": ["unit_code", "field_code", "period", "calendar", "figure_code", "value"],
    "local_targets": ["indicator_code", "unit_code", "field_code", "procedure_level", "period"],
}


def frame(rows: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=columns)
    for name in columns:
        if name.endswith(("_at", "_on")):
            made[name] = pd.to_datetime(made[name]).astype("datetime64[s]")
        elif name.endswith("_no") and name not in ("register_no", "instance_no"):
            made[name] = made[name].astype("int64")
    return made


def world(
    dossiers: list[dict[str, Any]] | None = None,
    due_dates: list[tuple[int, str, str]] | None = None,
    results: list[dict[str, Any]] | None = None,
    documents: list[dict[str, Any]] | None = None,
    **tables: list[dict[str, Any]],
) -> Any:
    """A world of the given rows. ``due_dates``: dossier_no, due_at, known_from_at, oldest first."""
    made = {name: frame(tables.get(name, []), columns) for name, columns in COLUMNS.items()}
    rows = [{**DOSSIER, "dossier_code": f"D-{row['dossier_no']}", **row} for row in dossiers or []]
    versions = [
        {"dossier_no": no, "version_no": place, "due_at": due, "known_from_at": known, "reason": "initial"}
        for place, (no, due, known) in enumerate(due_dates or [], 1)
    ]
    letters = [
        {**LETTER, "document_no": no, "register_no": str(no), **row}
        for no, row in enumerate(documents or [])
    ]  # fmt: skip
    units = [
        {"unit_code": code, "unit_name": code, "level": "province", "kind": "own", "parent_unit_code": parent,
         "valid_from_on": starts, "valid_to_on": ends}
        for code, parent, starts, ends in UNITS
    ]  # fmt: skip
    officers = [
        {"officer_no": 1, "officer_name": "Nguyễn Thị Mẫu", "unit_code": DEPARTMENT, "joined_on": "2020-01-01",
         "left_on": None},
        {"officer_no": 2, "officer_name": "Trần Văn Thử", "unit_code": BRANCH, "joined_on": "2024-04-29",
         "left_on": "2024-05-06"},
    ]  # fmt: skip
    return SimpleNamespace(
        options=SimpleNamespace(scale=1, seed=7, faults=False),
        dossiers=frame(rows, list(DOSSIER)),
        due_dates=frame(versions, ["dossier_no", "version_no", "due_at", "known_from_at", "reason"]),
        results=frame(
            [{**RESULT, "result_code": str(no), **row} for no, row in enumerate(results or [])], list(RESULT)
        ),
        documents=frame(letters, list(LETTER)),
        units=frame(units, list(units[0])),
        officers=frame(officers, list(officers[0])),
        **made,
    )


def reckon(
    made: Any, findings: list[tuple[int, str]] | None = None, extra_rows: dict[str, int] | None = None
) -> dict[str, Any]:
    planted = pd.DataFrame(findings or [], columns=["dossier_no", "finding_code"])
    return truth.reckon(made, truth.Planted(planted, extra_rows or {}))


def form(made: dict[str, Any], period: str, unit: str = BRANCH) -> dict[str, int]:
    """The one row of the form; only its columns that are not 0."""
    rows = [row for row in made["dossier_periods"] if (row["period_key"], row["unit_code"]) == (period, unit)]
    assert len(rows) == 1
    return {name: value for name, value in rows[0].items() if isinstance(value, int) and value}


def rate(
    made: dict[str, Any], indicator: str, period: str, unit: str = BRANCH, **wanted: str
) -> tuple[int, int | None] | None:
    """Numerator and denominator of the one rate; None where there is none."""
    keys = {"scope": "own", "field_code": "all", **wanted}
    rows = [
        (row["numerator"], row["denominator"])
        for row in made["rates"]
        if (row["indicator_code"], row["period_key"], row["unit_code"]) == (indicator, period, unit)
        and all(row[name] == value for name, value in keys.items())
    ]
    assert len(rows) <= 1
    return rows[0] if rows else None


def test_a_dossier_is_received_once_then_carried_in_until_it_is_finished() -> None:
    made = reckon(world(
        [{"dossier_no": 5, "received_at": "2024-01-30 08:00", "outcome": "done", "finished_at": "2024-03-01 09:00",
          "channel": "online"}],
        [(5, "2024-03-05 17:00", "2024-01-30 08:00")],
    ))  # fmt: skip
    one_open = {"received_total": 1, "open_in_time": 1, "open_total": 1}
    assert form(made, "cal:2024-01") == {"received_online": 1, **one_open}
    assert form(made, "cal:2024-02") == {"carried_in": 1, **one_open}
    finished = {"finished_early": 1, "finished_total": 1}
    assert form(made, "cal:2024-03") == {"carried_in": 1, "received_total": 1, **finished}
    assert form(made, "cal:2024Q1") == {"received_online": 1, "received_total": 1, **finished}
    keys = [row["period_key"] for row in made["dossier_periods"] if row["period_key"].startswith("cal:")]
    assert keys == ["cal:2024-01", "cal:2024-02", "cal:2024-03", "cal:2024Q1", "cal:2024H1", "cal:2024"]


@pytest.mark.parametrize(
    ("finished_at", "column", "by_date", "by_time"),
    [
        ("2024-05-09 08:00", "finished_early", 1, 1),
        ("2024-05-10 17:00", "finished_on_time", 1, 1),
        ("2024-05-10 17:01", "finished_on_time", 1, 0),
        ("2024-05-11 07:30", "finished_late", 0, 0),
    ],
)
def test_a_finish_is_judged_by_its_day_and_by_time_in_the_second_rate(
    finished_at: str, column: str, by_date: int, by_time: int
) -> None:
    made = reckon(world(
        [{"dossier_no": 1, "received_at": "2024-05-02 08:00", "outcome": "refused", "finished_at": finished_at}],
        [(1, "2024-05-10 17:00", "2024-05-02 08:00")],
    ))  # fmt: skip
    row = form(made, "cal:2024-05")
    assert row == {"received_other": 1, "received_total": 1, column: 1, "finished_total": 1, "refused": 1}
    assert rate(made, "OT_06", "cal:2024-05", rule_version="by_date_v1") == (by_date, 1)
    assert rate(made, "OT_06", "cal:2024-05", rule_version="by_time_v1") == (by_time, 1)


def test_a_finish_is_judged_by_the_due_date_known_at_the_finish() -> None:
    dossier = {"received_at": "2024-05-02 08:00", "outcome": "done", "finished_at": "2024-05-13 10:00"}
    made = reckon(world(
        [{"dossier_no": 1, **dossier}, {"dossier_no": 2, **dossier}, {"dossier_no": 3, **dossier}],
        [
            (1, "2024-05-10 17:00", "2024-05-02 08:00"), (1, "2024-05-20 17:00", "2024-05-13 10:00"),
            (2, "2024-05-10 17:00", "2024-05-02 08:00"), (2, "2024-05-20 17:00", "2024-05-13 10:01"),
            (3, "2024-05-20 17:00", "2024-05-02 08:00"), (3, "2024-05-10 17:00", "2024-05-09 08:00"),
        ],
    ))  # fmt: skip
    row = form(made, "cal:2024-05")
    assert (row["finished_early"], row["finished_late"]) == (1, 2)
    assert rate(made, "OT_06", "cal:2024-05", rule_version="by_date_v1") == (1, 3)


def test_a_due_date_changed_after_the_period_leaves_the_period_as_it_was() -> None:
    made = reckon(world(
        [{"dossier_no": 1, "received_at": "2024-05-02 08:00"}],
        [(1, "2024-05-10 17:00", "2024-05-02 08:00"), (1, "2024-07-10 17:00", "2024-06-03 08:00")],
    ))  # fmt: skip
    assert form(made, "cal:2024-05")["open_overdue"] == 1
    assert form(made, "cal:2024-06")["open_in_time"] == 1
    assert form(made, "cal:2024-07")["open_overdue"] == 1
    assert rate(made, "LATE_OPEN", "cal:2024-05") == (1, 1)
    assert rate(made, "LATE_OPEN", "cal:2024-06") == (0, 1)


def test_a_due_date_that_got_known_in_the_last_minute_of_the_period_counts() -> None:
    made = reckon(world(
        [{"dossier_no": 1, "received_at": "2024-05-02 08:00"}],
        [(1, "2024-05-10 17:00", "2024-05-02 08:00"), (1, "2024-07-10 17:00", "2024-05-31 23:59")],
    ))  # fmt: skip
    assert form(made, "cal:2024-05")["open_in_time"] == 1


@pytest.mark.parametrize(
    ("due_at", "column"),
    [
        ("2024-05-30 17:00", "open_overdue"),
        ("2024-05-31 17:00", "open_in_time"),
        ("2024-06-03 17:00", "open_in_time"),
    ],
)
def test_an_open_dossier_is_overdue_when_its_due_day_is_before_the_last_day(due_at: str, column: str) -> None:
    made = reckon(world(
        [{"dossier_no": 1, "received_at": "2024-05-20 08:00"}], [(1, due_at, "2024-05-20 08:00")]
    ))  # fmt: skip
    assert form(made, "cal:2024-05") == {"received_other": 1, "received_total": 1, column: 1, "open_total": 1}


@pytest.mark.parametrize("outcome", ["withdrawn", "stopped"])
def test_an_end_without_result_is_on_time_in_the_form_and_in_no_rate(outcome: str) -> None:
    made = reckon(world(
        [{"dossier_no": 1, "received_at": "2024-05-02 08:00", "outcome": outcome, "finished_at": "2024-05-20 09:00"}],
        [(1, "2024-05-10 17:00", "2024-05-02 08:00")],
    ))  # fmt: skip
    row = form(made, "cal:2024-05")
    assert (row["finished_on_time"], row["finished_total"], row[outcome]) == (1, 1, 1)
    assert rate(made, "OT_06", "cal:2024-05", rule_version="by_date_v1") is None
    assert rate(made, "ONLINE", "cal:2024-05") == (0, 1)


def test_without_due_date_a_finish_is_on_time_and_an_open_dossier_in_time_but_in_no_rate() -> None:
    made = reckon(world([
        {"dossier_no": 1, "received_at": "2024-05-02 08:00", "outcome": "done", "finished_at": "2024-05-20 09:00"},
        {"dossier_no": 2, "received_at": "2024-05-02 08:00"},
    ]))  # fmt: skip
    row = form(made, "cal:2024-05")
    assert (row["finished_on_time"], row["open_in_time"]) == (1, 1)
    assert rate(made, "OT_06", "cal:2024-05", rule_version="by_date_v1") is None
    assert rate(made, "LATE_OPEN", "cal:2024-05") is None


def test_what_was_never_accepted_counts_nowhere() -> None:
    made = reckon(world([
        {"dossier_no": 1, "outcome": "not_accepted"}, {"dossier_no": 2, "outcome": "pending"},
    ]))  # fmt: skip
    assert made["dossier_periods"] == made["rates"] == made["officer_dossiers"] == []
    assert made["rows"]["dossiers"] == 2


def test_the_reporting_month_changes_between_the_14th_and_the_15th() -> None:
    made = reckon(world(
        [{"dossier_no": 1, "received_at": "2023-12-14 16:00"}, {"dossier_no": 2, "received_at": "2023-12-15 08:00"}],
        [(1, "2024-03-14 17:00", "2023-12-14 16:00"), (2, "2024-03-13 17:00", "2023-12-15 08:00")],
    ))  # fmt: skip
    assert form(made, "rep:2023-12")["received_total"] == 1
    assert form(made, "rep:2023")["received_other"] == 1
    assert form(made, "rep:2024")["received_other"] == 1
    row = form(made, "rep:2024Q1")
    names = ("received_other", "carried_in", "open_in_time", "open_overdue")
    assert [row[name] for name in names] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("due_at", "column"), [("2024-12-30", "open_overdue"), ("2024-12-31", "open_in_time")]
)
def test_the_running_period_is_reckoned_to_the_as_of_day(due_at: str, column: str) -> None:
    dossiers = [{"dossier_no": 1, "received_at": "2024-12-20 08:00"}]
    made = reckon(world(dossiers, [(1, f"{due_at} 17:00", "2024-12-20 08:00")]))
    for period in ("rep:2025-01", "rep:2025", "cal:2024-12"):
        assert form(made, period)[column] == 1


def test_periods_cover_the_horizon_in_both_calendars() -> None:
    periods = make_periods(truth.FIRST_ON, truth.AS_OF_ON)
    bounds = {key: (str(first), str(last)) for key, first, last in
              zip(periods.keys, periods.starts_on, periods.ends_on, strict=True)}  # fmt: skip
    assert bounds["cal:2024-02"] == ("2024-02-01", "2024-02-29")
    assert bounds["rep:2024-03"] == ("2024-02-15", "2024-03-14")
    assert bounds["rep:2024Q1"] == ("2023-12-15", "2024-03-14")
    assert bounds["rep:2024H1"] == ("2023-12-15", "2024-06-14")
    assert bounds["rep:2024"] == ("2023-12-15", "2024-12-14")
    assert bounds["cal:2022H2"] == ("2022-07-01", "2022-12-31")
    months = [key for key, kind in zip(periods.keys, periods.types, strict=True) if kind == "month"]
    assert (months[0], months[26]) == ("cal:2022-10", "cal:2024-12")
    assert (months[27], months[-1]) == ("rep:2022-10", "rep:2025-01")
    assert len(periods) == 27 + 9 + 5 + 3 + 28 + 10 + 6 + 4


def test_with_children_adds_up_the_unit_and_everything_below_it() -> None:
    due = [(no, "2023-12-01 17:00", "2023-05-02 08:00") for no in range(1, 5)]
    units = [BRANCH, OLD_DIVISION, DISTRICT, DEPARTMENT]
    made = reckon(world(
        [{"dossier_no": no, "received_at": "2023-05-02 08:00", "unit_code": unit, "channel": "online",
          "field_code": "water" if unit == OLD_DIVISION else "land"}
         for no, unit in enumerate(units, 1)],
        due,
    ))  # fmt: skip
    for period in ("cal:2023-05", "cal:2023"):
        assert rate(made, "ONLINE", period, DEPARTMENT, scope="own") == (1, 1)
        assert rate(made, "ONLINE", period, DEPARTMENT, scope="with_children") == (3, 3)
        assert rate(made, "ONLINE", period, DEPARTMENT, scope="with_children", field_code="water") == (1, 1)
        assert rate(made, "ONLINE", period, OFFICE, scope="with_children") == (1, 1)
        assert rate(made, "ONLINE", period, "H11", scope="with_children") == (4, 4)
    assert rate(made, "ONLINE", "cal:2023", BRANCH, scope="with_children") is None


def test_the_hierarchy_is_that_of_the_day() -> None:
    units = world().units
    moved = units[units["unit_code"] == DISTRICT].assign(
        parent_unit_code=DEPARTMENT, valid_from_on=pd.Timestamp("2024-01-01")
    )
    units = pd.concat([moved, units], ignore_index=True)
    hierarchy = Hierarchy(units)
    assert DISTRICT not in hierarchy.below(DEPARTMENT, np.datetime64("2023-12-31"))
    assert DISTRICT in hierarchy.below(DEPARTMENT, np.datetime64("2024-01-01"))
    assert DISTRICT not in hierarchy.below(DEPARTMENT, np.datetime64("2000-01-01"))
    for day in ("2000-01-01", "2024-01-01"):
        assert hierarchy.below(OFFICE, np.datetime64(day)) == {OFFICE, BRANCH}


def _supplement(dossier_no: int, requested_at: str, answered_at: str | None = None) -> dict[str, Any]:
    return {
        "dossier_no": dossier_no, "supplement_code": f"BS-{dossier_no}-{requested_at}", "phase": "after_acceptance",
        "requested_at": requested_at, "answered_at": answered_at,
    }  # fmt: skip


def _both_766(made: dict[str, Any], period: str) -> tuple[Any, Any]:
    versions = ("v1", "strict_v1")
    first, strict = (rate(made, "OT_766", period, rule_version=version) for version in versions)
    return first, strict


def test_time_spent_waiting_for_papers_is_taken_off_under_decision_766() -> None:
    done = {"received_at": "2024-05-02 08:00", "outcome": "done", "finished_at": "2024-05-12 08:00"}
    made = reckon(world(
        [{"dossier_no": 1, **done}, {"dossier_no": 2, **done}, {"dossier_no": 3, **done}],
        [(no, "2024-05-10 17:00", "2024-05-02 08:00") for no in (1, 2, 3)],
        supplements=[
            _supplement(1, "2024-05-03 08:00", "2024-05-04 16:00"),  # 32 hours before 12/5 08:00: 11/5
            _supplement(2, "2024-05-03 08:00", "2024-05-04 16:01"),  # 32 hours and a minute: 10/5
            _supplement(3, "2024-05-03 08:00", "2024-05-04 08:00"),
            _supplement(3, "2024-05-06 08:00", "2024-05-07 08:00"),
        ],
    ))  # fmt: skip
    assert _both_766(made, "cal:2024-05") == ((2, 3), (1, 3))
    assert rate(made, "OT_61", "cal:2024-05") == (0, 3)


@pytest.mark.parametrize(
    ("due_on", "answers", "expected"),
    [
        ("2024-05-06", [], ((1, 1), (1, 1))),  # waiting since the day it was due
        ("2024-05-05", [], ((0, 1), (0, 1))),
        ("2024-06-20", ["2024-05-07 08:00"], ((0, 1), (0, 1))),  # waiting on a second request
        ("2024-06-20", ["2024-05-07 08:00", "2024-05-09 08:00"], ((1, 1), (0, 1))),
        ("2024-06-20", ["2024-05-07 08:00", "2024-06-01 00:00"], ((0, 1), (0, 1))),
    ],
)
def test_an_open_dossier_that_waits_under_decision_766(
    due_on: str, answers: list[str], expected: Any
) -> None:
    requests = ["2024-05-06 08:00", "2024-05-08 08:00"][: max(1, len(answers) + (len(answers) == 1))]
    answered = [*answers, None, None]
    made = reckon(world(
        [{"dossier_no": 1, "received_at": "2024-05-02 08:00"}],
        [(1, f"{due_on} 17:00", "2024-05-02 08:00")],
        supplements=[_supplement(1, *pair) for pair in zip(requests, answered, strict=False)],
    ))  # fmt: skip
    assert _both_766(made, "cal:2024-05") == expected


def test_a_one_stop_system_counts_withdrawn_as_on_time_and_leaves_refused_out() -> None:
    ended = {"received_at": "2024-05-02 08:00", "finished_at": "2024-05-20 09:00"}
    made = reckon(world(
        [{"dossier_no": no, "outcome": outcome, **ended}
         for no, outcome in enumerate(["done", "refused", "withdrawn", "stopped"], 1)],
        [(no, "2024-05-10 17:00", "2024-05-02 08:00") for no in range(1, 5)],
    ))  # fmt: skip
    assert rate(made, "OT_06", "cal:2024-05", rule_version="by_date_v1") == (0, 2)
    assert rate(made, "OT_06", "cal:2024-05", rule_version="one_stop_v1") == (1, 2)
    assert rate(made, "OT_61", "cal:2024-05") == (0, 2)


@pytest.mark.parametrize(("letter_at", "in_time"), [("2024-05-09 23:00", 1), ("2024-05-10 00:00", 0)])
def test_an_apology_is_in_time_up_to_the_day_before_the_promise_ends(letter_at: str, in_time: int) -> None:
    made = world(
        [{"dossier_no": 1, "received_at": "2024-05-02 08:00", "outcome": "done", "finished_at": "2024-05-14 09:00"},
         {"dossier_no": 2, "received_at": "2024-05-02 08:00"}],
        [(1, "2024-05-10 17:00", "2024-05-02 08:00"), (1, "2024-05-15 17:00", letter_at),
         (2, "2024-05-10 17:00", "2024-05-02 08:00")],
    )  # fmt: skip
    made.due_dates.loc[1, "reason"] = "reappointed"
    assert rate(reckon(made), "APOLOGY", "cal:2024-05") == (in_time, 2)


def test_requests_are_late_after_three_working_days_and_many_where_the_second_is_made() -> None:
    received = {"received_at": "2024-05-03 16:00"}  # a Friday before a Saturday that was worked
    made = reckon(world(
        [{"dossier_no": 1, **received}, {"dossier_no": 2, **received}],
        [(no, "2024-07-10 17:00", "2024-05-03 16:00") for no in (1, 2)],
        supplements=[
            _supplement(1, "2024-05-07 17:00", "2024-05-08 08:00"), _supplement(2, "2024-05-08 08:00", "2024-05-09 08:00"),
            _supplement(1, "2024-06-03 08:00"),
        ],
    ))  # fmt: skip
    assert rate(made, "SUPP_LATE", "cal:2024-05") == (1, 2)
    assert rate(made, "SUPP_LATE", "cal:2024-06") is None
    assert rate(made, "SUPP_MULTI", "cal:2024-05") == (0, 2)
    assert rate(made, "SUPP_MULTI", "cal:2024-06") == (1, 1)
    assert rate(made, "SUPP_MULTI", "cal:2024Q2") == (1, 2)


def test_quantiles_of_a_unit_are_those_of_all_dossiers_below_it() -> None:
    due = {1: "2024-05-30", 2: "2024-05-29", 3: "2024-02-21", 4: "2024-04-11"}
    made = reckon(world(
        [{"dossier_no": no, "received_at": "2024-01-02 08:00", "unit_code": OFFICE if no == 4 else BRANCH}
         for no in due],
        [(no, f"{day} 17:00", "2024-01-02 08:00") for no, day in due.items()],
    ))  # fmt: skip
    assert rate(made, "LATE_OPEN_MEDIAN", "cal:2024-05") == (2, 3)
    assert rate(made, "LATE_OPEN_MEDIAN", "cal:2024-05", OFFICE, scope="own") == (50, 1)
    assert rate(made, "LATE_OPEN_MEDIAN", "cal:2024-05", OFFICE, scope="with_children") == (2, 4)
    assert rate(made, "LATE_OPEN_P90", "cal:2024-05", OFFICE, scope="with_children") == (100, 4)
    bands = ("LATE_OPEN_1_5", "LATE_OPEN_6_10", "LATE_OPEN_11_30", "LATE_OPEN_OVER_30")
    assert [rate(made, band, "cal:2024-05") for band in bands] == [(2, 3), (0, 3), (0, 3), (1, 3)]


def test_what_the_portal_never_got_is_missing_in_the_share_of_the_sync() -> None:
    made = reckon(world(
        [{"dossier_no": 1, "received_at": "2024-05-02 08:00"},
         {"dossier_no": 2, "received_at": "2024-05-02 08:00", "is_synced": False}]
    ))  # fmt: skip
    assert rate(made, "SYNC", "cal:2024-05") == (1, 2)
    assert rate(made, "SYNC", "cal:2024-06") is None


def test_letters_count_for_their_main_handler_on_the_day_of_registration() -> None:
    made = reckon(world(documents=[
        {"registered_on": "2024-05-14"}, {"registered_on": "2024-05-15"},
        {"registered_on": "2024-05-15", "main_officer_no": 2}, {"registered_on": "2024-05-15", "main_officer_no": -1},
        {"direction": "out", "registered_on": "2024-05-15"}, {"direction": "out", "issued_on": "2024-06-14"},
        {"issued_on": "2024-05-15"},
    ]))  # fmt: skip
    may = {(row["officer_name"], row["documents_in"], row["documents_out"])
           for row in made["documents"] if row["period_key"] == "rep:2024-06"}  # fmt: skip
    assert may == {("Nguyễn Thị Mẫu", 1, 2), ("Trần Văn Thử", 1, 0), (None, 1, 0)}
    assert {"period_key": "rep:2024-06", "documents_in": 3, "documents_out": 2} in made["document_totals"]
    assert rate(made, "DOC_IN", "cal:2024-05", DEPARTMENT) == (4, None)
    assert rate(made, "DOC_OUT", "cal:2024-05", "H11", scope="with_children") == (1, None)
    assert rate(made, "DOC_IN", "cal:2024-06", DEPARTMENT) is None
    assert {row["field_code"] for row in made["rates"]} == {"all"}


def test_a_gap_is_what_a_register_skips_within_a_year() -> None:
    numbers = [("in", 2023, 9), ("in", 2024, 3), ("in", 2024, 7), ("in", 2024, 8), ("out", 2024, 1)]
    made = reckon(world(documents=[
        {"direction": way, "register_year": year, "register_no": str(number), "registered_on": "2024-05-02"}
        for way, year, number in numbers
    ]))  # fmt: skip
    assert made["register_gaps"] == [
        {"direction": "in", "register_year": 2024, "first_no": 4, "numbers_count": 3}
    ]


def test_load_is_letters_alone_or_shared_deadlines_and_days_in_post() -> None:
    made = reckon(world(
        documents=[
            {"registered_on": "2024-04-29", "due_on": "2024-06-28", "answered_on": "2024-07-01"},
            {"registered_on": "2024-04-29", "due_on": "2024-06-28", "answered_on": "2024-06-28"},
            {"registered_on": "2024-04-29", "due_on": "2024-06-30"},
        ],
        document_handlers=[
            {"document_no": 0, "officer_no": 1, "handler_unit_code": None, "role": "main"},
            {"document_no": 0, "officer_no": 2, "handler_unit_code": None, "role": "co"},
            {"document_no": 0, "officer_no": -1, "handler_unit_code": BRANCH, "role": "co"},
            {"document_no": 1, "officer_no": 1, "handler_unit_code": None, "role": "main"},
            {"document_no": 2, "officer_no": 1, "handler_unit_code": None, "role": "main"},
        ],
    ))  # fmt: skip
    spring = {
        (row["unit_code"], row["officer_name"]): {
            name: value for name, value in row.items() if isinstance(value, int) and value
        }
        for row in made["workload"] if row["period_key"] == "cal:2024Q2"
    }  # fmt: skip
    # 29, 30 April and 1 May are off; Saturday 4 May is worked: 2, 3, 4 and 6 May
    assert spring[BRANCH, "Trần Văn Thử"] == {"documents_in_millionths": 333_333, "working_days_in_post": 4}
    assert spring[BRANCH, None] == {"documents_in_millionths": 333_333}
    assert spring[DEPARTMENT, "Nguyễn Thị Mẫu"] == {
        "documents_in": 3, "documents_in_millionths": 2_333_334, "documents_due": 3, "documents_late": 2,
        "documents_open_overdue": 1, "working_days_in_post": 62,
    }  # fmt: skip
    assert rate(made, "DOC_LATE", "cal:2024Q2", DEPARTMENT) == (2, 3)
    assert rate(made, "DOC_LATE", "rep:2024Q3", DEPARTMENT) == (2, 3)


def test_a_petition_is_due_by_the_clock_of_its_kind() -> None:
    row = {
        "unit_code": BRANCH,
        "sent_at": "2024-03-02 20:00",
        "accepted_at": "2024-03-04 08:00",
        "instance_no": 1,
    }
    made = reckon(world(petitions=[
        {**row, "petition_code": "complaint", "petition_type": "khiếu nại", "complexity": "complex", "is_remote": False},
        {**row, "petition_code": "denunciation", "petition_type": "tố cáo", "complexity": "normal"},
        {**row, "petition_code": "voters", "petition_type": "kiến nghị cử tri", "due_at": "2024-03-06 17:00"},
        {**row, "petition_code": "on time", "petition_type": "PAKN", "answered_at": "2024-03-22 17:00",
         "is_satisfied": False},
        {**row, "petition_code": "late", "petition_type": "PAKN", "answered_at": "2024-03-25 08:00"},
        {**row, "petition_code": "refused", "petition_type": "PAKN", "answered_at": "2024-03-05 08:00",
         "handling": "refused"},
        {**row, "petition_code": "passed on", "petition_type": "PAKN", "transferred_at": "2024-03-05 08:00",
         "handling": "transferred_out"},
    ]))  # fmt: skip
    # 45 days from 4 March end on 18 April, a day off
    assert {one["petition_code"]: one["due_on"] for one in made["petitions"]} == {
        "complaint": "2024-04-19", "denunciation": "2024-04-03", "voters": "2024-03-06", "on time": "2024-03-22",
        "late": "2024-03-22", "refused": "2024-03-05", "passed on": "2024-03-26",
    }  # fmt: skip
    assert rate(made, "PAKN_OT", "cal:2024-03") == (2, 3)
    assert rate(made, "PAKN_SAT", "cal:2024-03") == (1, 3)


def test_a_procedure_is_announced_in_time_or_late_once() -> None:
    made = reckon(world(procedures=[
        {"procedure_code": "A", "field_code": "land", "law_effective_on": "2024-08-01", "decided_on": "2024-07-25",
         "published_on": "2024-08-01"},
        {"procedure_code": "B", "field_code": "land", "law_effective_on": "2024-08-04", "decided_on": "2024-07-30",
         "published_on": "2024-08-07"},
        {"procedure_code": "B", "field_code": "land", "law_effective_on": "2024-08-01", "decided_on": "2024-07-01",
         "published_on": "2024-07-02"},
    ]))  # fmt: skip
    of_root = {"unit": "root", "rule_version": "decided_v1"}
    assert rate(made, "PUB_ONTIME", "cal:2024-07", **of_root) == (1, 2)
    assert rate(made, "PUB_ONTIME", "cal:2024-07", **{**of_root, "field_code": "land"}) == (1, 2)
    assert rate(made, "PUB_ONTIME", "cal:2024-08", **of_root) is None
    # 25 July + 5 working days = 1 August, 30 July + 5 = 6 August, 1 July + 5 = 8 July
    assert rate(made, "PUB_ONTIME", "cal:2024-08", **{**of_root, "rule_version": "online_v1"}) == (1, 2)


def test_dossiers_count_for_the_responsible_officer_and_steps_for_who_did_them() -> None:
    made = reckon(world(
        [
            {"dossier_no": 1, "received_at": "2024-03-20 08:00", "outcome": "done", "finished_at": "2024-04-02 09:00"},
            {"dossier_no": 2, "received_at": "2024-04-02 08:00", "officer_no": 2},
        ],
        steps=[
            {"dossier_no": 1, "step_no": 1, "unit_code": BRANCH, "officer_no": 2, "finished_at": "2024-03-21 10:00"},
            {"dossier_no": 1, "step_no": 2, "unit_code": "TAX.H11", "officer_no": -1, "finished_at": "2024-03-31 10:00"},
            {"dossier_no": 2, "step_no": 1, "unit_code": BRANCH, "officer_no": 2, "finished_at": None},
        ],
    ))  # fmt: skip
    wanted = ["dossiers_received", "dossiers_finished", "dossiers_open", "steps_done"]

    def rows(period: str) -> dict[tuple[str, str | None], list[int]]:
        return {(row["unit_code"], row["officer_name"]): [row[name] for name in wanted]
                for row in made["officer_dossiers"] if row["period_key"] == period}  # fmt: skip

    first, second = "Nguyễn Thị Mẫu", "Trần Văn Thử"
    assert rows("cal:2024Q1") == {
        (BRANCH, first): [1, 0, 1, 0], (BRANCH, second): [0, 0, 0, 1], ("TAX.H11", None): [0, 0, 0, 1],
    }  # fmt: skip
    assert rows("cal:2024Q2") == {(BRANCH, first): [0, 1, 0, 0], (BRANCH, second): [1, 0, 1, 0]}
    assert rows("cal:2024-03") == {}


def test_a_result_counts_while_it_is_valid_and_as_digitized_from_the_day_it_was() -> None:
    made = reckon(world(results=[
        {"issued_on": "2015-02-01", "is_permanent": True, "is_digitized": True, "digitized_on": "2024-05-31"},
        {"issued_on": "2024-05-31", "valid_to_on": "2024-06-30", "is_electronic": True,
         "is_digitized": True, "digitized_on": "2024-06-30"},
        {"issued_on": "2024-05-01", "valid_to_on": "2024-05-30", "is_digitized": True, "digitized_on": "2024-05-02"},
        {"issued_on": "2024-06-15", "is_digitized": True, "digitized_on": "2024-06-10"},
    ]))  # fmt: skip
    found = {row["period_key"]: [row[name] for name in (
        "results_valid", "results_valid_digitized", "results_issued", "results_issued_electronic"
    )] for row in made["digitization"]}  # fmt: skip
    assert found["cal:2024-04"] == [1, 0, 0, 0]
    assert found["cal:2024-05"] == [2, 1, 2, 1]
    assert found["cal:2024-06"] == [3, 3, 1, 0]
    assert found["cal:2024-07"] == [2, 2, 0, 0]
    assert found["rep:2024-06"] == [2, 1, 1, 1]
    assert rate(made, "DIG_STOCK", "cal:2024-05", DEPARTMENT, scope="with_children") == (1, 2)
    assert rate(made, "DIG_RESULT", "cal:2024-05") == (1, 2)
    assert rate(made, "DIG_RESULT", "cal:2024-07") is None


def test_only_dossiers_on_paper_are_to_be_scanned() -> None:
    marks = {"received_at": "2024-05-02 08:00", "has_digitized_components": True, "is_reusing_data": True}
    made = reckon(world([
        {"dossier_no": 1, **marks}, {"dossier_no": 2, **marks, "channel": "online"},
        {"dossier_no": 3, **marks, "has_digitized_components": False, "is_reusing_data": False, "channel": "post"},
    ], procedures=[{"procedure_code": "P", "has_paper_result": True}]))  # fmt: skip
    assert rate(made, "DIG_COMP", "cal:2024-05") == (1, 2)
    assert rate(made, "REUSE", "cal:2024-05") == (2, 3)
    row = next(row for row in made["digitization"] if row["period_key"] == "cal:2024-05")
    assert (row["dossiers_to_scan"], row["dossiers_scanned"], row["dossiers_reusing_data"]) == (2, 1, 2)


def test_scanning_begins_with_the_level_and_ends_where_no_paper_is_given() -> None:
    marks = {"received_at": "2022-11-30 16:00", "has_digitized_components": True}
    made = reckon(world([
        {"dossier_no": 1, **marks}, {"dossier_no": 2, **marks, "procedure_level": "district"},
        {"dossier_no": 3, **marks, "procedure_code": "E"},
    ], procedures=[{"procedure_code": "E", "has_paper_result": False}]))  # fmt: skip
    assert rate(made, "DIG_COMP", "cal:2022-11") == (1, 1)


def test_planted_findings_are_listed_by_dossier_code() -> None:
    planted = [(2, "sync_other_code"), (1, "sync_other_code"), (2, "sync_officer_unknown")]
    made = reckon(world([{"dossier_no": 1}, {"dossier_no": 2}]), planted)
    assert made["findings"] == {"sync_officer_unknown": ["D-2"], "sync_other_code": ["D-1", "D-2"]}


def test_rows_count_distinct_keys_and_what_only_an_export_adds() -> None:
    step = {"step_no": 1, "unit_code": BRANCH, "officer_no": 1}
    steps = [{"dossier_no": no, **step} for no in (1, 1, 2)]
    made = reckon(world(steps=steps), extra_rows={"dossier_steps": 5})["rows"]
    assert (made["dossier_steps"], made["petitions"], made["units"]) == (7, 0, len(UNITS))


def test_the_file_holds_what_was_reckoned_and_says_how_many_numbers(tmp_path: Path) -> None:
    made = reckon(world(
        [{"dossier_no": 1, "received_at": "2024-12-31 08:00"}], documents=[{"registered_on": "2024-12-31"}]
    ))  # fmt: skip
    truth.write(made, tmp_path / "truth.json")
    read = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert read == made
    assert (read["synthetic"], read["seed"], read["scale"], read["as_of"]) == (True, 7, 1, "2024-12-31")
    lists = [rows for rows in read.values() if isinstance(rows, list)]
    numbers = [value for rows in lists for row in rows for value in row.values() if isinstance(value, int)]
    assert read["count"] == len(numbers) + len(read["rows"])


def test_a_delay_is_shared_by_working_days_over() -> None:
    """Received Monday 4 March 2024, due on the 13th, finished on the 20th; the second officer left on the 12th."""
    step = {"dossier_no": 1, "unit_code": BRANCH}
    world_ = world(
        [{"dossier_no": 1, "received_at": "2024-03-04 08:00", "outcome": "done", "finished_at": "2024-03-20 09:00"}],
        [(1, "2024-03-13 17:00", "2024-03-04 08:00")],
        steps=[
            # allowed until Wednesday, handed on on Friday: two days over
            {**step, "step_no": 1, "officer_no": 1, "started_at": "2024-03-04 08:00", "due_at": "2024-03-06 17:00",
             "finished_at": "2024-03-08 09:00", "allowed_days": 2.5},
            # allowed until the 13th, done on the 19th: four days over; a weekend lies between
            {**step, "step_no": 2, "officer_no": 2, "started_at": "2024-03-08 09:00", "due_at": "2024-03-13 17:00",
             "finished_at": "2024-03-19 09:00", "allowed_days": 3.25},
            {**step, "step_no": 3, "officer_no": 1, "started_at": "2024-03-19 09:00", "due_at": "2024-03-20 12:00",
             "finished_at": "2024-03-20 09:00", "allowed_days": 1},
        ],
        delay_reviews=[
            {"dossier_no": 1, "reviewed_on": "2024-04-20", "cause_code": "surge"},
            {"dossier_no": 1, "reviewed_on": "2024-05-20", "cause_code": "slow_handling"},
        ],
    )  # fmt: skip
    world_.officers.loc[1, "left_on"] = pd.Timestamp("2024-03-12")
    common = {"dossier_code": "D-1", "unit_code": BRANCH, "cause_code": "slow_handling"}
    assert reckon(world_)["delay_responsibility"] == [
        {**common, "officer_name": "Nguyễn Thị Mẫu", "is_holder_at_due": 0, "used_days": 5, "over_days": 2,
         "allowed_hundredths": 350, "share_millionths": 333333},
        {**common, "officer_name": None, "is_holder_at_due": 1, "used_days": 7, "over_days": 4,
         "allowed_hundredths": 325, "share_millionths": 666667},
    ]  # fmt: skip


def test_the_clock_of_responsibility_starts_anew_and_nobody_known_means_the_unit() -> None:
    applicant = {"dossier_no": 1, "unit_code": "APPLICANT", "officer_no": -1}
    made = world(
        [{"dossier_no": 1, "received_at": "2024-03-04 08:00", "outcome": "done", "finished_at": "2024-03-20 09:00"},
         {"dossier_no": 2, "received_at": "2024-12-02 08:00", "outcome": "open"},
         {"dossier_no": 3, "received_at": "2024-12-02 08:00", "outcome": "open"}],
        [(1, "2024-03-13 17:00", "2024-03-04 08:00"), (2, "2024-12-10 17:00", "2024-12-02 08:00"),
         (3, "2024-12-10 17:00", "2024-12-02 08:00")],
        # the clocks of both stand; that of the third stopped on its last day, in time
        pauses=[{"dossier_no": 2, "paused_at": "2024-12-11 08:00"}, {"dossier_no": 3, "paused_at": "2024-12-10 08:00"}],
        steps=[{**applicant, "step_no": 1, "started_at": "2024-03-05 08:00", "finished_at": "2024-03-08 08:00"}],
    )  # fmt: skip
    renewed = {
        "dossier_no": 1,
        "version_no": 9,
        "due_at": "2024-03-15 17:00",
        "known_from_at": "2024-03-08 08:00",
    }
    made.due_dates = pd.concat(
        [made.due_dates, frame([{**renewed, "reason": "after_supplement"}], list(made.due_dates))]
    )
    rows = [
        (
            row["dossier_code"],
            row["unit_code"],
            row["officer_name"],
            row["used_days"],
            row["share_millionths"],
        )
        for row in reckon(made)["delay_responsibility"]
    ]
    # what lay with the applicant before the clock started anew has no row
    assert rows == [
        ("D-1", BRANCH, "Nguyễn Thị Mẫu", 0, 1_000_000),
        ("D-2", BRANCH, "Nguyễn Thị Mẫu", 0, 1_000_000),
    ]


def test_scores_of_circular_01() -> None:
    """Article 13: indices 1, 2, 3 and 8 of a branch; Article 15: means to one decimal, half up, added up."""
    days = ("2024-02-05 10:00", "2024-02-06 16:00", "2024-02-07 09:00", "2024-02-06 09:00")
    outcomes = ("done", "done", "refused", "done", "withdrawn")
    made = world(
        dossiers=[
            {"dossier_no": no, "received_at": "2024-01-25 08:00", "outcome": outcome, "finished_at": finished}
            for no, (outcome, finished) in enumerate(zip(outcomes, (*days, days[0]), strict=True))
        ],
        due_dates=[(no, "2024-02-06 17:00", "2024-01-25 08:00") for no in range(5)],
        steps=[
            {"dossier_no": 0, "step_no": 1, "unit_code": BRANCH, "officer_no": 1, "due_at": due, "finished_at": day}
            for due, day in (
                ("2024-02-05 17:00", "2024-02-02 10:00"), ("2024-02-05 08:00", "2024-02-05 10:00"),
                (None, "2024-02-05 10:00"),
            )
        ],
        supplements=[
            {"dossier_no": no, "supplement_code": "s", "phase": phase, "requested_at": asked}
            for no, phase, asked in (
                (1, "after_acceptance", "2024-01-29 08:00"), (2, "after_acceptance", "2024-01-29 08:00"),
                (2, "after_acceptance", "2024-02-01 08:00"), (3, "before_acceptance", "2024-01-24 08:00"),
            )
        ],
        petitions=[
            {"petition_code": str(no), "unit_code": BRANCH, "petition_type": "PAKN", "due_at": "2024-02-20 17:00",
             "transferred_at": passed, "answered_at": answered}
            for no, (answered, passed) in enumerate(
                (("2024-02-20 18:00", None), ("2024-05-02 08:00", None), (None, "2024-02-01 08:00"))
            )
        ],
        reported_figures=[
            {"unit_code": OFFICE, "field_code": "all", "period": "2024Q1", "calendar": "cal",
             "figure_code": "score_01_index_7", "value": 1.7},
        ],
    )  # fmt: skip
    rows = {(row["period_key"], row["unit_code"], row["scope"]): row for row in reckon(made)["unit_scores"]}
    expected = {"tenths": 10 + 15 + 13 + 0, "indices_count": 4, "points": 4 + 3 + 5 + 1, "cases_count": 12}
    marked = {"tenths": expected["tenths"] + 17, "indices_count": 5}
    for place, what in (
        ((BRANCH, "own"), {}), ((OFFICE, "with_children"), marked), (("H11", "with_children"), {}),
    ):  # fmt: skip
        row = rows["cal:2024Q1", *place]
        assert {name: row[name] for name in expected} == {**expected, **what}
    assert ("cal:2024-02", BRANCH, "own") not in rows
    assert ("cal:2024Q2", BRANCH, "own") not in rows
