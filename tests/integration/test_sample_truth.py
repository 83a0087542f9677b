"""Every number of truth.json against the published marts of the sample, in both directions.

Each test joins a list of the truth in full with the table that says the same: what stands on one side only
is a difference too. Zeros are left out on both sides, because the marts and the truth may each leave out a
row in which nothing happened.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from dagster_project.home import Home
from dagster_project.ingest.pseudonyms import load_key, pseudonym

WITH_CHILDREN = ("H11", "000.00.13.H11", "000.10.13.H11")
FORM = [
    "received_online", "received_other", "carried_in", "received_total", "finished_early", "finished_on_time",
    "finished_late", "finished_total", "open_in_time", "open_overdue", "open_total", "withdrawn", "refused",
    "stopped",
]  # fmt: skip
OFFICER = ["dossiers_received", "dossiers_finished", "dossiers_open", "steps_done"]
WORKLOAD = [
    "documents_in", "documents_out", "documents_in_millionths", "documents_out_millionths", "documents_due",
    "documents_late", "documents_open_overdue", "working_days_in_post",
]  # fmt: skip
DIGITIZATION = [
    "results_valid", "results_valid_digitized", "results_issued", "results_issued_electronic", "dossiers_to_scan",
    "dossiers_scanned", "dossiers_reusing_data",
]  # fmt: skip
RESPONSIBILITY = ["is_holder_at_due", "used_days", "over_days", "allowed_hundredths", "share_millionths"]
SCORES = ["tenths", "indices_count", "points", "cases_count"]
# periods with a day of the sample's life; the stock of results makes rows of earlier periods too
PERIODS = """
    select period_key, period_type, starts_on, least(ends_on, as_of_on) as reckoned_on
    from published.main.dim_periods
    cross join (select cast(as_of as date) as as_of_on from truth_head)
    where ends_on >= date '2022-10-01' and starts_on <= as_of_on
