"""All reports of a quarter are made while one waits for them: under 15 seconds at the default size."""

from __future__ import annotations

import time

from dagster_project.home import Home
from dagster_project.scorecard.annex import render_annex
from dagster_project.scorecard.page import render_page
from dagster_project.scorecard.period_rows import period_rows
from dagster_project.scorecard.report.read import read_report
from dagster_project.scorecard.workbook import render_workbook
from dagster_project.spreadsheet import csv_bytes


def test_reports_of_a_quarter_take_under_15_seconds(sample_home: Home) -> None:
    started = time.perf_counter()
    figures = csv_bytes(period_rows(sample_home, ["rep:2024Q4"]))
    report = read_report(sample_home, "rep:2024Q4")
    sizes = [len(render(report)) for render in (render_page, render_workbook, render_annex)]
    seconds = time.perf_counter() - started
    print(f"{seconds:.1f} s")
    assert min(len(figures), *sizes) > 10_000
    assert seconds < 15
