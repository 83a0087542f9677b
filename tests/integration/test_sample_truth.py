"""Every number of truth.json on dossiers, letters and results against the published marts of the sample.

Load, posts, petitions and scores: ``test_sample_truth_people``.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.conftest import Warehouse
from tests.integration.truth_sides import (
    DIGITIZATION,
    FORM,
    MARTS_OF_KINDS,
    PERIODS,
    RESPONSIBILITY,
    UNIT_CODES,
    WITH_CHILDREN,
    Sides,
)

# the exports of a tenth of the default sample
DEFAULT_SAMPLE = "3bba8c6b09d94149cce0ed65eae310247325f000278b31abe4bc316a0105f921"


def test_form_ii06(sides: Sides) -> None:
    sides.assert_equal(
        "dossier_periods", ["period_key", "unit_code", "field_code", "procedure_level"], FORM,
        f"""
        select period_key, unit_code, field_code, procedure_level,
            {", ".join(f"cast(sum({name}) as bigint) as {name}" for name in FORM)}
        from published.main.fct_dossier_periods join {UNIT_CODES} using (unit_id)
        group by all
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
        # a person who goes on in another post of the same unit has a row per post
        f"""
        select dossier_code, unit_code, officer_id,
            cast(max(cast(is_holder_at_due as integer)) as bigint) as is_holder_at_due,
            cast(sum(coalesce(working_days_used, 0)) as bigint) as used_days,
            cast(sum(coalesce(working_days_over, 0)) as bigint) as over_days,
            cast(round(sum(working_days_allowed) * 100) as bigint) as allowed_hundredths,
            cast(round(sum(late_days_share) * 1000000) as bigint) as share_millionths,
            max(cause_code) as cause_code
        from published.main.fct_delay_responsibility
        join (select dossier_key, dossier_code from published.main.fct_dossiers) using (dossier_key)
        join (select distinct officer_key, officer_id from published.main.dim_officers) using (officer_key)
        join {UNIT_CODES} using (unit_id)
        group by all
        """,
    )  # fmt: skip
    assert compared > 300


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


def test_the_default_sample_is_byte_for_byte_what_it_was(sample: Warehouse) -> None:
    """Going on to 2025 is an option: without it no byte changes. A change on purpose changes the digest here."""
    landing = sample.landing_folder
    if json.loads((landing / "sample.json").read_text(encoding="utf-8"))["scale"] != 0.1:
        pytest.skip("the digest is that of the tenth")
    assert digest(landing) == DEFAULT_SAMPLE


def digest(folder: Path) -> str:
    """One hash over the names and bytes of all exports below a folder; truth.json grows with what it says."""
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.parent != folder):
        found.update(path.relative_to(folder).as_posix().encode())
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()
