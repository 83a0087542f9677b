"""The page in real Chromium: phone, desktop and print, Vietnamese and English."""

from __future__ import annotations

import base64
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.selenium import Axe
from selenium import webdriver

from dagster_project.home import Home
from dagster_project.publish.privacy import Privacy
from dagster_project.scorecard.page import render_page
from dagster_project.scorecard.report.read import read_report
from tests.ui.conftest import PERIOD
from tests.ui.page_numbers import open_release

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
_CLOSED = (
    "return [...document.querySelectorAll('main details:not([open])')].map(e => e.closest('section').id)"
)
_OPEN = "document.querySelectorAll('main details').forEach(e => { e.open = true; })"
# textContent and not innerText: a closed part of the page is not rendered, but it is there
_NUMBERS = """return [...document.querySelectorAll(".n[data-key]")].map(e => [
  e.closest("section").id, e.dataset.key, e.dataset.value, e.dataset.kind, e.textContent])"""
# digits in a cell or a large figure that say not what they are
_UNKEYED = """return [...document.querySelectorAll("td.num, .big, .pairs dd, .bars li, .beside dd")].filter(cell => {
  const copy = cell.cloneNode(true);
  copy.querySelectorAll(".n[data-key], .code, .name").forEach(each => each.remove());
  return /\\d/.test(copy.textContent);
}).map(cell => cell.outerHTML.slice(0, 200))"""
SECTIONS = {
    "summary", "indicators", "units", "land", "workload", "digitization", "petitions", "findings", "quality",
    "restatements",
}  # fmt: skip
FAMILIES = {
    "fct_indicators", "to_date", "change", "overdue", "staff", "officer", "late", "place", "step", "procedure",
    "dossier", "finding", "basis", "check", "file", "excluded", "land_target", "restatements",
    "petitions",
}  # fmt: skip


def _open(browser: webdriver.Chrome, page: Path, size: str, is_scripted: bool = True) -> None:
    """Open the page freshly; ``window.innerWidth`` is that of the device."""
    width, height = SIZES[size]
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not is_scripted})
    for kind in ("browser", "performance"):
        browser.get_log(kind)
    browser.get(page.as_uri())


@pytest.fixture(params=SIZES)
def page(request: pytest.FixtureRequest, browser: webdriver.Chrome, reports: Path) -> webdriver.Chrome:
    """The page, freshly opened at one size."""
    _open(browser, reports / "scorecard.html", request.param)
    assert browser.execute_script("return window.innerWidth") == SIZES[request.param][0]
    return browser


@pytest.fixture(params=["public", "internal"])
def edition(request: pytest.FixtureRequest, home: Home, tmp_path: Path) -> Path:
    """The page of one edition: the public one shows no officer and joins small units."""
    page = tmp_path / f"{request.param}.html"
    report = read_report(home, PERIOD, Privacy(request.param == "public"))
    page.write_text(render_page(report), encoding="utf-8")
    return page


def _tells(text: str, plain: str, kind: str) -> bool:
    """Is a text the plain number as it is written in Vietnam, rounded half up to two decimals?"""
    if not plain:
        return text == "–"
    shown = Decimal(text.removesuffix(" %").replace(".", "").replace(",", "."))
    exact = Decimal(plain) * (100 if kind == "ratio" else 1)
    # a ratio is rounded from its counts, and what is stored of it is a binary fraction
    return abs(shown - exact) <= Decimal("0.0050000001")


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
    for is_everything_open in (False, True):
        if is_everything_open:
            page.execute_script(_OPEN)
        assert page.execute_script(_CUT) == []
        found = [
            (each["id"], [node["html"] for node in each["nodes"]][:3])
            for each in Axe().run(page)["violations"]
        ]
        assert found == []


def test_a_phone_begins_with_the_leaders_page_and_a_link_opens_a_section(
    browser: webdriver.Chrome, reports: Path
) -> None:
    _open(browser, reports / "scorecard.html", "desktop")
    assert browser.execute_script(_CLOSED) == []
    _open(browser, reports / "scorecard.html", "phone")
    closed = browser.execute_script(_CLOSED)
    assert len(closed) > len(SECTIONS) and "summary" not in closed
    height = browser.execute_script("return document.documentElement.scrollHeight")
    browser.find_element("css selector", "nav a[href='#indicators']").click()
    # the section, and not yet its parts
    assert Counter(closed) - Counter(browser.execute_script(_CLOSED)) == {"indicators": 1}
    assert browser.execute_script("return document.documentElement.scrollHeight") > height
    # its head stands under the contents, which stay in sight
    top, below = browser.execute_script(
        "return [document.getElementById('indicators-head').getBoundingClientRect().top,"
        " document.querySelector('nav').getBoundingClientRect()].map(e => e.bottom === undefined ? e : e.bottom)"
    )
    assert 0 < below <= top < below + 60


def test_without_its_script_the_page_shows_everything(browser: webdriver.Chrome, reports: Path) -> None:
    try:
        _open(browser, reports / "scorecard.html", "phone", is_scripted=False)
        assert browser.execute_script(_CLOSED) == []
    finally:
        _open(browser, reports / "scorecard.html", "phone")


def test_the_switch_shows_one_language_at_a_time(page: webdriver.Chrome) -> None:
    shown = "return document.querySelector('h1 .{}').offsetParent !== null"
    states = [[page.execute_script(shown.format(each)) for each in ("vi", "en")]]
    page.find_element("id", "language").click()
    states.append([page.execute_script(shown.format(each)) for each in ("vi", "en")])
    assert states == [[True, False], [False, True]]


def test_every_number_equals_the_release(browser: webdriver.Chrome, home: Home, edition: Path) -> None:
    """Section by section; nothing in a cell for numbers is without its key."""
    _open(browser, edition, "desktop")
    numbers: list[list[Any]] = browser.execute_script(_NUMBERS)
    keys = [key for _, key, *_ in numbers]
    (folder,) = home.releases.iterdir()
    with open_release(folder, PERIOD, "root") as release:
        release.keys = keys
        wrong = [
            (section, key, plain, expected)
            for section, key, plain, *_ in numbers
            if (expected := release.expected(key)) != (float(plain) if plain else None)
            and (not plain or expected is None or abs(expected - float(plain)) > 1e-9)
        ]
    assert wrong == []
    counted = Counter(section for section, *_ in numbers)
    assert set(counted) == SECTIONS and min(counted.values()) >= 1, counted
    assert {key.split("|")[0] for key in keys} == FAMILIES - (
        {"officer"} if "public" in edition.name else set()
    )
    assert [text for *_, plain, kind, text in numbers if not _tells(text, plain, kind)] == []
    assert browser.execute_script(_UNKEYED) == []


def test_the_print_has_a4_pages_and_everything_wherever_it_is_made(
    browser: webdriver.Chrome, reports: Path
) -> None:
    pages = {}
    for size in SIZES:
        _open(browser, reports / "scorecard.html", size)
        closed = browser.execute_script(_CLOSED)
        printed = browser.execute_cdp_cmd(
            "Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True}
        )
        content = base64.b64decode(printed["data"])
        assert b"/MediaBox [0 0 594.95996 841.91998]" in content or b"/MediaBox [0 0 595" in content
        pages[size] = content.count(b"/MediaBox")
        assert browser.execute_script(_CLOSED) == closed, "closed again afterwards"
    assert pages["phone"] == pages["desktop"] > 2
