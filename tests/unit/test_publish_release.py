"""A release is complete, read-only, described, and remembers what was published before it."""

from __future__ import annotations

import json
import stat
from datetime import datetime, tzinfo
from pathlib import Path

import duckdb
import pytest

from dagster_project.errors import CchcError, ConfigError
from dagster_project.home import Home
from dagster_project.publish import history as history_module
from dagster_project.publish import release as release_module
from dagster_project.publish.content_hash import state_hashes
from dagster_project.publish.diff import diff_releases
from dagster_project.publish.files import sha256
from dagster_project.publish.fingerprint import Fingerprint
from dagster_project.publish.history import published_indicator_rows
from dagster_project.publish.manifest import list_releases, read_manifest, release_ids
from dagster_project.publish.pointer import publish, recover, rollback
from dagster_project.publish.release import write_release
from dagster_project.publish.terminal import print_diff, print_releases
from tests import fake_marts


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return fake_marts.new_home(tmp_path)


def _query(path: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_release_holds_the_tables_their_comments_and_their_parquet(home: Home) -> None:
    release_id = fake_marts.release(home)
    tables = {name for (name,) in _query(home.marts, "select table_name from information_schema.tables")}
    assert tables == {
        name
        for (name,) in _query(
            home.warehouse, "from duckdb_tables() select table_name where schema_name = 'marts'"
        )
    }
    assert not _query(home.marts, "select view_name from duckdb_views() where not internal")
    assert _query(home.marts, "select comment from duckdb_tables() where table_name = 'fct_dossiers'") == [
        ("One row per dossier · Mỗi hồ sơ một dòng, người dân's",)
    ]
    assert _query(home.marts, "select comment from duckdb_columns() where column_name = 'received_at'") == [
        ("Ngày tiếp nhận",)
    ]
    assert _query(
        home.marts, "select distinct tags['storage_version'] from duckdb_databases() where not internal"
    ) == [("v1.2.0+",)]
    assert {path.stem for path in (home.published / "parquet").iterdir()} == tables
    files = [home.marts, home.manifest, *(home.published / "parquet").iterdir()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o444}
    assert not list(home.releases.glob(".*")) and not list((home.releases / release_id).glob("*.wal"))
    manifest = json.loads(home.manifest.read_text())
    assert manifest["tables"]["fct_dossiers"]["rows"] == 100
    assert manifest["data_through"] == {"register": "2024-07-19 10:00:00"}
    assert manifest["sources"][0]["sha256"] == "aa" and manifest["is_synthetic"] is False
    assert manifest["files"]["marts.duckdb"]["sha256"] == sha256(home.marts)
    assert state_hashes(home.marts) == state_hashes(home.warehouse)


def test_the_quality_log_is_that_of_the_end_of_the_run(home: Home) -> None:
    fake_marts.build(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            "alter table marts.quality_results add column remark varchar"
        )  # not in the log yet
    publish(home, write_release(home, fake_marts.facts()))
    found = _query(home.marts, "select count(*), min(suite), count(remark) from marts.quality_results")
    assert found == [(3, "marts", 0)]


def test_published_indicators_grow_by_each_release(home: Home) -> None:
    assert published_indicator_rows(home).num_rows == 0
    first = fake_marts.release(home)
    second = fake_marts.release(home, shift=2)
    rows = _query(
        home.marts,
        "select release_id, count(*), min(numerator) from marts.published_indicators group by 1 order by 1",
    )
    assert rows == [(first, 54, 880.0), (second, 54, 882.0)]
    known = published_indicator_rows(home)
    assert known.num_rows == 108 and {"release_id", "released_at", "numerator"} <= set(known.column_names)
    assert known.column_names[:-2] == list(history_module.INDICATOR_COLUMNS)


def test_published_indicators_survive_a_new_column(home: Home) -> None:
    fake_marts.release(home)
    fake_marts.build(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("alter table marts.fct_indicators add column rank bigint default 7")
        connection.execute("alter table marts.published_indicators add column rank bigint")
    publish(home, write_release(home, fake_marts.facts()))
    assert _query(home.marts, "select count(*), count(rank) from marts.published_indicators") == [(108, 54)]
    rows = published_indicator_rows(home)
    assert rows.num_rows == 108 and rows["rank"].null_count == 54


def test_equal_content_gives_an_equal_hash_and_a_later_id(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    class StoppedClock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> StoppedClock:
            return cls(2026, 1, 15, 9, 30, tzinfo=tz)

    monkeypatch.setattr(release_module, "datetime", StoppedClock)
    first, second = fake_marts.release(home), fake_marts.release(home, seed=3)
    assert (first[:15], second[:15]) == ("20260115T093000", "20260115T093001")
    assert first[-8:] == second[-8:]
    assert diff_releases(home, first, second).values == []
    changed = {change.table for change in diff_releases(home, first, second).tables}
    assert changed == {"published_indicators"}


def test_parquet_of_equal_content_has_equal_bytes(home: Home) -> None:
    first, second = fake_marts.release(home), fake_marts.release(home, seed=3)
    name = "parquet/fct_dossiers.parquet"
    assert sha256(home.releases / first / name) == sha256(home.releases / second / name)


def test_a_failed_release_leaves_no_folder(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CchcError, match="no working warehouse"):
        write_release(home, fake_marts.facts())
    fake_marts.build(home)
    monkeypatch.setattr(release_module, "_seal", lambda draft: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_release(home, fake_marts.facts())
    assert release_ids(home) == [] and not list(home.releases.iterdir())
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("drop schema marts cascade")
    with pytest.raises(CchcError, match="schema marts is empty"):
        write_release(home, fake_marts.facts())


def test_publishing_again_touches_nothing(home: Home) -> None:
    release_id = fake_marts.release(home)
    before = fake_marts.tree(home.published)
    assert publish(home, release_id) is False
    assert recover(home) is None
    assert fake_marts.tree(home.published) == before


def test_building_and_failing_touch_nothing_published(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_marts.release(home)
    before = {
        name: facts for name, facts in fake_marts.tree(home.published).items() if not name.startswith("rel")
    }
    fake_marts.build(home, shift=9)
    monkeypatch.setattr(release_module, "_seal", lambda draft: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_release(home, fake_marts.facts())
    after = {
        name: facts for name, facts in fake_marts.tree(home.published).items() if not name.startswith("rel")
    }
    assert after == before


def test_a_table_that_is_gone_leaves_no_parquet_behind(home: Home) -> None:
    fake_marts.release(home)
    fake_marts.build(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("drop table marts.fct_dossiers")
    publish(home, write_release(home, fake_marts.facts()))
    assert not (home.published / "parquet" / "fct_dossiers.parquet").exists()


def test_rollback_goes_back_and_says_so(home: Home) -> None:
    first, second = fake_marts.release(home), fake_marts.release(home, dossiers=50)
    assert rollback(home, first).release_id == first
    assert read_manifest(home.manifest).release_id == first
    assert _query(home.marts, "select count(*) from marts.fct_dossiers") == [(100,)]
    assert [entry.is_current for entry in list_releases(home)] == [True, False]
    third = fake_marts.release(home)
    assert third > second


def test_rollback_refuses_unknown_and_damaged_releases(home: Home) -> None:
    first, second = fake_marts.release(home), fake_marts.release(home, dossiers=50)
    with pytest.raises(ConfigError, match=rf"^nope: no such release; newest known: {second}, {first} "):
        rollback(home, "nope")
    damaged = home.releases / first / "parquet" / "dim_units.parquet"
    damaged.chmod(0o644)
    damaged.write_bytes(b"PAR1")
    with pytest.raises(CchcError, match=r"dim_units\.parquet: missing or not as released"):
        rollback(home, first)
    assert read_manifest(home.manifest).release_id == second


def test_without_hard_links_files_are_copied(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise PermissionError(1, "no links here")

    monkeypatch.setattr("os.link", refuse)
    release_id = fake_marts.release(home)
    assert home.marts.stat().st_nlink == 1 and stat.S_IMODE(home.marts.stat().st_mode) == 0o444
    before = fake_marts.tree(home.published)
    assert publish(home, release_id) is False and fake_marts.tree(home.published) == before


def test_recover_mends_what_somebody_deleted(home: Home) -> None:
    release_id = fake_marts.release(home)
    (home.published / "parquet" / "dim_units.parquet").unlink()
    home.marts.unlink()
    (home.published / ".writing-marts.duckdb").write_bytes(b"half")
    assert recover(home) == release_id
    assert home.marts.exists() and not list(home.published.glob(".writing*"))
    home.manifest.unlink()
    assert recover(home) == release_id


def test_diff_names_values_tables_and_reasons(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    first = fake_marts.release(home)
    fake_marts.build(home, shift=5, dossiers=90)
    fingerprint = Fingerprint({"files": {}, "maps": {"m.yml": "cc"}})
    second = write_release(home, fake_marts.facts("run-2", fingerprint, sha256="dd"))
    diff = diff_releases(home, first, second)
    assert diff.reasons == ["files (~q1.csv)", "maps (~m.yml)"]
    assert [(t.old_rows, t.new_rows) for t in diff.tables if t.table == "fct_dossiers"] == [(100, 90)]
    assert len(diff.values) == 54 and (diff.added, diff.removed) == (0, 0)
    value = next(
        v
        for v in diff.values
        if tuple(v.key.values()) == ("rep:2023Q4", "root", "own", "all", "OT_06", "by_date_v1")
    )
    assert (value.old_value, value.new_value, value.old_counts) == (0.89, 0.895, (890.0, 1000.0))
    print_diff(home, first, second)
    print_releases(home)
    printed = capsys.readouterr().out
    assert "maps (~m.yml)" in printed and "54 changed" in printed and second in printed
    with pytest.raises(ConfigError, match="no such release"):
        diff_releases(home, first, "x")


def test_diff_counts_new_rows_instead_of_listing_them(home: Home) -> None:
    first = fake_marts.release(home)
    fake_marts.build(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            "update marts.fct_indicators set period_key = 'rep:2025Q1' where period_key = 'rep:2024Q3'"
        )
        connection.execute(
            "update marts.fct_indicators set value = null, numerator = null, denominator = null"
            " where period_key = 'rep:2025Q1'"
        )
    second = write_release(home, fake_marts.facts())
    diff = diff_releases(home, first, second)
    assert (len(diff.values), diff.added, diff.removed) == (9, 9, 9)
    assert {(value.key["period_key"], value.new_value) for value in diff.values} == {("rep:2024Q3", None)}
