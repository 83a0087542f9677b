"""``cchc sample --until 2025-12``: the department through the reorganisation of 1 July 2025.

Every number of its truth.json against the marts, on the units as they were and on those of today; and whatever is
asked of a period, the units of today neither lose nor double anything. One home serves all tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa
import pytest

from dagster_project.home import Home
from dagster_project.scorecard.query import read_scorecard
from tests.conftest import Warehouse
from tests.integration import test_sample_truth as figures
from tests.integration import test_sample_truth_people as people
from tests.integration.truth_sides import DIGITIZATION, FORM, PERIODS, UNIT_CODES, WORKLOAD, Sides, both_sides

pytestmark = pytest.mark.xdist_group("sample_reorganised")  # one refresh for all of them

SCALE = "0.03"
DAY = "date '2025-07-01'"
# today's unit of each unit, and their names in the truth
TODAY = f"""(
    select distinct units.unit_id, codes.unit_code
    from (select distinct unit_id, current_unit_id from published.main.dim_units) as units
    join {UNIT_CODES} as codes on units.current_unit_id = codes.unit_id
)"""


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    """The truth and the marts of a small department until December 2025."""
    warehouse = Warehouse(tmp_path_factory.mktemp("reorganised") / "home")
    warehouse.home.mkdir()
    done = warehouse.run("sample", "--scale", SCALE, "--until", "2025-12")
    assert done.returncode == 0, done.stderr
    warehouse.refresh(timeout=900)
    with both_sides(Home(warehouse.home)) as made:
        load_today(made)
        yield made


def load_today(made: Sides) -> None:
    """The lists of the truth that only this sample has."""
    text, number = pa.string(), pa.int64()
    place = {"period_key": text, "unit_code": text, "field_code": text}
    tables = {
        "today_dossier_periods": {**place, "procedure_level": text, **dict.fromkeys(FORM, number)},
        "today_rates": {
            **place, "indicator_code": text, "rule_version": text, "numerator": number, "denominator": number,
        },
        "today_workload": {
            "period_key": text, "unit_code": text, "officer_id": text, **dict.fromkeys(WORKLOAD, number),
        },
        "today_digitization": {**place, **dict.fromkeys(DIGITIZATION, number)},
        "continued_dossiers": {"dossier_code": text, "unit_code": text, "current_unit_code": text},
        "reused_codes": {"unit_code": text, "dossiers_before": number, "dossiers_since": number},
    }  # fmt: skip
    for name, columns in tables.items():
        made.load(name, columns, made.truth[name])


@pytest.mark.parametrize(
    "holds",
    [
        figures.test_form_ii06,
        figures.test_every_rate_over_dossiers_is_in_the_truth,
        figures.test_rates,
        figures.test_letters_in_all,
        figures.test_digitization,
        figures.test_who_answers_for_delays,
        figures.test_delays_of_a_period_are_the_late_dossiers_of_the_form,
        figures.test_planted_findings,
        figures.test_every_record_once,
        figures.test_the_truth_is_large_and_says_what_it_is,
        people.test_letters_per_officer,
        people.test_registers_of_letters_run_on_without_gap,
        people.test_dossiers_and_steps_per_officer,
        people.test_load_per_officer,
        people.test_load_of_units_beside_their_lateness,
        people.test_posts_of_units,
        people.test_posts_of_todays_units,
        people.test_petitions_by_their_clocks,
        people.test_procedures_announced_late_are_listed,
        people.test_scores_of_units,
        people.test_scores_of_officers,
    ],
    ids=lambda test: test.__name__.removeprefix("test_"),
)
def test_figures_as_it_was(holds: Callable[[Sides], object], sides: Sides) -> None:
    """All that is asked of the sample until 2024 holds of the one that goes through the change."""
    holds(sides)


def test_form_ii06_on_todays_units(sides: Sides) -> None:
    sides.assert_equal(
        "today_dossier_periods", ["period_key", "unit_code", "field_code", "procedure_level"], FORM,
        f"""
        select period_key, unit_code, field_code, procedure_level,
            {", ".join(f"cast(sum({name}) as bigint) as {name}" for name in FORM)}
        from published.main.fct_dossier_periods as form
        join {UNIT_CODES} as units on form.current_unit_id = units.unit_id
        group by all
        """,
    )  # fmt: skip


def test_rates_on_todays_units(sides: Sides) -> None:
    """Dossier by dossier, in the unit that has it today; letters and feedback by their unit's default."""
    sides.assert_equal(
        "today_rates",
        ["period_key", "unit_code", "field_code", "indicator_code", "rule_version"],
        ["numerator", "denominator"],
        f"""
        with verdicts as (
            select period_key, unit_id, field_code, indicator_code, rule_version,
                cast(sum(in_numerator) as bigint) as numerator, cast(sum(in_denominator) as bigint) as denominator
            from (
                select verdicts.*, dossiers.current_unit_id as unit_id, unnest([dossiers.field_code, 'all']) as field_code
                from published.main.fct_dossier_verdicts as verdicts
                join published.main.fct_dossiers as dossiers using (dossier_key)
            )
            group by all
        ),
        others as (
            select period_key, today.unit_code, field_code, indicator_code, rule_version,
                cast(sum(numerator) as bigint) as numerator, cast(sum(denominator) as bigint) as denominator
            from published.main.fct_indicators
            join {TODAY} as today using (unit_id)
            join ({PERIODS}) using (period_key)
            where scope = 'own' and field_code = 'all' and (
                indicator_code like 'DOC_%' or indicator_code like 'PAKN_%'
            )
            group by all
        )
        select period_key, unit_code, field_code, indicator_code, rule_version, numerator, denominator
        from verdicts join {UNIT_CODES} using (unit_id)
        where denominator <> 0
        union all
        select * from others where numerator <> 0 or denominator <> 0
        """,
    )