"""
UNIT_CODES = "(select distinct unit_id, unit_code from published.main.dim_units)"
# record kinds that one mart holds row by row; the others are counted where they are typed
MARTS_OF_KINDS = {
    "dossiers": "fct_dossiers",
    "dossier_steps": "fct_dossier_steps",
    "documents": "fct_documents",
    "document_handlers": "bridge_document_handlers",
}


@dataclass(frozen=True)
class Sides:
    """The truth and the marts of one home in one DuckDB session."""

    truth: dict[str, Any]
    home: Home
    connection: duckdb.DuckDBPyConnection

    def load(self, name: str, columns: dict[str, pa.DataType], rows: list[dict[str, Any]]) -> None:
        schema = pa.schema(list(columns.items()))
        self.connection.register(f"truth_{name}", pa.Table.from_pylist(rows, schema))

    def assert_equal(self, name: str, keys: list[str], values: list[str], marts: str) -> int:
        """Full join of ``truth_<name>`` with a query on the marts; the number of truth rows that agreed."""
        shown_keys = ", ".join(keys)
        pairs = "".join(
            f", truth.{value} as truth_{value}, marts.{value} as marts_{value}" for value in values
        )
        differs = "".join(f" or truth.{value} is distinct from marts.{value}" for value in values)
        found = self.connection.execute(f"""
            with truth as (select *, true as is_there from truth_{name}),
            marts as (select *, true as is_there from ({marts}))
            select {shown_keys}, truth.is_there as in_truth, marts.is_there as in_marts {pairs}
            from truth full join marts using ({shown_keys})
            where truth.is_there is null or marts.is_there is null {differs}
            order by {shown_keys}
        """)
        names = [column[0] for column in found.description]
        rows = found.fetchall()
        shown = "\n".join(str(dict(zip(names, row, strict=True))) for row in rows[:10])
        assert not rows, f"{len(rows)} rows of {name} differ, such as\n{shown}"
        ((count,),) = self.connection.execute(f"select count(*) from truth_{name}").fetchall()
        assert count, f"the truth has no {name}"
        return count


@contextmanager
def both_sides(home: Home) -> Iterator[Sides]:
    """The truth.json of a sample beside its marts; officers of the truth under their pseudonyms."""
    truth = json.loads((home.landing / "truth.json").read_text(encoding="utf-8"))
    key = load_key(home.secrets, has_data=True)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home.marts}' as published (read_only)")
        made = Sides(truth, home, connection)
        text, number = pa.string(), pa.int64()
        made.load("head", {"as_of": text}, [{"as_of": truth["as_of"]}])
        for name in ("documents", "officer_dossiers", "workload", "delay_responsibility"):
            for row in truth[name]:
                person = row.pop("officer_name")
                row["officer_id"] = pseudonym(person, key) if person else "unknown"
        place = {"period_key": text, "unit_code": text, "field_code": text}
        made.load(
            "dossier_periods",
            {**place, "procedure_level": text, **dict.fromkeys(FORM, number)},
            truth["dossier_periods"],
        )
        made.load(
            "rates",
            {
                **place, "scope": text, "indicator_code": text, "rule_version": text,
                "numerator": number, "denominator": number,
            },
            truth["rates"],
        )  # fmt: skip
        letters = {"documents_in": number, "documents_out": number}
        made.load("documents", {"period_key": text, "officer_id": text, **letters}, truth["documents"])
        made.load("document_totals", {"period_key": text, **letters}, truth["document_totals"])
        made.load(
            "officer_dossiers",
            {"period_key": text, "unit_code": text, "officer_id": text, **dict.fromkeys(OFFICER, number)},
            truth["officer_dossiers"],
        )
        made.load(
            "workload",
            {"period_key": text, "unit_code": text, "officer_id": text, **dict.fromkeys(WORKLOAD, number)},
            truth["workload"],
        )
        gaps = {"direction": text, "register_year": number, "first_no": number, "numbers_count": number}
        made.load("register_gaps", gaps, truth["register_gaps"])
        made.load("petitions", {"petition_code": text, "due_on": text}, truth["petitions"])
        made.load("digitization", {**place, **dict.fromkeys(DIGITIZATION, number)}, truth["digitization"])
        made.load(
            "delay_responsibility",
            {
                "dossier_code": text, "unit_code": text, "officer_id": text, **dict.fromkeys(RESPONSIBILITY, number),
                "cause_code": text,
            },
            truth["delay_responsibility"],
        )  # fmt: skip
        made.load(
            "unit_scores",
            {"period_key": text, "unit_code": text, "scope": text, **dict.fromkeys(SCORES, number)},
            truth["unit_scores"],
        )
        findings = [
            {"finding_code": code, "dossier_code": dossier}
            for code, dossiers in truth["findings"].items()
            for dossier in dossiers
        ]
        made.load("findings", {"finding_code": text, "dossier_code": text}, findings)
        made.load(
            "rows", {"kind": text, "n": number}, [{"kind": k, "n": n} for k, n in truth["rows"].items()]
        )
        yield made


@pytest.fixture(scope="module")
def sides(sample_home: Home) -> Iterator[Sides]:
    """The two sides of the sample without faults."""
    with both_sides(sample_home) as made:
        yield made


def test_form_ii06(sides: Sides) -> None:
    sides.assert_equal(
        "dossier_periods", ["period_key", "unit_code", "field_code", "procedure_level"], FORM,
        f"""
        select period_key, unit_code, field_code, procedure_level, {", ".join(FORM)}
        from published.main.fct_dossier_periods join {UNIT_CODES} using (unit_id)
        """,
    )  # fmt: skip


def test_every_rate_over_dossiers_is_in_the_truth(sides: Sides) -> None:
    """Both directions start from the truth's rules: none may be missing there."""
    rows = sides.connection.execute("""
        select distinct indicator_code, rule_version from published.main.fct_dossier_verdicts
        where in_denominator = 1
        except select indicator_code, rule_version from truth_rates
    """).fetchall()
    assert rows == []
    quantiles = {row["indicator_code"] for row in sides.truth["rates"]} & {
        "LATE_OPEN_MEDIAN",
        "LATE_OPEN_P90",
    }
    assert len(quantiles) == 2


def test_rates(sides: Sides) -> None:
    above = ", ".join(f"'{unit}'" for unit in WITH_CHILDREN)
    sides.assert_equal(
        "rates",
        ["period_key", "unit_code", "scope", "field_code", "indicator_code", "rule_version"],
        ["numerator", "denominator"],
        f"""
        select period_key, unit_code, scope, field_code, indicator_code, rule_version,
            cast(numerator as bigint) as numerator, cast(denominator as bigint) as denominator
        from published.main.fct_indicators
        join {UNIT_CODES} using (unit_id)
        join ({PERIODS}) using (period_key)
        where (scope = 'own' or unit_code in ({above}))
            and (indicator_code, rule_version) in (select (indicator_code, rule_version) from truth_rates)
            and (numerator <> 0 or denominator <> 0)
        """,
    )


def test_a_ratio_is_its_numerator_through_its_denominator(sides: Sides) -> None:
    wrong = sides.connection.execute("""
        select period_key, unit_id, indicator_code, numerator, denominator, value
        from published.main.fct_indicators
        where measure_type = 'ratio'
            and value is distinct from
            case when denominator > 0 then cast(numerator as double) / cast(denominator as double) end
    """).fetchall()
    assert wrong == []


def test_letters_per_officer(sides: Sides) -> None:
    sides.assert_equal(
        "documents", ["period_key", "officer_id"], ["documents_in", "documents_out"],
        f"""
        select period_key, officer_id,
            sum(documents_in)::bigint as documents_in, sum(documents_out)::bigint as documents_out
        from published.main.fct_officer_periods join ({PERIODS}) using (period_key)
        where documents_in <> 0 or documents_out <> 0
        group by all
        """,
    )  # fmt: skip


