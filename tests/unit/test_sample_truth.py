"""The truth file: its periods, its tree of units, what it lists and how it is written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from dagster_project.sample import truth
from dagster_project.sample.truth.hierarchy import Hierarchy
from dagster_project.sample.truth.periods import make_periods
from tests.unit.small_world import (
    BRANCH,
    DEPARTMENT,
    DISTRICT,
    OFFICE,
    OLD_DIVISION,
    UNITS,
    rate,
    reckon,
    world,
)


def test_periods_cover_the_horizon_in_both_calendars() -> None:
    periods = make_periods(truth.FIRST_ON, "2024-12-31")
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
