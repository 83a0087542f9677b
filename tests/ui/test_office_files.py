"""The workbook and the annex open in LibreOffice, and what looks like a formula stays text there."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import duckdb

from dagster_project.home import Home
from tests.fake_reports import FORMULA
from tests.ui.conftest import Convert

# Character set 76 (UTF-8), comma, quote; all sheets (-1), each in a file of its own.
_SHEETS = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"


def test_workbook_and_annex_become_pages(reports: Path, convert: Convert) -> None:
    for name in ("scorecard.xlsx", "scorecard.docx"):
        (pages,) = convert(reports / name)
        assert pages.read_bytes().startswith(b"%PDF-"), name


def test_libreoffice_reads_the_totals_of_the_form_and_no_formula(
    home: Home, reports: Path, convert: Convert
) -> None:
    sheets = [
        list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
        for path in convert(reports / "scorecard.xlsx", _SHEETS)
    ]
    assert len(sheets) == 3
    cells = {cell for sheet in sheets for row in sheet for cell in row}
    assert FORMULA in cells, "the code of the dossier as it was written"
    (total,) = [row for sheet in sheets for row in sheet if "Tổng cộng" in row]
    with duckdb.connect(str(home.marts), read_only=True) as connection:
        sums = connection.execute(
            "select sum(received_total), sum(finished_total), sum(open_total) from fct_dossier_periods"
            " where period_key = 'rep:2024Q2'"
        ).fetchone()
    assert sums is not None and {str(each) for each in sums} <= set(total)
