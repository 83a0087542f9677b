"""The truth file against figures reckoned by hand: the other rates of dossiers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.small_world import BRANCH, OFFICE, rate, reckon, world


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
