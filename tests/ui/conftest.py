"""A home with reports, a browser and an office program; a test skips in one line where a program is absent.

With ``CCHC_TEST_PROGRAMS=required`` (``make test-ui``) an absent program is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from dagster_project.home import Home
from dagster_project.publish.pointer import publish
from dagster_project.publish.release import write_release
from dagster_project.scorecard.files import write_reports
from tests import fake_marts

Convert = Callable[..., list[Path]]
PERIOD = "rep:2024Q2"

# What other tests of the reports do not need, so that no section of the page is empty here: results digitized, a
# score, own figures of units, and a figure that was restated.
_MORE = """
create temp table shapes as
select 'DIG_STOCK' as indicator_code, 'v1' as rule_version, 'Tỷ lệ số hóa' as name_vi, 'Digitized' as name_en,
    'ratio' as measure_type
union all select 'SCORE_01', 'v1', 'Điểm đánh giá', 'Score', 'score';

insert into marts.dim_indicators by name
select * exclude (measure_type), 1 as display_order from shapes;

insert into marts.fct_indicators by name
select figures.* replace (
    shapes.indicator_code as indicator_code, shapes.rule_version as rule_version,
    shapes.measure_type as measure_type, 20 as numerator, 36 as denominator,
    case shapes.measure_type when 'score' then 14.5 else 20 / 36 end as value,
    case when shapes.measure_type = 'score' then 14.5 else 4.1 end as score,
    case when shapes.measure_type = 'score' then 18 else 6 end as max_score, null as target, null as is_met
)
from marts.fct_indicators as figures cross join shapes
where figures.indicator_code = 'OT_06' and figures.rule_version = 'by_date_v1';

-- own figures of a unit below, over all fields and in land with a target
insert into marts.fct_indicators by name
select figures.* replace (unit as unit_id, 'own' as scope, field as field_code, if(unit = 'VP', 700, 800) as numerator,
    if(unit = 'VP', 0.7, 0.8) as value)
from marts.fct_indicators as figures
cross join (values ('VP', 'all'), ('VP', 'land'), ('root', 'land')) as more (unit, field)
where figures.unit_id = 'root' and figures.scope = 'own';

insert into marts.fct_indicators by name
select * replace ('land' as field_code, 640 as numerator, 0.64 as value)
from marts.fct_indicators
where unit_id = 'root' and scope = 'with_children' and indicator_code = 'OT_06';

update marts.fct_indicators set status = 'restated', published_value = 0.5, published_release_id = 'r0',
    restatement_reason = 'data_changed: 500/1000 -> 910/1000'
where period_key = 'rep:2024Q1' and unit_id = 'root' and indicator_code = 'OT_06';
"""


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
    fake_marts.build(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(_MORE)
    release_id = write_release(home, fake_marts.facts())
    publish(home, release_id)
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
