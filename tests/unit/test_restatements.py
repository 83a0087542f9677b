"""Why one dossier counts otherwise in release B than in release A: each cause on its own, without a refresh."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.home import Home
from dagster_project.publish.diff import diff_releases
from dagster_project.publish.files import write_json
from dagster_project.publish.sides import COLUMNS

DOSSIER: dict[str, Any] = {
    "dossier_key": 1,
    "dossier_code": "D-1",
    "source": "register",
    "unit_id": "a",
    "unit_code": "a",
    "field_code": "land",
    "channel": "online",
    "received_at": "2024-01-02 08:00",
    "original_due_at": "2024-01-10 17:00",
    "due_at": "2024-01-10 17:00",
    "finished_at": "2024-01-09 10:00",
    "is_counted": True,
}
VERDICT: dict[str, Any] = {
    "dossier_key": 1,
    "indicator_code": "OT_06",
    "rule_version": "v1",
    "period_key": "cal:2024Q1",
    "in_numerator": 1,
    "in_denominator": 1,
}
KEY = {"period_key": "cal:2024Q1", "field_code": "all", "indicator_code": "OT_06", "rule_version": "v1"}
RULE = {
    "indicator_code": "OT_06",
    "rule_version": "v1",
    "is_reckoned": True,
    "rule_model": "verdicts_ot_06",
    "definition_fingerprint": "f1",
}
PERIOD = {"period_key": "cal:2024Q1", "starts_on": "2024-01-01", "ends_on": "2024-03-31"}


def tree(*pairs: str) -> list[dict[str, Any]]:
    days = {"valid_from_on": "1900-01-01", "valid_to_on": "9999-12-31"}
    return [{"ancestor_unit_id": pair[0], "descendant_unit_id": pair[1], **days} for pair in pairs]


def figure(unit: str, numerator: int, denominator: int, scope: str = "own", status: str = "final") -> Any:
    return {
        **KEY,
        "unit_id": unit,
        "scope": scope,
        "numerator": numerator,
        "denominator": denominator,
        "value": numerator / denominator if denominator else None,
        "status": status,
    }


class Release:
    """What one release holds: one dossier, one verdict, one figure, unless a case says otherwise."""

    def __init__(self, **tables: list[dict[str, Any]]) -> None:
        self.parts: dict[str, dict[str, str]] = {"maps": {"m.yml": "1"}, "models": {"m.sql": "1"}}
        self.files = ["q1.csv"]
        self.tables: dict[str, list[dict[str, Any]]] = {
            "fct_dossiers": [DOSSIER],
            "fct_dossier_verdicts": [VERDICT],
            "fct_indicators": [figure("a", 1, 1)],
            "dim_indicators": [RULE],
            "dim_periods": [PERIOD],
            "bridge_unit_ancestors": tree("aa", "bb", "pa", "pb", "pp", "qq"),
        } | tables

    def write(self, home: Home, release_id: str) -> None:
        folder = home.releases / release_id / "parquet"
        folder.mkdir(parents=True)
        with duckdb.connect() as connection:
            for name, columns in COLUMNS.items():
                rows = self.tables.get(name, [])
                connection.execute(f"create table {name} ({', '.join(' '.join(c) for c in columns.items())})")
                for row in rows:
                    connection.execute(
                        f"insert into {name} ({', '.join(row)}) values ({', '.join('?' * len(row))})",
                        list(row.values()),
                    )
                connection.execute(f"copy {name} to '{folder / f'{name}.parquet'}'")
        sources = [
            {"file": f, "sha256": f"sha-{f}", "source": "register", "status": "loaded"} for f in self.files
        ]
        names = ["release_id", "created_at", "as_of_on", "run_id", "run_started_at", "content_hash"]
        write_json(
            folder.parent / "manifest.json",
            dict.fromkeys(names, "2024-05-01T00:00:00+07:00")
            | {"release_id": release_id, "is_synthetic": False, "verdict": {}, "sources": sources}
            | {"data_through": {}, "tables": {}, "files": {}, "fingerprint": {"parts": self.parts}},
        )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.prepare()
    return home


def load_rows(home: Home, *rows: tuple[str, str, str]) -> None:
    """Raw rows of dossier D-1 in the working warehouse: kind, file, hash of the row."""
    kinds = ["dossiers", "dossier_steps", "supplement_requests", "due_dates", "pauses", "dossier_documents"]
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            "create schema raw; create table raw._dlt_loads as select 'l' as load_id, 0 as status"
        )
        for kind in kinds:
            values = ", ".join(f"('{file}', '{mark}')" for k, file, mark in rows if k == kind) or "('', '')"
            connection.execute(
                f"""
                create table raw.{kind} as
                select 'D-1' as dossier_code, 'register' as _source, 'D-1' as _record_key, mark as _row_hash,
                    file as _file, 'sha-' || file as _file_sha256, 'l' as _dlt_load_id
                from (values {values}) as told (file, mark) where file <> ''
                """
            )


def causes(home: Home, old: Release, new: Release, unit: str = "a", scope: str = "own") -> list[tuple]:
    """Cause, changes of the counts, and files, of one figure in the difference of two releases."""
    old.write(home, "A")
    new.write(home, "B")
    (value,) = [
        each
        for each in diff_releases(home, "A", "B").values
        if (each.key["unit_id"], each.key["scope"]) == (unit, scope)
    ]
    return [(each.code, each.numerator_change, each.denominator_change, each.files) for each in value.causes]


def late(**changes: Any) -> Release:
    """Release B: the dossier is told otherwise by a new file and not in time any more."""
    new = Release(
        fct_dossiers=[DOSSIER | changes],
        fct_dossier_verdicts=[VERDICT | {"in_numerator": 0}],
        fct_indicators=[figure("a", 0, 1)],
    )
    new.files = ["q1.csv", "q2.csv"]
    return new


def test_a_value_that_a_file_contradicts_is_corrected(home: Home) -> None:
    found = causes(home, Release(), late(finished_at="2024-01-12 10:00"))
    assert found == [("corrected_file", -1, 0, "q2.csv")]
    (dossier,) = diff_releases(home, "A", "B").dossiers
    assert dossier.changes == "finished_at: 2024-01-09 10:00:00 -> 2024-01-12 10:00:00"


@pytest.mark.parametrize(("status", "cause"), [("final", "late_file"), ("provisional", "new_file")])
def test_what_was_not_known_comes_late_unless_the_period_was_open(
    home: Home, status: str, cause: str
) -> None:
    old = Release(
        fct_dossiers=[DOSSIER | {"finished_at": None}],
        fct_dossier_verdicts=[],
        fct_indicators=[figure("a", 0, 0, status=status)],
    )
    new = Release()
    new.files = ["q1.csv", "q2.csv"]
    assert causes(home, old, new) == [(cause, 1, 1, "q2.csv")]
    assert [each.cause for each in diff_releases(home, "A", "B").dossiers] == [cause]


def test_a_new_dossier_comes_late_and_one_that_is_gone_is_corrected(home: Home) -> None:
    empty = {"fct_dossiers": [], "fct_dossier_verdicts": [], "fct_indicators": [figure("a", 0, 0)]}
    new = Release()
    new.files = ["q1.csv", "q2.csv"]
    assert causes(home, Release(**empty), new) == [("late_file", 1, 1, "q2.csv")]
    gone = Release(**empty)
    gone.files = ["q2.csv"]
    other = Home(home.root / "other")
    other.prepare()
    assert causes(other, Release(), gone) == [("corrected_file", -1, -1, "q2.csv")]


def test_a_finish_after_the_period_says_nothing_of_it(home: Home) -> None:
    """The dossier was open at the quarter's end and stays so; that it is finished by now is not the cause."""
    old = Release(fct_dossiers=[DOSSIER | {"finished_at": None}])
    new = late(finished_at="2024-04-20 10:00")
    new.tables["dim_indicators"] = [RULE | {"definition_fingerprint": "f2"}]
    assert causes(home, old, new) == [("rule_change", -1, 0, None)]


