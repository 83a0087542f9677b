"""A refresh needs no network: it passes in a network namespace that has none, not even a loopback."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, Warehouse
from tests.integration.small import write_files, write_maps


def test_refresh_without_any_network(new_home: Callable[..., Warehouse], tmp_path: Path) -> None:
    unshare = shutil.which("unshare")
    if not unshare or subprocess.run([unshare, "--net", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no right to make a network namespace here (unshare --net)")
    warehouse = new_home(sources=write_maps(tmp_path / "maps"))
    write_files(warehouse.landing_folder)
    done = subprocess.run(
        [unshare, "--net", sys.executable, "-m", "dagster_project.cli", "refresh"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "CCHC_HOME": str(warehouse.home),
            "CCHC_SOURCES": str(warehouse.sources),
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert warehouse.query("select count(*) from marts.fct_dossiers") == [(5,)]
