"""A sign-off stands beside the release it is for, and for nothing else; the log is what the releases say."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from dagster_project.errors import CchcError, ConfigError
from dagster_project.home import Home
from dagster_project.publish.history import rebuild
from dagster_project.publish.manifest import release_manifest
from dagster_project.publish.sign_offs import sign, sign_offs
from dagster_project.publish.terminal import print_releases
from tests import fake_marts


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return fake_marts.new_home(tmp_path)


def test_a_release_is_signed_off_and_stays_as_it_was(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    release = fake_marts.release(home)
    day = release_manifest(home, release).released_at.date()
    before = fake_marts.tree(home.published)
    made = sign(home, release, " Nguyễn Văn Mẫu ", day)
    sign(home, release, "Trần Thị Mẫu")
    assert fake_marts.tree(home.published) == before
    assert [each.name for each in sign_offs(home, release)] == ["Nguyễn Văn Mẫu", "Trần Thị Mẫu"]
    assert made.signed_on == day.isoformat() and made.is_valid
    print_releases(home)
    assert f"signed off: {release} by Nguyễn Văn Mẫu, {day}\n" in capsys.readouterr().out


def test_a_sign_off_has_a_name_a_possible_day_and_a_release(home: Home) -> None:
    release = fake_marts.release(home)
    day = release_manifest(home, release).released_at.date()
    with pytest.raises(ConfigError, match="no such release"):
        sign(home, "20240101T000000-aa", "A")
    with pytest.raises(ConfigError, match="give a name"):
        sign(home, release, "  ")
    with pytest.raises(ConfigError, match="before the release"):
        sign(home, release, "A", day - timedelta(days=1))
    with pytest.raises(ConfigError, match="still to come"):
        sign(home, release, "A", day + timedelta(days=2))
    sign(home, release, "A")
    with pytest.raises(ConfigError, match="A has signed it off already"):
        sign(home, release, "A")


def test_a_sign_off_does_not_hold_for_another_content(home: Home) -> None:
    release = fake_marts.release(home)
    sign(home, release, "A")
    folder = home.releases / release
    manifest = folder / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace("publishable", "perfect"), encoding="utf-8"
    )
    assert "NOT THE RELEASE THAT WAS SIGNED" in sign_offs(home, release)[0].label
    (folder / "parquet" / "fct_indicators.parquet").unlink()
    with pytest.raises(CchcError, match="missing or not as released"):
        sign(home, release, "B")


def test_the_log_is_rebuilt_from_the_release_folders_alone(home: Home, tmp_path: Path) -> None:
    with pytest.raises(CchcError, match="nothing is published yet"):
        rebuild(home)
    first = fake_marts.release(home)
    second = fake_marts.release(home, shift=2)
    home.warehouse.unlink()
    found = rebuild(home, tmp_path / "log.parquet")
    assert (found.rows, found.releases, found.is_equal, found.differing) == (108, 2, True, ())
    assert duckdb.sql(f"select count(*) from '{tmp_path / 'log.parquet'}'").fetchall() == [(108,)]
    home.marts.chmod(0o644)
    with duckdb.connect(str(home.marts)) as connection:
        connection.execute(
            f"update published_indicators set numerator = numerator + 1 where release_id = '{first}'"
        )
    assert rebuild(home).differing == (first,) and second != first


def test_after_a_rollback_the_log_ends_with_the_older_release(home: Home) -> None:
    from dagster_project.publish.pointer import rollback

    first = fake_marts.release(home)
    fake_marts.release(home, shift=2)
    rollback(home, first)
    assert (rebuild(home).rows, rebuild(home).releases, rebuild(home).is_equal) == (54, 1, True)