def test_letters_in_all(sides: Sides) -> None:
    sides.assert_equal(
        "document_totals", ["period_key"], ["documents_in", "documents_out"],
        f"""
        select period_key, count(*) filter (direction = 'in') as documents_in,
            count(*) filter (direction = 'out') as documents_out
        from published.main.fct_documents join ({PERIODS}) on registered_on between starts_on and reckoned_on
        group by period_key
        """,
    )  # fmt: skip


def test_registers_of_letters_run_on_without_gap(sides: Sides) -> None:
    assert sides.truth["register_gaps"] == []
    found = sides.connection.execute("select * from published.main.fct_document_findings").fetchall()
    assert found == []


def test_dossiers_and_steps_per_officer(sides: Sides) -> None:
    sides.assert_equal(
        "officer_dossiers", ["period_key", "unit_code", "officer_id"], OFFICER,
        f"""
        select period_key, unit_code, officer_id, {", ".join(OFFICER)}
        from published.main.fct_officer_periods
        join {UNIT_CODES} using (unit_id)
        join ({PERIODS}) using (period_key)
        where period_type in ('quarter', 'year') and ({" or ".join(f"{name} <> 0" for name in OFFICER)})
        """,
    )  # fmt: skip


def test_load_per_officer(sides: Sides) -> None:
    """Letters in both measures, deadlines and days in post, in the unit of each officer's post."""
    counted = """
        documents_in, documents_out,
        cast(documents_in_shared * 1000000 as bigint) as documents_in_millionths,
        cast(documents_out_shared * 1000000 as bigint) as documents_out_millionths,
        documents_due, documents_late, documents_open_overdue,
        coalesce(working_days_in_post, 0) as working_days_in_post
    """
    sides.assert_equal(
        "workload", ["period_key", "unit_code", "officer_id"], WORKLOAD,
        f"""
        select * from (
            select period_key, unit_code, officer_id, {counted}
            from published.main.fct_officer_periods
            join {UNIT_CODES} using (unit_id)
            join ({PERIODS}) using (period_key)
            where period_type in ('quarter', 'year')
        ) where {" or ".join(f"{name} <> 0" for name in WORKLOAD)}
        """,
    )  # fmt: skip


def test_load_of_2023_in_both_measures_over_officers_units_and_months(sides: Sides) -> None:
    """The department's article of 2023: 24,201 letters in and 10,016 out."""
    columns = "documents_in", "documents_in_shared", "documents_out", "documents_out_shared"
    sums = ", ".join(f"sum({name})" for name in columns)
    by_month = "period_key in (select period_key from published.main.dim_periods where calendar = 'cal' and period_type = 'month' and year_no = 2023)"
    counts = [
        sides.connection.execute(f"select {sums} from published.main.{table} where {chosen}").fetchone()
        for table, chosen in [
            ("fct_officer_periods", "period_key = 'cal:2023'"),
            ("fct_officer_periods", by_month),
            ("fct_unit_workload_periods", "scope = 'own' and period_key = 'cal:2023'"),
            ("fct_unit_workload_periods", f"scope = 'own' and {by_month}"),
            ("fct_unit_workload_periods", "scope = 'with_children' and unit_id = 'root' and period_key = 'cal:2023'"),
        ]
    ]  # fmt: skip
    assert counts == [(24201, 24201, 10016, 10016)] * 5


def test_last_days_of_petitions(sides: Sides) -> None:
    sides.assert_equal(
        "petitions", ["petition_code"], ["due_on"],
        """
        select petition_code, strftime(due_on, '%Y-%m-%d') as due_on
        from published.main.fct_petitions where due_on is not null
        """,
    )  # fmt: skip


def test_digitization(sides: Sides) -> None:
    # no receipt, no result: the marts leave empty what the truth counts as 0
    counted = ", ".join(f"coalesce({name}, 0) as {name}" for name in DIGITIZATION)
    sides.assert_equal(
        "digitization", ["period_key", "unit_code", "field_code"], DIGITIZATION,
        f"""
        select period_key, unit_code, field_code, {counted}
        from published.main.fct_digitization_periods
        join {UNIT_CODES} using (unit_id)
        join ({PERIODS}) using (period_key)
        where {" or ".join(f"{name} <> 0" for name in DIGITIZATION)}
        """,
    )  # fmt: skip


