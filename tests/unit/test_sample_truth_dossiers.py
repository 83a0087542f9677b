"""The truth file against figures reckoned by hand: the forms of dossiers and whether they were on time."""

from __future__ import annotations

import pytest

from tests.unit.small_world import form, rate, reckon, world


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