def test_load_on_todays_units(sides: Sides) -> None:
    """Letters, deadlines and officer-days."""
    sides.assert_equal(
        "today_workload", ["period_key", "unit_code", "officer_id"], WORKLOAD,
        f"""
        select * from (
            select period_key, unit_code, officer_id,
                cast(sum(documents_in) as bigint) as documents_in, cast(sum(documents_out) as bigint) as documents_out,
                cast(sum(documents_in_shared) * 1000000 as bigint) as documents_in_millionths,
                cast(sum(documents_out_shared) * 1000000 as bigint) as documents_out_millionths,
                cast(sum(documents_due) as bigint) as documents_due,
                cast(sum(documents_late) as bigint) as documents_late,
                cast(sum(documents_open_overdue) as bigint) as documents_open_overdue,
                cast(sum(coalesce(working_days_in_post, 0)) as bigint) as working_days_in_post
            from published.main.fct_officer_periods as work
            join {UNIT_CODES} as units on work.current_unit_id = units.unit_id
            join ({PERIODS}) using (period_key)
            where period_type in ('month', 'quarter', 'year')
            group by all
        ) where {" or ".join(f"{name} <> 0" for name in WORKLOAD)}
        """,
    )  # fmt: skip


def test_digitization_on_todays_units(sides: Sides) -> None:
    counted = ", ".join(f"cast(coalesce(sum({name}), 0) as bigint) as {name}" for name in DIGITIZATION)
    sides.assert_equal(
        "today_digitization", ["period_key", "unit_code", "field_code"], DIGITIZATION,
        f"""
        select * from (
            select period_key, unit_code, field_code, {counted}
            from published.main.fct_digitization_periods as digitized
            join {UNIT_CODES} as units on digitized.current_unit_id = units.unit_id
            join ({PERIODS}) using (period_key)
            group by all
        ) where {" or ".join(f"{name} <> 0" for name in DIGITIZATION)}
        """,
    )  # fmt: skip