def test_who_answers_for_delays(sides: Sides) -> None:
    # where nothing is known of days the marts leave them empty, and the truth counts 0
    compared = sides.assert_equal(
        "delay_responsibility", ["dossier_code", "unit_code", "officer_id"], [*RESPONSIBILITY, "cause_code"],
        f"""
        select dossier_code, unit_code, officer_id, cast(is_holder_at_due as bigint) as is_holder_at_due,
            cast(coalesce(working_days_used, 0) as bigint) as used_days,
            cast(coalesce(working_days_over, 0) as bigint) as over_days,
            cast(round(working_days_allowed * 100) as bigint) as allowed_hundredths,
            cast(round(late_days_share * 1000000) as bigint) as share_millionths, cause_code
        from published.main.fct_delay_responsibility
        join (select dossier_key, dossier_code from published.main.fct_dossiers) using (dossier_key)
        join (select distinct officer_key, officer_id from published.main.dim_officers) using (officer_key)
        join {UNIT_CODES} using (unit_id)
        """,
    )  # fmt: skip
    assert compared > 1000


def test_delays_of_a_period_are_the_late_dossiers_of_the_form(sides: Sides) -> None:
    rows = sides.connection.execute("""
        with answered as (
            select period_key, sum(late_dossier_count) as late, sum(late_days_share) as shares
            from published.main.fct_delay_responsibility_periods group by period_key
        ),
        form as (
            select period_key, sum(finished_late) as finished_late
            from published.main.fct_dossier_periods group by period_key having sum(finished_late) > 0
        )
        select period_key, late, finished_late, shares
        from answered full join form using (period_key)
        order by period_key
    """).fetchall()
    assert len(rows) > 50
    assert [row for row in rows if row[1] != row[2] or abs(row[3] - 1) > 1e-6] == []


def test_scores_of_units(sides: Sides) -> None:
    """Circular 01/2018: what ``fct_unit_scores`` says, and that SCORE_01 is published as the same figure."""
    above = ", ".join(f"'{unit}'" for unit in WITH_CHILDREN)
    compared = sides.assert_equal(
        "unit_scores", ["period_key", "unit_code", "scope"], SCORES,
        f"""
        select period_key, unit_code, scope, cast(round(10 * scores.score) as bigint) as tenths,
            cast(published.max_score / 2 as bigint) as indices_count, published.numerator as points,
            published.denominator as cases_count
        from published.main.fct_unit_scores as scores
        join published.main.fct_indicators as published using (period_key, unit_id, scope)
        join {UNIT_CODES} using (unit_id)
        join ({PERIODS}) using (period_key)
        where published.indicator_code = 'SCORE_01' and published.value = scores.score
            and published.score = scores.score and (scope = 'own' or unit_code in ({above}))
        """,
    )  # fmt: skip
    assert compared > 500


def test_planted_findings(sides: Sides) -> None:
    """Every finding, and no other. Only what was never synced is no fault that anybody planted."""
    sides.assert_equal(
        "findings", ["finding_code", "dossier_code"], [],
        """
        select distinct finding_code, dossier_code
        from published.main.fct_integrity_findings
        where finding_code <> 'local_only'
        """,
    )  # fmt: skip


def test_every_record_once(sides: Sides) -> None:
    """What stands in a register and in the sync, or in several extracts, is one record."""
    sides.connection.execute(f"attach '{sides.home.warehouse}' as build (read_only)")
    try:
        counts = " union all ".join(
            f"select '{kind}' as kind, "
            + (
                f"count(*) as n from published.main.{MARTS_OF_KINDS[kind]}"
                if kind in MARTS_OF_KINDS
                else f"count(distinct record_key) as n from build.staging.stg_{kind}"
            )
            for kind in sides.truth["rows"]
        )
        sides.assert_equal("rows", ["kind"], ["n"], counts)
    finally:
        sides.connection.execute("detach build")


def test_the_truth_is_large_and_says_what_it_is(sides: Sides) -> None:
    assert sides.truth["synthetic"] is True
    lists = [rows for rows in sides.truth.values() if isinstance(rows, list)]
    numbers = sum(isinstance(value, int) for rows in lists for row in rows for value in row.values())
    assert sides.truth["count"] == numbers + len(sides.truth["rows"])
    assert sides.truth["count"] >= 2000
    keys = sides.connection.execute(f"select period_key from ({PERIODS})").fetchall()
    assert {key for (key,) in keys} == {row["period_key"] for row in sides.truth["document_totals"]}


def test_the_published_figures_of_2023(sides: Sides) -> None:
    rows = sides.connection.execute(f"""
        select indicator_code, value
        from published.main.fct_indicators join {UNIT_CODES} using (unit_id)
        where period_key = 'cal:2023' and unit_code = '000.00.13.H11' and scope = 'with_children'
            and field_code = 'all' and rule_version in ('by_date_v1', 'v1')
    """).fetchall()
    values = dict(rows)
    assert round(100 * values["OT_06"], 2) == 90.08
    assert (values["DOC_IN"], values["DOC_OUT"]) == (24201, 10016)
