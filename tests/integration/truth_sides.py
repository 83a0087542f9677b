"""The truth.json of a sample beside its published marts, in one DuckDB session.

``assert_equal`` joins a list of the truth in full with a query on the marts: what stands on one side only is a
difference too. Zeros are left out on both sides, because the marts and the truth may each leave out a row in which
nothing happened.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from dagster_project.home import Home
from dagster_project.ingest.pseudonyms import load_key, pseudonym

WITH_CHILDREN = ("H11", "000.00.13.H11", "000.10.13.H11", "H36", "H36.45", "H36.45.10")
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
OFFICER_SCORES = [
    "tenths",
    "indices_count",
    *(f"index_{n}_{what}" for n in (1, 2, 3) for what in ("tenths", "cases")),
]
UNIT_WORKLOAD = [
    "officers_count", "working_days_in_post", "documents_in", "documents_out", "documents_due", "documents_late",
    "documents_open_overdue", "dossiers_received", "dossiers_finished", "dossiers_open", "steps_done",
    "load_documents_count", "load_dossiers_count", "load_steps_count", "posts_assigned", "posts_filled", "posts_vacant", "dossiers_judged", "dossiers_late",
]  # fmt: skip
POSTS = ["posts_assigned", "posts_filled", "posts_vacant"]
CURRENT_POSTS = ["units_count", "assigned_millionths", "filled_millionths"]
PETITION = ["due_on", "is_answered_on_time", "publication_due_on", "is_published_on_time", "is_satisfied"]
# periods with a day of the sample's life; the stock of results makes rows of earlier periods too
PERIODS = """
    select period_key, period_type, starts_on, least(ends_on, as_of_on) as reckoned_on
    from published.main.dim_periods
    cross join (select cast(as_of as date) as as_of_on from truth_head)
    where ends_on >= date '2022-10-01' and starts_on <= as_of_on
"""
# a code that was given anew is two units: the truth names the later one by the code and its first day
UNIT_CODES = """(
    select distinct unit_id, case when unit_id like '%~%' then unit_id else unit_code end as unit_code
    from published.main.dim_units
)"""
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
        of_persons = "documents", "officer_dossiers", "workload", "delay_responsibility", "officer_scores"
        for name in (*of_persons, "today_workload"):
            for row in truth.get(name, []):
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
        repeats = {**gaps, "register_no": text}
        del repeats["first_no"]
        made.load("register_repeats", repeats, truth["register_repeats"])
        made.load(
            "unit_workload",
            {"period_key": text, "unit_code": text, "scope": text, **dict.fromkeys(UNIT_WORKLOAD, number)},
            truth["unit_workload"],
        )
        of_year = {"unit_code": text, "year": number}
        made.load("posts", {**of_year, **dict.fromkeys(POSTS, number)}, truth["posts"])
        made.load(
            "current_posts", {**of_year, **dict.fromkeys(CURRENT_POSTS, number)}, truth["current_posts"]
        )
        petition = {name: text if name.endswith("_on") else number for name in PETITION}
        made.load("petitions", {"petition_code": text, **petition}, truth["petitions"])
        duty = dict.fromkeys(("procedure_code", "valid_from_on", "rule_version", "due_on"), text)
        made.load("late_publications", duty, truth["late_publications"])
        made.load(
            "officer_scores",
            {
                "period_key": text,
                "unit_code": text,
                "officer_id": text,
                **dict.fromkeys(OFFICER_SCORES, number),
            },
            truth["officer_scores"],
        )
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
