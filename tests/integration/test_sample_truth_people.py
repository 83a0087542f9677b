"""Every number of truth.json on people and services: load, posts, petitions, publications, scores."""

from __future__ import annotations

from tests.integration.truth_sides import (
    CURRENT_POSTS,
    OFFICER,
    OFFICER_SCORES,
    PERIODS,
    PETITION,
    POSTS,
    SCORES,
    UNIT_CODES,
    UNIT_WORKLOAD,
    WITH_CHILDREN,
    WORKLOAD,
    Sides,
)


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


def test_registers_of_letters_run_on_without_gap(sides: Sides) -> None:
    assert sides.truth["register_gaps"] == sides.truth["register_repeats"] == []
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
        where period_type in ('month', 'quarter', 'year') and ({" or ".join(f"{name} <> 0" for name in OFFICER)})
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
            where period_type in ('month', 'quarter', 'year')
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


def test_load_of_units_beside_their_lateness(sides: Sides) -> None:
    """Persons, days, letters, posts and lateness at every node, reckoned there."""
    above = ", ".join(f"'{unit}'" for unit in WITH_CHILDREN)
    counted = ", ".join(f"coalesce({name}, 0) as {name}" for name in UNIT_WORKLOAD)
    compared = sides.assert_equal(
        "unit_workload", ["period_key", "unit_code", "scope"], UNIT_WORKLOAD,
        f"""
        select * from (
            select period_key, unit_code, scope, {counted}
            from published.main.fct_unit_workload_periods
            join {UNIT_CODES} using (unit_id)
            join ({PERIODS}) using (period_key)
            where period_type in ('month', 'quarter', 'year') and (scope = 'own' or unit_code in ({above}))
        ) where {" or ".join(f"{name} <> 0" for name in UNIT_WORKLOAD)}
        """,
    )  # fmt: skip
    assert compared > 2000


def test_load_and_lateness_are_quotients_of_what_stands_beside_them(sides: Sides) -> None:
    """Per working day in post, and late of all that was judged: at every node from its own counts."""
    wrong = sides.connection.execute("""
        select period_key, unit_id, scope from published.main.fct_unit_workload_periods
        where documents_per_day is distinct from load_documents_count / nullif(working_days_in_post, 0)
            or dossiers_per_day is distinct from load_dossiers_count / nullif(working_days_in_post, 0)
            or steps_per_day is distinct from load_steps_count / nullif(working_days_in_post, 0)
            or documents_late_share is distinct from documents_late / nullif(documents_due, 0)
            or dossiers_late_share is distinct from dossiers_late / nullif(dossiers_judged, 0)
            or posts_vacant is distinct from posts_assigned - posts_filled
    """).fetchall()
    assert wrong == []


def test_posts_of_units(sides: Sides) -> None:
    sides.assert_equal(
        "posts", ["unit_code", "year"], POSTS,
        f"select unit_code, year, {', '.join(POSTS)} from published.main.fct_posts join {UNIT_CODES} using (unit_id)",
    )  # fmt: skip


def test_posts_of_todays_units(sides: Sides) -> None:
    """Every post once, in the unit that stands where its own stood."""
    sides.assert_equal(
        "current_posts", ["unit_code", "year"], CURRENT_POSTS,
        f"""
        select unit_code, year, units_count, cast(round(posts_assigned * 1000000) as bigint) as assigned_millionths,
            cast(round(posts_filled * 1000000) as bigint) as filled_millionths
        from published.main.fct_current_posts join {UNIT_CODES} on current_unit_id = unit_id
        """,
    )  # fmt: skip
    (sums,) = sides.connection.execute("""
        select sum(posts_assigned), sum(posts_filled), sum(posts_vacant) from published.main.fct_posts
    """).fetchall()
    (today,) = sides.connection.execute("""
        select round(sum(posts_assigned)), round(sum(posts_filled)), round(sum(posts_vacant))
        from published.main.fct_current_posts
    """).fetchall()
    assert sums == today and sums[2] > 0


def test_petitions_by_their_clocks(sides: Sides) -> None:
    """Last day for the answer and for putting it up, whether each was kept, and what the sender said."""
    flags = ", ".join(f"cast({name} as bigint) as {name}" for name in PETITION if name.startswith("is_"))
    days = ", ".join(f"strftime({name}, '%Y-%m-%d') as {name}" for name in PETITION if name.endswith("_on"))
    sides.assert_equal(
        "petitions", ["petition_code"], PETITION,
        f"select petition_code, {days}, {flags} from published.main.fct_petitions",
    )  # fmt: skip
    known = sides.connection.execute("""
        select count(is_answered_on_time), count(is_published_on_time), count(is_satisfied) from truth_petitions
    """).fetchone()
    assert known is not None and min(known) > 50


def test_procedures_announced_late_are_listed(sides: Sides) -> None:
    """PUB_ONTIME: every version that was decided or put online after its day, and no other."""
    sides.assert_equal(
        "late_publications", ["procedure_code", "valid_from_on", "rule_version"], ["due_on"],
        """
        select procedure_code, strftime(valid_from_on, '%Y-%m-%d') as valid_from_on, rule_version,
            strftime(due_on, '%Y-%m-%d') as due_on
        from (
            select *, 'decided_v1' as rule_version, decision_due_on as due_on, is_decided_on_time as is_kept
            from published.main.dim_procedures
            union all
            select *, 'online_v1', online_due_on, is_online_on_time from published.main.dim_procedures
        ) where not is_kept
        """,
    )  # fmt: skip


def test_scores_of_officers(sides: Sides) -> None:
    """Circular 01/2018: indices 1, 2 and 3 of every officer in every unit, and their sum."""
    by_index = ", ".join(
        f"cast(coalesce(round(10 * index_{n}_score), 0) as bigint) as index_{n}_tenths,"
        f" coalesce(index_{n}_cases_count, 0) as index_{n}_cases"
        for n in (1, 2, 3)
    )
    compared = sides.assert_equal(
        "officer_scores", ["period_key", "unit_code", "officer_id"], OFFICER_SCORES,
        f"""
        select period_key, unit_code, officer_id, cast(round(10 * score) as bigint) as tenths, indices_count, {by_index}
        from published.main.fct_officer_scores
        join {UNIT_CODES} using (unit_id)
        join ({PERIODS}) using (period_key)
        where period_type in ('quarter', 'year')
        """,
    )  # fmt: skip
    assert compared > 1000
