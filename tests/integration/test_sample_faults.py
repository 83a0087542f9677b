"""``cchc sample --faults``: every planted fault is found, nothing else is, and no figure changes because of it.

That the sample without faults has none of these findings is said by ``test_sample_truth.test_planted_findings``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from dagster_project.home import Home
from tests.conftest import Warehouse
from tests.integration import test_sample_truth as of_the_truth
from tests.integration import test_sample_truth_people as of_people
from tests.integration.truth_sides import Sides, both_sides

PLANTED = {
    "finish_equals_due", "finish_before_last_step", "many_finishes_at_once", "finish_on_day_off", "finish_at_day_end",
    "refused_on_last_day", "due_date_edited", "reappointed_again", "changed_after_close", "overdue_reset",
}  # fmt: skip


@pytest.fixture(scope="module")
def faulty_sides(faulty_sample: Warehouse) -> Iterator[Sides]:
    """The two sides of the sample with faults."""
    with both_sides(Home(faulty_sample.home)) as made:
        yield made


def test_every_planted_fault_is_found_and_nothing_else(faulty_sides: Sides) -> None:
    of_the_truth.test_planted_findings(faulty_sides)


def test_every_rule_has_its_faults(faulty_sides: Sides) -> None:
    """Each code outside the sync group is planted, five times at least and seldom."""
    codes = faulty_sides.connection.execute("""
        select finding_code, count(*) from published.main.fct_integrity_findings
        where finding_group <> 'sync' group by finding_code
    """).fetchall()
    assert {code for code, _ in codes} == PLANTED
    assert {code: n for code, n in codes if not 5 <= n <= 30} == {}


def test_numbers_that_a_register_skips_are_found(faulty_sides: Sides) -> None:
    count = faulty_sides.assert_equal(
        "register_gaps", ["direction", "register_year", "first_no"], ["numbers_count"],
        """
        select direction, register_year, cast(first_register_no as bigint) as first_no, numbers_count
        from published.main.fct_document_findings where finding_code = 'register_no_gap'
        """,
    )  # fmt: skip
    assert count == 8


def test_numbers_that_a_register_gives_twice_are_found(faulty_sides: Sides) -> None:
    count = faulty_sides.assert_equal(
        "register_repeats", ["direction", "register_year", "register_no"], ["numbers_count"],
        """
        select direction, register_year, first_register_no as register_no, numbers_count
        from published.main.fct_document_findings where finding_code = 'register_no_repeated'
        """,
    )  # fmt: skip
    assert count == 5


@pytest.mark.parametrize(
    "holds",
    [
        of_the_truth.test_form_ii06,
        of_the_truth.test_rates,
        of_people.test_dossiers_and_steps_per_officer,
        of_the_truth.test_digitization,
        of_the_truth.test_every_record_once,
        of_people.test_load_per_officer,
        of_people.test_load_of_units_beside_their_lateness,
        of_people.test_petitions_by_their_clocks,
        of_the_truth.test_the_published_figures_of_2023,
    ],
    ids=lambda test: test.__name__.removeprefix("test_"),
)
def test_figures_are_those_of_what_happened(holds: Callable[[Sides], None], faulty_sides: Sides) -> None:
    """Whatever a register says of the finish afterwards: events decide, and findings change no figure."""
    holds(faulty_sides)