@pytest.mark.parametrize(
    ("unit", "code", "successions", "cause"),
    [
        ("b", "a", [], "unit_succession"),
        ("b", "b", [], "corrected_file"),
        ("b", "b", [{"old_unit_id": "a", "new_unit_id": "b"}], "unit_succession"),
    ],
    ids=["same code", "another unit", "its successor"],
)
def test_another_unit_is_a_succession_only_where_there_is_one(
    home: Home, unit: str, code: str, successions: list[dict[str, Any]], cause: str
) -> None:
    new = Release(
        fct_dossiers=[DOSSIER | {"unit_id": unit, "unit_code": code}],
        fct_indicators=[figure("b", 1, 1)],
        bridge_unit_successions=successions,
        ingest_outcomes=[{"sha256": "sha-units.csv", "source": "register", "record_kind": "units"}],
    )
    new.files = ["q1.csv", "units.csv"]
    files = "units.csv" if cause == "unit_succession" else "q1.csv; units.csv"
    (found,) = causes(home, Release(), new)
    assert found[:3] == (cause, -1, -1) and found[3] in files


def test_a_unit_that_hangs_elsewhere_moves_what_stands_above(home: Home) -> None:
    both = [figure("p", 1, 1, "with_children"), figure("q", 0, 0, "with_children")]
    old = Release(fct_indicators=both)
    new = Release(
        fct_indicators=[figure("p", 0, 0, "with_children"), figure("q", 1, 1, "with_children")],
        bridge_unit_ancestors=tree("aa", "bb", "qa", "pb", "pp", "qq"),
    )
    assert causes(home, old, new, "p", "with_children") == [("unit_succession", -1, -1, None)]


