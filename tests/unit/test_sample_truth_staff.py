"""The truth file against figures reckoned by hand: posts, load of units beside their lateness, scores of officers."""

from __future__ import annotations

import pytest

from tests.unit.small_world import BRANCH, DEPARTMENT, DISTRICT, OFFICE, OLD_DIVISION, reckon, world

POSTS = [
    {"unit_code": OLD_DIVISION, "year": 2022, "posts_assigned": 10, "posts_filled": 8},
    {"unit_code": OLD_DIVISION, "year": 2023, "posts_assigned": 1, "posts_filled": 0},
    {"unit_code": BRANCH, "year": 2024, "posts_assigned": 5, "posts_filled": 1},
]


def _succession(old: str, new: str, day: str, share: float) -> dict[str, object]:
    return {"old_unit_code": old, "new_unit_code": new, "succeeded_on": day, "share": share}


def test_posts_go_where_the_parts_of_their_unit_went() -> None:
    """Three quarters to the office, the rest to the department, a fifth of which went to the branch afterwards."""
    made = reckon(world(posts=POSTS, unit_successions=[
        _succession(OLD_DIVISION, OFFICE, "2023-07-01", 0.75), _succession(OLD_DIVISION, DEPARTMENT, "2023-07-01", 0.25),
        _succession(DEPARTMENT, DEPARTMENT, "2024-01-01", 0.8), _succession(DEPARTMENT, BRANCH, "2024-01-01", 0.2),
    ]))  # fmt: skip
    assert [tuple(row.values()) for row in made["posts"]] == [
        (OLD_DIVISION, 2022, 10, 8, 2), (OLD_DIVISION, 2023, 1, 0, 1), (BRANCH, 2024, 5, 1, 4),
    ]  # fmt: skip
    assert {(row["unit_code"], row["year"]): tuple(row.values())[2:] for row in made["current_posts"]} == {
        (OFFICE, 2022): (1, 7_500_000, 6_000_000), (DEPARTMENT, 2022): (1, 2_000_000, 1_600_000),
        (BRANCH, 2022): (1, 500_000, 400_000),
        # said of the division after its end
        (OFFICE, 2023): (1, 750_000, 0), (DEPARTMENT, 2023): (1, 200_000, 0), (BRANCH, 2023): (1, 50_000, 0),
        (BRANCH, 2024): (1, 5_000_000, 1_000_000),
    }  # fmt: skip


def test_shares_that_make_no_whole_are_scaled() -> None:
    made = reckon(world(posts=POSTS[:1], unit_successions=[
        _succession(OLD_DIVISION, OFFICE, "2023-07-01", 0.5), _succession(OLD_DIVISION, BRANCH, "2023-07-01", 0.75),
    ]))  # fmt: skip
    assert [row["assigned_millionths"] for row in made["current_posts"]] == [4_000_000, 6_000_000]


def test_load_of_a_unit_is_that_of_everybody_below_it() -> None:
    """Late ones of all that were judged beside persons and days; the posts of a unit without work count too."""
    ended = {"received_at": "2024-05-02 08:00", "outcome": "done"}
    made = reckon(world(
        [{"dossier_no": 1, "finished_at": "2024-05-10 09:00", **ended},
         {"dossier_no": 2, "finished_at": "2024-05-14 09:00", **ended},
         {"dossier_no": 3, "finished_at": "2024-05-14 09:00", "unit_code": DISTRICT, **ended}],
        [(no, "2024-05-10 17:00", "2024-05-02 08:00") for no in (1, 2, 3)],
        documents=[{"registered_on": "2024-05-02"}],
        document_handlers=[{"document_no": 0, "officer_no": 1, "handler_unit_code": None, "role": "main"}],
        posts=[*POSTS, {"unit_code": OFFICE, "year": 2024, "posts_assigned": 2, "posts_filled": 0}],
    ))  # fmt: skip
    may = {
        (row["unit_code"], row["scope"]): {name: value for name, value in row.items() if isinstance(value, int) and value}
        for row in made["unit_workload"] if row["period_key"] == "cal:2024-05"
    }  # fmt: skip
    # 2, 3, 4 and 6 May: the second officer left on the 6th; the month has 22 working days
    branch = {
        "officers_count": 1, "working_days_in_post": 4, "posts_assigned": 5, "posts_filled": 1, "posts_vacant": 4,
        "dossiers_judged": 2, "dossiers_late": 1, "dossiers_received": 2, "dossiers_finished": 2,
        "load_dossiers_count": 2,
    }  # fmt: skip
    assert may[BRANCH, "own"] == branch
    assert may[OFFICE, "own"] == {"posts_assigned": 2, "posts_vacant": 2}
    assert may[OFFICE, "with_children"] == {**branch, "posts_assigned": 7, "posts_vacant": 6}
    assert may[DEPARTMENT, "with_children"] == {
        **branch, "officers_count": 2, "working_days_in_post": 27, "documents_in": 1, "posts_assigned": 7,
        "posts_vacant": 6, "load_documents_count": 1,
    }  # fmt: skip
    # the district lists nobody: its dossier is no load per day
    assert may["H11", "with_children"] == {
        **may[DEPARTMENT, "with_children"], "dossiers_judged": 3, "dossiers_late": 2,
        "dossiers_received": 3, "dossiers_finished": 3,
    }  # fmt: skip


@pytest.mark.parametrize(("day", "tenths"), [("2024-02-05", 20), ("2024-02-06", 10), ("2024-02-07", 0)])
def test_an_officer_is_scored_by_dossiers_steps_and_contacts(day: str, tenths: int) -> None:
    """One dossier by the day of its finish; two steps, in time and late; nobody asked for papers."""
    made = reckon(world(
        [{"dossier_no": 1, "received_at": "2024-01-25 08:00", "outcome": "done", "finished_at": f"{day} 10:00"}],
        [(1, "2024-02-06 17:00", "2024-01-25 08:00")],
        steps=[
            {"dossier_no": 1, "step_no": no, "unit_code": BRANCH, "officer_no": officer, "due_at": "2024-02-01 17:00",
             "finished_at": finished}
            for no, officer, finished in (
                (1, 1, "2024-01-31 10:00"), (2, 1, "2024-02-02 10:00"), (3, 2, "2024-02-01 10:00"), (4, -1, "2024-02-01 10:00")
            )
        ],
    ))  # fmt: skip
    quarter = {
        row["officer_name"]: row for row in made["officer_scores"] if row["period_key"] == "cal:2024Q1"
    }
    first, second = quarter["Nguyễn Thị Mẫu"], quarter["Trần Văn Thử"]
    assert (first["index_1_tenths"], first["index_2_tenths"], first["index_3_tenths"]) == (tenths, 10, 20)
    assert (first["tenths"], first["indices_count"], first["index_2_cases"]) == (tenths + 30, 3, 2)
    assert (second["tenths"], second["indices_count"]) == (10, 1)
    assert len(quarter) == 2
