"""The content hash tells contents apart and nothing else."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dagster_project.errors import CchcError
from dagster_project.publish.content_hash import main, state_digest, state_hashes, table_content_hash
from tests import fake_marts


def _hash(select: str, *exclude: str) -> tuple[int, str]:
    with duckdb.connect() as connection:
        connection.execute(f"create table t as {select}")
        return tuple(table_content_hash(connection, "main", "t", exclude))


_BASE = "select 1 as a, 'x' as b union all select 2, null"


@pytest.mark.parametrize(
    "same",
    [
        "select 2 as a, null::varchar as b union all select 1, 'x'",  # another order of rows
        "select 'x' as b, 1 as a union all select null, 2",  # another order of columns
    ],
)
def test_order_does_not_matter(same: str) -> None:
    assert _hash(_BASE) == _hash(same)


@pytest.mark.parametrize(
    "other",
    [
        "select 1 as a, 'x' as b union all select 2, ''",  # NULL is not the empty text
        "select 1 as a, 'x' as b union all select 2, 'NULL'",
        "select 1 as a, 'x' as b union all select 2, null union all select 2, null",  # a row twice
        "select 1 as a, 'x' as c union all select 2, null",  # another column name
        "select 1 as a, null as b union all select 2, 'x'",  # a cell in the other row
        "select 1 as a, 'x ' as b union all select 2, null",
    ],
)
def test_other_content_gives_another_hash(other: str) -> None:
    assert _hash(_BASE) != _hash(other)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("select 'a|' as a, 'b' as b", "select 'a' as a, '|b' as b"),
        ("select '1:x' as a, null as b", "select null as a, '1:x' as b"),
        ("select 1 as a, 23 as b", "select 12 as a, 3 as b"),
        ("select ['a,b'] as a", "select ['a', 'b'] as a"),
        (
            "select 'x' as a union all select 'x'",
            "select 'y' as a union all select 'y'",
        ),  # XOR would see nothing
    ],
)
def test_cells_do_not_run_into_each_other(one: str, two: str) -> None:
    assert _hash(one) != _hash(two)


def test_sums_of_floating_point_numbers_are_not_compared_to_the_last_bit() -> None:
    assert _hash("select 0.1::double + 0.2::double as a") == _hash("select 0.3::double as a")
    assert _hash("select -0.0::double as a") == _hash("select 0.0::double as a")
    assert _hash("select 0.3001::double as a") != _hash("select 0.3::double as a")


def test_the_session_s_time_zone_does_not_matter() -> None:
    hashes = set()
    for zone in ("UTC", "Asia/Ho_Chi_Minh"):
        with duckdb.connect() as connection:
            connection.execute(f"set timezone = '{zone}'")
            connection.execute("create table t as select timestamptz '2024-01-01 00:00:00+00' as a")
            hashes.add(table_content_hash(connection, "main", "t"))
    assert len(hashes) == 1


def test_excluded_columns_and_empty_tables() -> None:
    assert _hash("select 1 as a, 2 as b", "b") == _hash("select 1 as a, 3 as b", "b")
    assert _hash("select 1 as a where false")[0] == 0
    with duckdb.connect() as connection, pytest.raises(CchcError, match=r"main\.nowhere: no such table"):
        table_content_hash(connection, "main", "nowhere")


def test_a_rebuild_in_another_order_has_the_same_state(tmp_path: Path) -> None:
    one, two, other = (fake_marts.new_home(tmp_path / name) for name in "abc")
    fake_marts.build(one, seed=0)
    fake_marts.build(two, seed=5)
    fake_marts.build(other, dossiers=101)
    assert state_hashes(one.warehouse) == state_hashes(two.warehouse)
    changed = {t for t, h in state_hashes(other.warehouse).items() if state_hashes(one.warehouse)[t] != h}
    assert changed == {"fct_dossiers"}


def test_logs_and_what_earlier_releases_said_are_not_state(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = fake_marts.new_home(tmp_path)
    fake_marts.build(home)
    before = state_hashes(home.warehouse)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("insert into marts.ingest_outcomes (file, rows_read) values ('q2.csv', 1)")
        connection.execute("update marts.fct_indicators set status = 'restated', published_value = 1")
        connection.execute(
            "update marts.fct_indicators set restatement_reason = 'x', published_release_id = 'r'"
        )
    assert state_hashes(home.warehouse) == before
    assert not before.keys() & {"published_indicators", "ingest_outcomes", "quality_results"}
    assert main([str(home.warehouse)]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith(state_digest(before))
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("update marts.fct_indicators set numerator = 1")
    assert state_hashes(home.warehouse) != before