def test_the_same_facts_under_another_definition_are_a_rule_change(home: Home) -> None:
    new = late()
    new.tables["dim_indicators"] = [RULE | {"definition_fingerprint": "f2"}]
    assert causes(home, Release(), new) == [("rule_change", -1, 0, None)]
    (dossier,) = diff_releases(home, "A", "B").dossiers
    assert dossier.changes == "definition: f1 -> f2"


def test_a_version_that_took_the_place_of_another_is_held_against_it(home: Home) -> None:
    new = Release(
        fct_dossier_verdicts=[VERDICT | {"rule_version": "v2", "in_numerator": 0}],
        fct_indicators=[figure("a", 0, 1) | {"rule_version": "v2"}],
        dim_indicators=[
            RULE | {"is_reckoned": False},
            RULE | {"rule_version": "v2", "replaces_version": "v1", "definition_fingerprint": "f2"},
        ],
    )
    assert causes(home, Release(), new) == [("rule_change", -1, 0, None)]


def test_the_files_are_those_that_say_something_new_of_the_dossier(home: Home) -> None:
    load_rows(
        home,
        ("dossiers", "q1.csv", "told"),
        ("dossiers", "same.csv", "told"),
        ("dossiers", "other.csv", "otherwise"),
        ("due_dates", "due.csv", "new"),
    )
    new = late(finished_at="2024-01-12 10:00")
    new.files = ["q1.csv", "same.csv", "other.csv", "due.csv", "unrelated.csv"]
    assert causes(home, Release(), new) == [("corrected_file", -1, 0, "due.csv; other.csv")]


@pytest.mark.parametrize(("known", "cause"), [(False, "late_file"), (True, "corrected_file")])
def test_rows_beside_the_dossier_tell_too(home: Home, known: bool, cause: str) -> None:
    """Steps, appointments, pauses: nothing on the dossier itself differs, a row of a new file does."""
    load_rows(home, ("pauses", "q2.csv", "new"), *([("pauses", "q1.csv", "old")] if known else []))
    assert causes(home, Release(), late()) == [(cause, -1, 0, "q2.csv")]


