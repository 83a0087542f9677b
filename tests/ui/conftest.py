"""A home with reports, a browser and an office program; a test skips in one line where a program is absent.

With ``CCHC_TEST_PROGRAMS=required`` (``make test-ui``) an absent program is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from dagster_project.home import Home
from dagster_project.scorecard.files import write_reports
from tests import fake_marts

Convert = Callable[..., list[Path]]
PERIOD = "rep:2024Q2"


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        told = f"{name} is not installed; .ci/run installs what the tests of the reports need"
        if os.environ.get("CCHC_TEST_PROGRAMS") == "required":
            pytest.fail(told)
        pytest.skip(told)
    return found


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = fake_marts.new_home(tmp_path_factory.mktemp("ui"))
    fake_marts.release(home)
    write_reports(home, [PERIOD])
    return home


@pytest.fixture(scope="session")
def reports(home: Home) -> Path:
    return home.reports / PERIOD.replace(":", "-")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """Headless Chromium that logs its console and every request; it can resolve no name."""
    options = webdriver.ChromeOptions()
    options.binary_location = _program("chromium")
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={tmp_path_factory.mktemp('browser')}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(_program("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def convert(tmp_path_factory: pytest.TempPathFactory) -> Convert:
    """LibreOffice: converts a file and returns the paths of what it wrote."""
    office = _program("soffice")
    profile = tmp_path_factory.mktemp("profile")

    def convert(path: Path, kind: str = "pdf") -> list[Path]:
        folder = tmp_path_factory.mktemp("converted")
        settings = f"-env:UserInstallation={profile.as_uri()}"
        command = [office, settings, "--headless", "--convert-to", kind, "--outdir", str(folder), str(path)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        return sorted(folder.iterdir())

    return convert
