"""The warehouse against the independent reckoning (tests/reckoning), dossier by dossier, in both directions.

Over seeded random histories loaded as one batch (5,000; among the long tests 100,000), and over the sample. Every
difference is a rule that one of the two has wrong: the law decides which.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from dagster_project.home import Home
from tests.conftest import Warehouse
from tests.reckoning import exports, staged, working_calendar
from tests.reckoning.comparison import Reckoning, Sides
from tests.reckoning.periods import Periods
from tests.reckoning.random_histories import AS_OF, EXTRACTED_AT, PROCEDURES, random_histories

SEED = 2026
# Ends of periods at which the state of every dossier is compared: both calendars, and the as-of day.
STATES_OF_HISTORIES = ["rep:2024Q1", "cal:2024Q2", "cal:2025H1", "rep:2025Q4", "cal:2026-10"]
STATES_OF_SAMPLE = ["cal:2023Q2", "rep:2023Q4", "rep:2024Q1", "cal:2024-02", "cal:2024H2"]
# No matter of time: an office's own plan (no such appointments here), and what a sync carried.
RECKONED_ELSEWHERE = {("OT_PLAN", "by_date_v1"), ("OT_PLAN", "by_time_v1"), ("SYNC", "v1")}


@pytest.fixture(
    scope="module",
    params=[pytest.param(5_000, id="5000"), pytest.param(100_000, id="100000", marks=pytest.mark.long)],
)
def histories(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    """Random histories, loaded as one batch and refreshed once, beside their reckoning."""
    made = random_histories(request.param, SEED)
    home = tmp_path_factory.mktemp("histories")
    warehouse = Warehouse(home, sources=home / "sources")
    exports.write_map(warehouse.sources)
    exports.write_files(warehouse.landing_folder, made, PROCEDURES, EXTRACTED_AT.strftime("%Y-%m-%d-%H%M"))
    warehouse.refresh("--no-publish", timeout=1200)
    sides = Sides(Reckoning(made, AS_OF, STATES_OF_HISTORIES), warehouse.build)
    yield sides
    sides.close()


@pytest.fixture(scope="module")
def staged_sample(sample: Warehouse, sample_home: Home) -> Iterator[Sides]:
    """The sample's dossiers as its registers state them, beside their reckoning."""
    as_of = staged.read_as_of(sample.build)
    sides = Sides(Reckoning(staged.read_histories(sample.build), as_of, STATES_OF_SAMPLE), sample.build)
    yield sides
    sides.close()


def assert_agreement(sides: Sides) -> None:
    """Every due date, state and verdict is the same on both sides; a rule that nobody reckons is no agreement."""
    found = sides.all_differences()
    differences = [f"{what}: {row}" for what, rows in found.items() for row in rows[:3]]
    assert not differences, "\n".join(differences)
    assert sides.published_rules() - sides.reckoned_rules() - RECKONED_ELSEWHERE == set()


@pytest.mark.xdist_group("reckoning")
def test_random_histories_agree(histories: Sides) -> None:
    assert_agreement(histories)
    # the edges that are sought for are among them
    dossiers, states = histories.reckoning.dossiers, histories.reckoning.states
    assert {row[1] for row in dossiers} == {
        "done", "refused", "withdrawn", "stopped", "open", "paused", "excluded",
    }  # fmt: skip
    assert {(row[1], row[2]) for row in states} >= {
        (key, state) for key in STATES_OF_HISTORIES[:4] for state in ("early", "on_time", "late", "overdue")
    }


def test_dossiers_of_the_sample_agree(staged_sample: Sides) -> None:
    assert_agreement(staged_sample)


@pytest.mark.xdist_group("reckoning")
def test_every_reckoned_rate_is_published(histories: Sides) -> None:
    assert histories.reckoned_rules() - histories.published_rules() == set()


@pytest.mark.xdist_group("reckoning")
def test_calendars_agree(histories: Sides) -> None:
    first, last = date(2018, 1, 1), date(2027, 12, 31)
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    expected = {day for day in days if working_calendar.is_working(day)}
    found = histories.connection.execute("""
        select date_on from built.marts.dim_dates
        where is_working_day and date_on between date '2018-01-01' and date '2027-12-31'
    """).fetchall()
    assert {row[0] for row in found} == expected
    periods = histories.connection.execute("""
        select period_key, starts_on, least(ends_on, date '2026-10-31') from built.marts.dim_periods
        where starts_on <= date '2026-10-31' and ends_on >= date '2018-01-01'
    """).fetchall()
    assert len(periods) > 300
    by_key = Periods(AS_OF).by_key
    assert {row[0]: row[1:] for row in periods} == {
        row[0]: (by_key[row[0]].starts_on, by_key[row[0]].reckoned_on) for row in periods
    }