TABLES = [
    ("fct_dossier_periods", FORM),
    (
        "fct_officer_periods",
        [
            "documents_in", "documents_out", "documents_in_shared", "documents_out_shared", "documents_due",
            "documents_late", "dossiers_received", "dossiers_finished", "dossiers_open", "steps_done",
            "working_days_in_post",
        ],
    ),
    ("fct_digitization_periods", DIGITIZATION),
]  # fmt: skip


@pytest.mark.parametrize(("table", "measures"), TABLES)
def test_todays_units_neither_lose_nor_double(table: str, measures: list[str], sides: Sides) -> None:
    """For every period and unit of today: what it and those it took over had, no more and no less.

    Only a dossier may stand elsewhere than its unit's default: where the register moved it to another heir.
    """
    sums = ", ".join(f"cast(coalesce(sum({name}), 0) as decimal(18, 6)) as {name}" for name in measures)
    as_it_was = f"select period_key, {sums} from published.main.{table} group by period_key"
    by_default = f"""
        select period_key, unit_code, {sums}
        from published.main.{table} join {TODAY} using (unit_id) group by all
    """
    by_today = f"""
        select period_key, unit_code, {sums}
        from published.main.{table} as facts join {UNIT_CODES} as units on facts.current_unit_id = units.unit_id
        group by all
    """
    for counted in (by_default, by_today):
        again = f"select period_key, {sums} from ({counted}) group by period_key"
        for one, other in ((as_it_was, again), (again, as_it_was)):
            assert sides.connection.execute(f"({one}) except ({other})").fetchall() == []
    moved_elsewhere = f"""
        select period_key, codes.unit_code
        from published.main.fct_dossier_periods as form
        join (select distinct unit_id, current_unit_id from published.main.dim_units) as units using (unit_id)
        join {UNIT_CODES} as codes on codes.unit_id in (form.current_unit_id, units.current_unit_id)
        where form.current_unit_id <> units.current_unit_id
    """
    differing = sides.connection.execute(f"""
        select period_key, unit_code from (({by_default}) except ({by_today}))
        union select period_key, unit_code from (({by_today}) except ({by_default}))
    """).fetchall()
    moved = sides.connection.execute(moved_elsewhere).fetchall() if table == "fct_dossier_periods" else []
    assert set(differing) <= set(moved)
    assert bool(differing) == (table == "fct_dossier_periods")


def test_what_happened_in_a_period_stands_once_on_todays_units(sides: Sides) -> None:
    """Dossiers received and finished, letters in and out: counted one by one, and added up over today's units."""
    wrong = sides.connection.execute(f"""
        with happened as (
            select 'received' as what, received_at::date as day from published.main.fct_dossiers where is_counted
            union all
            select 'finished', finished_at::date from published.main.fct_dossiers where is_counted
            union all
            select direction, registered_on from published.main.fct_documents
        ),
        one_by_one as (
            select period_key, what, count(*) as counted
            from happened join ({PERIODS}) on day between starts_on and reckoned_on group by all
        ),
        of_units as (
            select period_key, current_unit_id, 'received' as what, received_online + received_other as counted
            from published.main.fct_dossier_periods
            union all
            select period_key, current_unit_id, 'finished', finished_total from published.main.fct_dossier_periods
            union all
            select period_key, current_unit_id, 'in', documents_in from published.main.fct_officer_periods
            union all
            select period_key, current_unit_id, 'out', documents_out from published.main.fct_officer_periods
        ),
        on_todays_units as (
            select period_key, what, sum(counted) as counted
            from of_units
            join {UNIT_CODES} as units on of_units.current_unit_id = units.unit_id
            join ({PERIODS}) using (period_key)
            group by all having sum(counted) <> 0
        )
        select period_key, what, one_by_one.counted, on_todays_units.counted
        from one_by_one full join on_todays_units using (period_key, what)
        where one_by_one.counted is distinct from on_todays_units.counted
    """).fetchall()
    assert wrong == []