def test_a_corrected_map_reads_the_same_files_otherwise(home: Home) -> None:
    load_rows(home, ("dossiers", "q1.csv", "told"), ("dossiers", "q1.csv", "read otherwise"))
    new = late(finished_at="2024-01-12 10:00")
    new.files, new.parts = ["q1.csv"], {"maps": {"m.yml": "2"}, "models": {"m.sql": "1"}}
    assert causes(home, Release(), new) == [("map_change", -1, 0, None)]


@pytest.mark.parametrize(("model", "cause"), [("2", "program_change"), ("1", "unexplained")])
def test_what_has_no_other_cause_says_so(home: Home, model: str, cause: str) -> None:
    load_rows(home)
    new = late()
    new.files, new.parts = ["q1.csv"], {"maps": {"m.yml": "1"}, "models": {"m.sql": model}}
    assert causes(home, Release(), new) == [(cause, -1, 0, None)]


def test_a_difference_without_a_dossier_is_unexplained(home: Home) -> None:
    new = Release(fct_indicators=[figure("a", 0, 1)])
    assert causes(home, Release(), new) == [("unexplained", -1, 0, None)]


LETTER: dict[str, Any] = {
    "document_key": 7,
    "unit_id": "a",
    "direction": "in",
    "registered_on": "2024-02-01",
    "due_on": "2024-02-10",
}


def letters(*rows: dict[str, Any], count: int, **more: list[dict[str, Any]]) -> Release:
    """A release with letters and their count at the unit above, which has no verdicts."""
    counted = figure("p", count, 0, "with_children") | {"indicator_code": "DOC_IN", "denominator": None}
    found = Release(
        fct_documents=list(rows),
        fct_indicators=[counted | {"value": count}],
        dim_indicators=[RULE | {"indicator_code": "DOC_IN", "rule_model": "document_counts"}],
        ingest_outcomes=[{"sha256": "sha-q2.csv", "source": "letters", "record_kind": "documents"}],
        **more,
    )
    found.files = ["q1.csv"] if count == 1 else ["q1.csv", "q2.csv", "unrelated.csv"]
    return found


@pytest.mark.parametrize(
    ("now", "count", "cause"),
    [
        ([LETTER, LETTER | {"document_key": 8}], 2, "late_file"),
        ([LETTER | {"registered_on": "2024-04-02"}], 0, "corrected_file"),
        (
            [LETTER, LETTER | {"document_key": 8, "registered_on": "2024-04-02", "due_on": None}],
            2,
            "unexplained",
        ),
        (
            [LETTER, LETTER | {"document_key": 8, "registered_on": "2023-12-01", "due_on": None}],
            2,
            "unexplained",
        ),
        ([LETTER, LETTER | {"document_key": 8, "unit_id": "b"}], 2, "late_file"),
        ([LETTER, LETTER | {"document_key": 8, "unit_id": "q"}], 2, "unexplained"),
    ],
    ids=[
        "new",
        "moved out",
        "of the next quarter",
        "of the one before",
        "of a unit below",
        "of a unit elsewhere",
    ],
)
def test_figures_without_verdicts_ask_the_cases_they_count(
    home: Home, now: list[dict[str, Any]], count: int, cause: str
) -> None:
    found = causes(home, letters(LETTER, count=1), letters(*now, count=count), "p", "with_children")
    files = None if cause == "unexplained" else "q2.csv"
    assert found == [(cause, count - 1, 0, files)]


def test_figures_without_verdicts_know_a_changed_rule_too(home: Home) -> None:
    new = letters(LETTER, count=2)
    new.tables["dim_indicators"] = [new.tables["dim_indicators"][0] | {"definition_fingerprint": "f2"}]
    assert causes(home, letters(LETTER, count=1), new, "p", "with_children") == [("rule_change", 1, 0, None)]
