"""``make docs``: every published table and column stands in the dictionary, every check on the quality page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb

from dagster_project.home import Home
from tests.conftest import ROOT, Warehouse


def write_pages(home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dagster_project.pages"],
        cwd=ROOT,
        env={**os.environ, "CCHC_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_pages_hold_everything_and_no_outside_link(wabo: Warehouse) -> None:
    done = write_pages(wabo.home)
    assert done.returncode == 0, done.stderr
    pages = [Path(line) for line in done.stdout.splitlines()]
    assert [page.name for page in pages] == ["dictionary.html", "quality.html", "dbt.html", "index.html"]
    dictionary, quality, dbt, _ = (page.read_text() for page in pages)
    with duckdb.connect(str(Home(wabo.home).marts), read_only=True) as connection:
        columns = connection.execute(
            "select table_name, column_name, comment from duckdb_columns() where not internal"
        ).fetchall()
        checks = connection.execute("select count(*) from quality_results").fetchone()
    assert len(columns) > 300
    for table, column, comment in columns:
        assert f'id="{table}"' in dictionary
        assert f"<code>{column}</code>" in dictionary
        assert comment and " | vi: " in comment, f"{table}.{column} has no Vietnamese description"
    assert checks and quality.count('<tr><td class="status">') == checks[0]
    assert "fct_dossier_verdicts" in dbt
    for page in (dictionary, quality):
        assert not re.search(r"""(?:src|href)=["']?https?:""", page)


def test_nothing_published_is_one_line(tmp_path: Path) -> None:
    done = write_pages(tmp_path)
    assert done.returncode == 3
    assert "nothing is published yet" in done.stderr and done.stderr.count("\n") == 1
