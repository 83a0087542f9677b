"""A critical finding in any layer stops the publication, and no layer hides what another one finds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

from tests.conftest import ROOT, Warehouse

TABLES = {"raw": "dossiers", "staging": "stg_dossiers", "marts": "fct_dossiers"}

# A reader that opened the file before the blocked run and reads it again after each line it is sent.
READER = """
import sys, duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
for _ in sys.stdin:
    print(con.execute("select count(*) from marts.fct_dossiers").fetchone()[0], flush=True)
"""


def plant(folder: Path) -> None:
    """In each layer a rule that the data breaks: no dossier may exist."""
    for layer, table in TABLES.items():
        path = next(folder.glob(f"{layer}/{table}.yml"), None)
        suite = (
            yaml.safe_load(path.read_text())
            if path
            else {
                "table": table,
                "layer": layer,
                "owner": "test",
                "description": "planted | vi: thử",
                "expectations": [],
            }
        )
        suite["expectations"].append(
            {
                "id": f"planted_{layer}",
                "type": "expect_table_row_count_to_equal",
                "kwargs": {"value": 0},
                "severity": "critical",
                "description": "Planted by a test. | vi: Do kiểm thử đặt.",
            }
        )
        target = path or folder / layer / f"{table}.yml"
        target.write_text(yaml.safe_dump(suite, allow_unicode=True, sort_keys=False))


def test_critical_findings_of_all_layers(wabo_copy: Callable[[], Warehouse], tmp_path: Path) -> None:
    warehouse = wabo_copy()
    before = {p: p.stat().st_mtime_ns for p in (warehouse.home / "published").rglob("*")}
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(warehouse.marts)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert reader.stdin and reader.stdout
    reader.stdin.write("now\n")
    assert reader.stdout.readline().strip() == "1434"

    suites = tmp_path / "expectations"
    subprocess.run(["cp", "-r", str(ROOT / "expectations"), str(suites)], check=True)
    plant(suites)
    done = warehouse.refresh("--as-of", "2012-01-24", expect=1, CCHC_EXPECTATIONS=str(suites))

    assert "nothing published" in done.stderr
    run = max((warehouse.home / "runs").iterdir())
    verdict = json.loads((run / "verdict.json").read_text())
    assert {row["expectation_id"] for row in verdict["blocking"]} == {f"planted_{layer}" for layer in TABLES}
    logged = warehouse.query(
        "select expectation_id from control.quality_results where expectation_id like 'planted_%'"
        " and status = 'fail' order by 1",
        published=False,
    )
    assert [row[0] for row in logged] == ["planted_marts", "planted_raw", "planted_staging"]
    assert {p: p.stat().st_mtime_ns for p in (warehouse.home / "published").rglob("*")} == before
    reader.stdin.write("again\n")
    assert reader.stdout.readline().strip() == "1434"
    reader.stdin.close()
    reader.wait(timeout=10)
    assert warehouse.query("select count(*) from marts.fct_dossiers") == [(1434,)]
    assert "planted_" in warehouse.run("status").stdout


def test_every_step_leaves_the_working_warehouse_free(wabo_copy: Callable[[], Warehouse]) -> None:
    """After a run another process can open the working file even for writing."""
    warehouse = wabo_copy()
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, duckdb; duckdb.connect(sys.argv[1]).execute('create table t(i int)')",
            str(warehouse.build),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
