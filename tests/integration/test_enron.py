"""The Enron letters through one map: every letter once, every recipient once, whatever the log repeats.

What must come out is reckoned here from the CSV in plain Python and compared with the published answers too.
"""

from __future__ import annotations

import csv
import gzip
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import ROOT, Warehouse, shared_data

Row = dict[str, str]


@pytest.fixture(scope="module")
def enron(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The log, loaded through the map of the fixtures alone. Read only."""
    home = tmp_path_factory.mktemp("enron") / "home"
    (home / "sources").mkdir(parents=True)
    shutil.copy(ROOT / "tests/fixtures/maps/enron-letters.yml", home / "sources")
    warehouse = Warehouse(home, sources=home / "sources", landing=shared_data("enron"))
    warehouse.refresh()
    return warehouse


@pytest.fixture(scope="module")
def log() -> list[Row]:
    with gzip.open(shared_data("enron") / "messages.csv.gz", "rt") as handle:
        return list(csv.DictReader(handle))


def answers(name: str) -> list[Row]:
    with (Path(shared_data("enron")) / name).open() as handle:
        return list(csv.DictReader(handle))


def quarter(time: str) -> str:
    return f"{time[:4]}-Q{(int(time[5:7]) + 2) // 3}"


def test_letters_by_sender_and_quarter(enron: Warehouse, log: list[Row]) -> None:
    letters = {(row["time"], row["from_id"]) for row in log}
    expected = Counter((quarter(time), sender) for time, sender in letters)
    got = enron.query("""
        select strftime(registered_on, '%Y') || '-Q' || quarter(registered_on), main_officer_id, count(*)
        from marts.fct_documents where direction = 'out' group by 1, 2
    """)
    assert {(label, sender): count for label, sender, count in got} == expected
    assert sum(expected.values()) == 22_923
    by_quarter = Counter[str]()
    for label, _, count in got:
        by_quarter[label] += count
    assert by_quarter == {row["quarter"]: int(row["letters"]) for row in answers("enron_by_quarter.csv")}


def test_letters_received_by_person_count_twins_once(enron: Warehouse, log: list[Row]) -> None:
    received = {(row["time"], row["from_id"], row["to_id"]) for row in log}
    expected = Counter(person for _, _, person in received)
    got = dict(
        enron.query("select officer_id, count(*) from marts.bridge_document_handlers group by officer_id")
    )
    assert got == expected
    assert sum(got.values()) == 38_184
    published = {row["person_id"]: int(row["received_letters"]) for row in answers("enron_by_person.csv")}
    assert got == {person: count for person, count in published.items() if count}


def test_a_letter_to_many_is_one_letter_in_shares(enron: Warehouse, log: list[Row]) -> None:
    handlers: dict[tuple[str, str], set[str]] = {}
    for row in log:
        handlers.setdefault((row["time"], row["from_id"]), {row["from_id"]}).add(row["to_id"])
    got = enron.query(
        "select count(distinct document_key), count(*), sum(share) from facts.document_shares",
        published=False,
    )
    assert got == [(len(handlers), sum(map(len, handlers.values())), 22_923)]


def test_the_year_1979_is_flagged_and_kept(enron: Warehouse, log: list[Row]) -> None:
    expected = len({(row["time"], row["from_id"]) for row in log if row["time"].startswith("1979")})
    got = enron.query("""
        select count(*), count(*) filter (registered_on < date '1980-01-01') from marts.fct_documents
        where flags like '%day_far_from_register%'
    """)
    assert got == [(expected, expected)]
    assert expected == 20


def test_every_row_read_is_accounted_for(enron: Warehouse, log: list[Row]) -> None:
    got = {
        kind: counts
        for kind, *counts in enron.query(
            "select record_kind, rows_read, rows_loaded, rows_duplicate, rows_quarantined from marts.ingest_outcomes"
        )
    }
    letters = len({(row["time"], row["from_id"]) for row in log})
    distinct = len({(row["time"], row["from_id"], row["to_id"], row["recip_type"]) for row in log})
    assert (len(log), letters, distinct) == (125_409, 22_923, 46_445)
    assert got == {
        "documents": [125_409, letters, 125_409 - letters, 0],
        "document_handlers": [125_409, distinct, 125_409 - distinct, 0],
    }
