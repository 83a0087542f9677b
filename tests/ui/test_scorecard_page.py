"""The page in real Chromium: phone, desktop and print, Vietnamese and English."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from axe_core_python.selenium import Axe
from selenium import webdriver

from dagster_project.home import Home

SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
# Text that its box cuts off, and whatever makes the page wider than the window.
_CUT = """
const cut = [];
for (const each of document.querySelectorAll("body *")) {
  if (each.clientWidth <= 1) continue;  // for screen readers only
  const style = getComputedStyle(each);
  if (style.overflowX !== "visible" && style.overflowX !== "auto"
      && each.scrollWidth > each.clientWidth + 1) cut.push(each.outerHTML.slice(0, 120));
  if (style.textOverflow === "ellipsis") cut.push(each.outerHTML.slice(0, 120));
}
const root = document.documentElement;
if (root.scrollWidth > root.clientWidth) cut.push("page is " + root.scrollWidth + " wide");
return cut;
"""
_NUMBERS = "return [...document.querySelectorAll('.n[data-key]')].map(e => [e.dataset.key, e.dataset.value, e.innerText])"


@pytest.fixture(params=SIZES)
def page(request: pytest.FixtureRequest, browser: webdriver.Chrome, reports: Path) -> webdriver.Chrome:
    """The page, freshly opened at one size; ``window.innerWidth`` is that of the device."""
    width, height = SIZES[request.param]
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    browser.get((reports / "scorecard.html").as_uri())
    assert browser.execute_script("return window.innerWidth") == width
    return browser


def _requests(page: webdriver.Chrome) -> list[str]:
    events = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    return [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]


def test_the_page_opens_without_an_error_and_asks_for_nothing(page: webdriver.Chrome) -> None:
    assert page.get_log("browser") == []
    asked = _requests(page)
    assert len(asked) == 1 and asked[0].startswith("file:"), asked


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_label_is_cut_and_axe_finds_nothing(page: webdriver.Chrome, language: str) -> None:
    if language == "en":
        page.find_element("id", "language").click()
    assert page.execute_script("return document.documentElement.lang") == language
    assert page.execute_script(_CUT) == []
    found = [
        (each["id"], [node["html"] for node in each["nodes"]][:3]) for each in Axe().run(page)["violations"]
    ]
    assert found == []


def test_the_switch_shows_one_language_at_a_time(page: webdriver.Chrome) -> None:
    shown = "return document.querySelector('h1 .{}').offsetParent !== null"
    states = [[page.execute_script(shown.format(each)) for each in ("vi", "en")]]
    page.find_element("id", "language").click()
    states.append([page.execute_script(shown.format(each)) for each in ("vi", "en")])
    assert states == [[True, False], [False, True]]


def test_every_number_equals_the_mart(page: webdriver.Chrome, home: Home) -> None:
    numbers: list[list[Any]] = page.execute_script(_NUMBERS)
    figures = [each for each in numbers if each[0].startswith("fct_indicators|")]
    assert len(figures) > 10 and len(numbers) > len(figures)
    with duckdb.connect(str(home.marts), read_only=True) as connection:
        for key, plain, _ in figures:
            _, period, unit, scope, field, code, version, column = key.split("|")
            (value,) = connection.execute(
                f'select "{column}" from fct_indicators where (period_key, unit_id, scope, field_code,'
                " indicator_code, rule_version) = ($1, $2, $3, $4, $5, $6)",
                [period, unit, scope, field, code, version],
            ).fetchone() or (None,)
            assert (float(plain) if plain else None) == (None if value is None else float(value)), key


def test_the_print_has_a4_pages(browser: webdriver.Chrome, reports: Path) -> None:
    browser.get((reports / "scorecard.html").as_uri())
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    content = base64.b64decode(printed["data"])
    assert b"/MediaBox [0 0 594.95996 841.91998]" in content or b"/MediaBox [0 0 595" in content
