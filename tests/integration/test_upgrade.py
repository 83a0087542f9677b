"""A home that an earlier version made goes on: the same state, the old releases untouched, nothing read twice."""

from __future__ import annotations

import hashlib
import tarfile
from pathlib import Path

import pytest

from tests.conftest import ROOT, Warehouse

HOMES = sorted((ROOT / "tests" / "fixtures").glob("home-*.tar.xz"))
# What the first version published of the small register; later versions may add columns, never change these.
DOSSIERS = """
    select dossier_code, unit_code, channel, timeliness, is_on_time_by_date,
        strftime(due_at, '%Y-%m-%d %H:%M'), strftime(finished_at, '%Y-%m-%d %H:%M')
    from fct_dossiers order by dossier_code
"""


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("packed", HOMES, ids=lambda path: path.name.removesuffix(".tar.xz"))
def test_an_older_home_is_refreshed_in_place(packed: Path, tmp_path: Path) -> None:
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path, filter="data")
    old = Warehouse(tmp_path / "home", sources=tmp_path / "home" / "sources")
    before = old.query(DOSSIERS)
    releases = {row[0] for row in old.query("select distinct release_id from published_indicators")}
    loaded = old.query("select count(*) from raw.dossiers", published=False)
    kept = digests(old.home / "published" / "releases")
    assert len(before) == 5 and len(releases) == 1 and len(kept) > 10

    old.refresh("--force")

    assert old.query(DOSSIERS) == before
    assert old.query("select count(*) from raw.dossiers", published=False) == loaded, "nothing is read twice"
    after = digests(old.home / "published" / "releases")
    assert kept.items() <= after.items() and len(after) > len(kept), "releases are immutable"
    now = {row[0] for row in old.query("select distinct release_id from published_indicators")}
    assert releases < now and len(now) == 2
    assert old.run("releases", "list").stdout.count("\n") >= 2
