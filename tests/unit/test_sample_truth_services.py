"""The truth file against figures reckoned by hand: petitions, publications, digitization and scores."""

from __future__ import annotations

from tests.unit.small_world import BRANCH, DEPARTMENT, OFFICE, rate, reckon, world


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
         "is_satisfied": False, "published_at": "2024-03-26 17:00"},
        {**row, "petition_code": "late", "petition_type": "PAKN", "answered_at": "2024-03-25 08:00",
         "is_satisfied": True, "published_at": "2024-03-28 08:00"},
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
    names = ("is_answered_on_time", "publication_due_on", "is_published_on_time", "is_satisfied")
    # what nobody answered and the day is over, was not in time; who passes it on is not asked
    assert {one["petition_code"]: tuple(one[name] for name in names) for one in made["petitions"]} == {
        "complaint": (0, None, None, None), "denunciation": (0, None, None, None), "voters": (0, None, None, None),
        "on time": (1, "2024-03-26", 1, 0), "late": (0, "2024-03-27", 0, 1),
        "refused": (1, "2024-03-07", 0, None), "passed on": (None, None, None, None),
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
    assert [(one["procedure_code"], one["rule_version"], one["due_on"]) for one in made["late_publications"]] == [
        ("B", "decided_v1", "2024-07-29"), ("B", "online_v1", "2024-08-06"),
    ]  # fmt: skip
    # 25 July + 5 working days = 1 August, 30 July + 5 = 6 August, 1 July + 5 = 8 July
    assert rate(made, "PUB_ONTIME", "cal:2024-08", **{**of_root, "rule_version": "online_v1"}) == (1, 2)


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