def test_a_dossier_open_across_the_day_keeps_its_unit_and_shows_its_continuing_one(sides: Sides) -> None:
    sides.assert_equal(
        "continued_dossiers", ["dossier_code", "unit_code"], ["current_unit_code"],
        f"""
        select dossier_code, units.unit_code, today.unit_code as current_unit_code
        from published.main.fct_dossiers as dossiers
        join {UNIT_CODES} as units using (unit_id)
        join {UNIT_CODES} as today on dossiers.current_unit_id = today.unit_id
        where received_at < {DAY} and (finished_at is null or finished_at >= {DAY})
        """,
    )  # fmt: skip
    ((elsewhere,),) = sides.connection.execute("""
        select count(*) from truth_continued_dossiers as truth
        join published.main.fct_dossiers as dossiers using (dossier_code)
        join (select distinct unit_id, current_unit_id from published.main.dim_units) as units using (unit_id)
        where dossiers.current_unit_id <> units.current_unit_id
    """).fetchall()
    assert elsewhere >= 3, "no dossier goes on in another unit than the default successor"


def test_reused_codes_never_mix(sides: Sides) -> None:
    """One code, two units: what came before July 2025 is the first one's, what came since the second one's."""
    sides.assert_equal(
        "reused_codes", ["unit_code"], ["dossiers_before", "dossiers_since"],
        """
        select units.unit_code, count(*) filter (dossiers.unit_id = units.unit_code) as dossiers_before,
            count(*) filter (dossiers.unit_id = units.unit_code || '~2025-07-01') as dossiers_since
        from (select distinct split_part(unit_id, '~', 1) as unit_code from published.main.dim_units
            where unit_id like '%~%') as units
        left join published.main.fct_dossiers as dossiers
            on dossiers.unit_id in (units.unit_code, units.unit_code || '~2025-07-01') and dossiers.received_at is not null
        group by all
        """,
    )  # fmt: skip
    both = [row for row in sides.truth["reused_codes"] if row["dossiers_before"] and row["dossiers_since"]]
    assert len(both) >= 10
    days = sides.connection.execute(f"""
        select unit_id, min(received_at) >= {DAY}, max(received_at) < {DAY}
        from published.main.fct_dossiers
        where split_part(unit_id, '~', 1) in (select unit_code from truth_reused_codes) and received_at is not null
        group by unit_id
    """).fetchall()
    assert {unit: since for unit, since, _ in days if since != ("~" in unit)} == {}
    assert {unit: before for unit, _, before in days if before == ("~" in unit)} == {}
    names = sides.connection.execute("""
        select split_part(unit_id, '~', 1) as code, count(distinct unit_name), count(distinct parent_unit_id)
        from published.main.dim_units
        where split_part(unit_id, '~', 1) in (select unit_code from truth_reused_codes) group by code
    """).fetchall()
    assert {row[1:] for row in names} == {(2, 2)}


def test_work_on_saturdays_of_july_makes_them_no_working_days(sides: Sides) -> None:
    finished = sides.connection.execute("""
        select distinct finished_at::date from published.main.fct_dossiers
        where finished_at >= date '2025-07-01' and finished_at < date '2025-08-01' and isodow(finished_at) = 6
    """).fetchall()
    assert finished
    worked = sides.connection.execute("""
        select date_on from published.main.dim_dates
        where date_on between date '2025-07-01' and date '2025-07-31' and isodow(date_on) > 5 and is_working_day
    """).fetchall()
    assert worked == []


@pytest.mark.parametrize(
    ("period", "unit_id"),
    [("2024Q4", "H11.13"), ("2025Q2", "H11.13"), ("2025Q3", "H36.45"), (None, "H36.45")],
)
def test_the_scorecard_is_that_of_the_department_of_the_period(
    period: str | None, unit_id: str, sides: Sides
) -> None:
    assert read_scorecard(sides.home, period).unit_id == unit_id
