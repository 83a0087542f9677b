"""The truth file against figures reckoned by hand: letters, load, officers and who a delay lay with."""

from __future__ import annotations

import pandas as pd

from dagster_project.sample import truth
from tests.unit.small_world import BRANCH, DEPARTMENT, frame, rate, reckon, world


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
    assert rows("cal:2024-03") == rows("cal:2024Q1") and rows("cal:2024H1") == {}


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


def test_a_number_given_twice_is_one_letter_in_every_count() -> None:
    made = world(documents=[
        {"direction": way, "register_year": 2024, "register_no": str(number), "registered_on": "2024-05-02"}
        for way, number in (("in", 7), ("out", 8), ("out", 9))
    ])  # fmt: skip
    none = pd.DataFrame({"dossier_no": [], "finding_code": []})
    told = truth.reckon(made, truth.Planted(none, {}, [2]))
    assert told["register_repeats"] == [
        {"direction": "out", "register_year": 2024, "register_no": "9", "numbers_count": 2}
    ]
    assert rate(told, "DOC_OUT", "cal:2024-05", DEPARTMENT) == (2, None)
