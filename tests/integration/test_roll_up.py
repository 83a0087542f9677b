"""with_children is ``own`` added up over the tree, at every node; ratios are reckoned there and never averaged.

One query per published table that has scopes, over the sample: every indicator, rule version, period, field and
index in it. Quantiles and numbers of persons do not add up and are left to the truth.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.integration.truth_sides import Sides


@dataclass(frozen=True)
class Table:
    """What adds up in a table with scopes, and what has to be reckoned anew from it.

    ``keys``: its grain beside period, unit and scope. ``ratios``: column → SQL over the counts added up.
    """

    name: str
    counts: list[str]
    ratios: dict[str, str]
    keys: list[str] = field(default_factory=list)
    where: str = "true"


def _per(counted: str, whole: str) -> str:
    return f"cast({counted} as double) / nullif({whole}, 0)"


TABLES = [
    Table(
        "fct_indicators",
        ["numerator", "denominator"],
        {"value": f"case measure_type when 'count' then numerator else {_per('numerator', 'denominator')} end"},
        ["measure_type", "field_code", "indicator_code", "rule_version"],
        "measure_type in ('ratio', 'count')",
    ),
    # a score is no quotient: its points and cases add up
    Table(
        "fct_indicators",
        ["numerator", "denominator"],
        {},
        ["field_code", "indicator_code", "rule_version"],
        "measure_type = 'score'",
    ),
    Table(
        "fct_unit_workload_periods",
        [
            "working_days_in_post", "posts_assigned", "posts_filled", "posts_vacant", "documents_in", "documents_out",
            "documents_in_shared", "documents_out_shared", "documents_due", "documents_late", "documents_open_overdue",
            "dossiers_received", "dossiers_finished", "dossiers_open", "steps_done", "dossiers_judged", "dossiers_late",
            "load_documents_count", "load_dossiers_count", "load_steps_count",
        ],
        {
            "documents_per_day": _per("load_documents_count", "working_days_in_post"),
            "dossiers_per_day": _per("load_dossiers_count", "working_days_in_post"),
            "steps_per_day": _per("load_steps_count", "working_days_in_post"),
            "documents_late_share": _per("documents_late", "documents_due"),
            "dossiers_late_share": _per("dossiers_late", "dossiers_judged"),
        },
    ),
    Table(
        "fct_unit_index_scores",
        ["points", "cases_count"],
        {"score": """case when index_no <> 8 then floor((20 * points + cases_count) / (2.0 * cases_count)) / 10
                     when points = cases_count then 2 when points * 10 >= cases_count * 9 then 1 else 0 end"""},
        ["index_no"],
        "reckoning <> 'reported'",
    ),
    Table("fct_unit_scores", ["points", "cases_count"], {}),
]  # fmt: skip
BELOW = """
    select period_key, ancestor_unit_id, descendant_unit_id
    from published.main.bridge_unit_ancestors
    join published.main.dim_periods on ends_on between valid_from_on and valid_to_on
"""
# Subjects that have to be among the indicators; those without a case in the sample are not.
EXPECTED = {
    "OT_06", "OT_ORIG", "OT_766", "OT_61", "LATE_OPEN", "LATE_OPEN_1_5", "APOLOGY", "SUPP_LATE", "SUPP_MULTI", "ONLINE",
    "SYNC", "DIG_STOCK", "DIG_RESULT", "DIG_COMP", "REUSE", "DOC_IN", "DOC_OUT", "DOC_LATE", "PAKN_OT", "PAKN_SAT",
    "PUB_ONTIME", "SCORE_01",
}  # fmt: skip


def gaps(sides: Sides, table: Table, relation: str) -> list[tuple]:
    """Nodes of ``relation`` that differ from what lies below them; at most twenty."""
    keys = ["period_key", "unit_id", *table.keys]
    listed = "".join(f", rows.{key}" for key in table.keys)
    sums = "".join(f", sum(coalesce({name}, 0)) as {name}" for name in table.counts)
    again = "".join(f", {sql} as anew_{name}" for name, sql in table.ratios.items())
    shown = "".join(f", found.{name} as found_{name}" for name in table.ratios)
    counted = "".join(
        f", coalesce(found.{name}, 0) <> coalesce(expected.{name}, 0) as differs_{name}"
        for name in table.counts
    )
    where = " or ".join(
        [f"differs_{name}" for name in table.counts]
        + [f"round(found_{name}, 9) is distinct from round(anew_{name}, 9)" for name in table.ratios]
    )
    return sides.connection.execute(f"""
        with rows as (select * from {relation} where {table.where}),
        sums as (
            select rows.period_key, below.ancestor_unit_id as unit_id {listed} {sums}
            from rows join ({BELOW}) as below
                on rows.period_key = below.period_key and rows.unit_id = below.descendant_unit_id
            where rows.scope = 'own'
            group by all
        ),
        expected as (select * {again} from sums),
        found as (select * from rows where scope = 'with_children'),
        compared as (
            select {", ".join(keys)}, expected.unit_id is null or found.scope is null as is_missing
                {shown} {counted} {"".join(f", anew_{name}" for name in table.ratios)}
            from expected full join found using ({", ".join(keys)})
        )
        select * from compared where is_missing or {where} limit 20
    """).fetchall()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.name}-{table.where}")
def test_a_node_is_what_lies_below_it(sides: Sides, table: Table) -> None:
    assert gaps(sides, table, f"published.main.{table.name}") == []


def test_every_indicator_is_among_them(sides: Sides) -> None:
    found = sides.connection.execute("""
        select distinct indicator_code from published.main.fct_indicators
        where scope = 'with_children' and unit_id = 'root' and measure_type <> 'quantile'
    """).fetchall()
    assert {code for (code,) in found} >= EXPECTED
    ((open_kinds,),) = sides.connection.execute("""
        select count(distinct measure_type) from published.main.fct_indicators
        where measure_type not in ('ratio', 'count', 'score', 'quantile')
    """).fetchall()
    assert open_kinds == 0, "a kind of figure that nobody says how to add up"


@pytest.mark.parametrize(
    ("table", "column"),
    [(table, column) for table in TABLES for column in table.ratios],
    ids=lambda one: getattr(one, "name", one),
)
def test_an_averaged_ratio_would_be_found(sides: Sides, table: Table, column: str) -> None:
    """The same table with the mean of the units' own ratios at every node above them."""
    keys = ["period_key", "unit_id", *table.keys]
    listed = "".join(f", rows.{key}" for key in table.keys)
    sides.connection.execute(f"""
        create or replace temp table averaged as
        with rows as (select * from published.main.{table.name} where {table.where}),
        means as (
            select rows.period_key, below.ancestor_unit_id as unit_id {listed}, avg(rows.{column}) as mean
            from rows join ({BELOW}) as below
                on rows.period_key = below.period_key and rows.unit_id = below.descendant_unit_id
            where rows.scope = 'own'
            group by all
        )
        select rows.* replace (case when scope = 'own' then rows.{column} else means.mean end as {column})
        from rows left join means using ({", ".join(keys)})
    """)
    assert gaps(sides, table, "averaged")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.name}-{table.where}")
def test_a_lost_unit_would_be_found(sides: Sides, table: Table) -> None:
    sides.connection.execute(f"""
        create or replace temp table lossy as
        select * from published.main.{table.name}
        where not (scope = 'own' and unit_id = (
            select unit_id from published.main.{table.name}
            where scope = 'own' and {table.counts[-1]} > 0 order by period_key desc, unit_id limit 1
        ))
    """)
    assert gaps(sides, table, "lossy")
