"""Other processes read while releases come, and a release killed anywhere ends as one complete release."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from dagster_project.home import Home
from dagster_project.publish.content_hash import state_digest, state_hashes
from dagster_project.publish.files import sha256
from dagster_project.publish.manifest import read_manifest, release_ids
from dagster_project.publish.pointer import publish, recover, rollback
from dagster_project.publish.release import write_release
from tests import fake_marts

ROOT = Path(__file__).resolve().parent.parent.parent
PUBLISHES = 20

# A torn read would show dossiers of one release beside indicators of another: 'shift' stands in both.
_READER = """
import sys, duckdb
from pathlib import Path
marts, stop = Path(sys.argv[1]), Path(sys.argv[2])
reads, seen = 0, set()
print("ready", flush=True)
while True:
    is_last = stop.exists()
    with duckdb.connect(str(marts), read_only=True) as connection:
        shift, rows = connection.execute("select max(shift), count(*) from marts.fct_dossiers").fetchone()
        other = connection.execute("select min(numerator) - 880 from marts.fct_indicators").fetchone()[0]
    assert shift == other and rows == 100 + shift, (shift, other, rows)
    reads += 1
    seen.add(shift)
    if is_last:
        break
print(reads, len(seen), max(seen))
"""

_HOLDER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
for line in sys.stdin:
    print(connection.execute("select max(shift), count(*) from marts.fct_dossiers").fetchone(), flush=True)
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return fake_marts.new_home(tmp_path)


def _release(home: Home, shift: int) -> str:
    return fake_marts.release(home, shift=shift, dossiers=100 + shift)


def _python(*arguments: str, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", *arguments], cwd=ROOT, env=os.environ | env, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_readers_see_whole_releases_through_twenty_publications(home: Home, tmp_path: Path) -> None:
    releases = [_release(home, 0), _release(home, 1)]
    stop = tmp_path / "stop"
    readers = [_python(_READER, str(home.marts), str(stop)) for _ in range(3)]
    for reader in readers:
        assert reader.stdout is not None and reader.stdout.readline() == "ready\n"
    for number in range(PUBLISHES - 2):
        publish(home, releases[number % 2])
    _release(home, 2)
    _release(home, 3)
    stop.touch()
    for reader in readers:
        out, error = reader.communicate(timeout=60)
        assert reader.returncode == 0, error
        reads, different, newest = (int(each) for each in out.split())
        assert reads > 10 and different >= 2 and newest == 3


def test_a_process_with_the_old_file_open_goes_on_reading_it(home: Home) -> None:
    first = _release(home, 0)
    holder = _python(_HOLDER, str(home.marts))
    assert holder.stdin is not None and holder.stdout is not None

    def ask() -> str:
        holder.stdin.write("?\n")  # type: ignore[union-attr]
        holder.stdin.flush()  # type: ignore[union-attr]
        return holder.stdout.readline().strip()  # type: ignore[union-attr]

    assert ask() == "(0, 100)"
    _release(home, 1)
    assert ask() == "(0, 100)"
    rollback(home, first)
    _release(home, 2)
    assert ask() == "(0, 100)"
    with duckdb.connect(str(home.marts), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.fct_dossiers").fetchone() == (102,)
        with pytest.raises(duckdb.Error, match="read-only"):
            connection.execute("delete from marts.fct_dossiers")
    holder.communicate(timeout=30)
    assert holder.returncode == 0


_PUBLISH = """
import sys
from pathlib import Path
from dagster_project.home import Home
from tests import fake_marts
fake_marts.release(Home(Path(sys.argv[1])), shift=1, dossiers=101)
"""


@pytest.mark.parametrize(
    ("point", "is_new"),
    [
        ("release.before", False),
        ("release.written", True),
        ("publish.before", True),
        ("publish.marts_renamed", True),
        ("publish.after", True),
    ],
)
def test_killed_at_any_point_ends_as_one_complete_release(home: Home, point: str, is_new: bool) -> None:
    old = _release(home, 0)
    killed = _python(_PUBLISH, str(home.root), CCHC_FAILPOINT=point)
    _, error = killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL, error
    recover(home)
    _assert_complete(home, release_ids(home)[-1])
    assert (read_manifest(home.manifest).release_id != old) == is_new
    before = fake_marts.tree(home.published)
    assert recover(home) is None and fake_marts.tree(home.published) == before
    _assert_complete(home, _release(home, 2))


_ROLLBACK = """
import sys
from pathlib import Path
from dagster_project.home import Home
from dagster_project.publish.pointer import rollback
rollback(Home(Path(sys.argv[1])), sys.argv[2])
"""


def test_a_killed_rollback_is_finished(home: Home) -> None:
    first = _release(home, 0)
    _release(home, 1)
    killed = _python(_ROLLBACK, str(home.root), first, CCHC_FAILPOINT="publish.marts_renamed")
    _, error = killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL, error
    assert recover(home) == first
    _assert_complete(home, first)


def test_killed_while_writing_or_naming_keeps_the_old_release(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between announcement and name there is no failpoint: here the rename fails, with the draft left."""
    old = _release(home, 0)
    fake_marts.build(home, shift=1, dossiers=101)
    with monkeypatch.context() as patched:
        patched.setattr("dagster_project.publish.release.shutil.rmtree", lambda *_, **__: None)
        patched.setattr("dagster_project.publish.release.fsync", lambda path: None)
        patched.setattr(Path, "rename", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            write_release(home, fake_marts.facts("run-2"))
    assert (home.published / "PENDING").exists() and list(home.releases.glob(".writing-*"))
    assert recover(home) is None
    _assert_complete(home, old)


def _assert_complete(home: Home, release_id: str) -> None:
    """Everything published is this release's, byte by byte, and nothing else lies about."""
    manifest = read_manifest(home.manifest)
    assert manifest.release_id == release_id
    assert manifest == read_manifest(home.releases / release_id / "manifest.json")
    for name, facts in manifest.files.items():
        assert sha256(home.published / name) == facts["sha256"]
    names = {
        path.relative_to(home.published).as_posix() for path in home.published.rglob("*") if path.is_file()
    }
    published = {name for name in names if not name.startswith("releases/")}
    assert published == {*manifest.files, "manifest.json"}
    assert not list(home.published.rglob(".writing-*"))
    assert state_digest(state_hashes(home.marts)) == manifest.content_hash
