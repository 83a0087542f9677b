"""What cannot be read is one clear line and an outcome row; the rest loads; a required source blocks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from tests.conftest import Warehouse
from tests.integration.small import JANUARY, write_files, write_maps

OTHER_MAP = """
source: ledger
required: {required}
extract: {{mode: delta}}
inputs:
  - name: sheet
    files: "ledger*.xlsx"
    format: xlsx
    records:
      - kind: dossiers
        columns:
          dossier_code: Mã hồ sơ
          received_at: {{header: Ngày tiếp nhận, formats: [dd/MM/yyyy]}}
  - name: text
    files: "ledger*.csv"
    format: csv
    records:
      - kind: dossiers
        columns:
          dossier_code: Mã hồ sơ
          received_at: {{header: Ngày tiếp nhận, formats: [dd/MM/yyyy]}}
  - name: tree
    files: "ledger*.json"
    format: json
    records:
      - kind: dossiers
        rows: "$.data[*]"
        columns:
          dossier_code: MaHoSo
          received_at: {{header: NgayTiepNhan, formats: [yyyyMMddHHmmss]}}
"""


def truncated_xlsx(folder: Path) -> str:
    path = folder / "ledger-1.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Mã hồ sơ", "Ngày tiếp nhận"])
        for row in range(1, 400):
            sheet.write_row(row, 0, [f"L-{row}", "03/01/2024"])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path.name


def missing_column(folder: Path) -> str:
    (folder / "ledger-2.csv").write_text("Mã hồ sơ,Ngày nộp\nL-1,03/01/2024\n", encoding="utf-8")
    return "ledger-2.csv"


def wrong_encoding(folder: Path) -> str:
    (folder / "ledger-3.csv").write_bytes("Mã hồ sơ,Ngày tiếp nhận\nL-1,03/01/2024\n".encode("utf-16"))
    return "ledger-3.csv"


def cut_json(folder: Path) -> str:
    (folder / "ledger-4.json").write_text('{"data": [{"MaHoSo": "L-1", "NgayTiepNhan": "2024010')
    return "ledger-4.json"


@pytest.mark.parametrize("required", [True, False], ids=["required", "optional"])
def test_unreadable_files(new_home: Callable[..., Warehouse], tmp_path: Path, required: bool) -> None:
    maps = write_maps(tmp_path / "maps")
    warehouse = new_home(sources=maps)
    write_files(warehouse.landing_folder, "dossiers-2024-01-31.csv")
    warehouse.refresh("--as-of", "2024-03-15")
    before = warehouse.marts.read_bytes()

    (maps / "ledger.yml").write_text(OTHER_MAP.format(required=str(required).lower()))
    bad = [
        make(warehouse.landing_folder) for make in (truncated_xlsx, missing_column, wrong_encoding, cut_json)
    ]
    write_files(warehouse.landing_folder)
    done = warehouse.refresh("--as-of", "2024-03-15", expect=1 if required else 0)

    outcomes = dict(
        warehouse.query(
            "select file, error from raw.ingest_outcomes where status = 'unreadable'", published=False
        )
    )
    assert set(outcomes) == set(bad)
    assert all(error.startswith(name) and "\n" not in error for name, error in outcomes.items())
    assert "Ngày tiếp nhận" in outcomes["ledger-2.csv"]
    loaded = warehouse.query(
        "select count(distinct _record_key) from raw.dossiers where _source = 'register'", published=False
    )
    assert loaded == [(5,)]
    if required:
        errors = [line for line in done.stderr.splitlines() if line.startswith("cchc: nothing published")]
        assert len(errors) == 1
        assert "ledger-1.xlsx" in errors[0]
        assert "Traceback" not in done.stderr
        assert warehouse.marts.read_bytes() == before
        status = warehouse.run("status")
        assert "ledger-1.xlsx" in status.stdout
    else:
        assert warehouse.query("select count(*) from marts.fct_dossiers") == [(5,)]


def test_bad_cells_become_listed_nulls(new_home: Callable[..., Warehouse], tmp_path: Path) -> None:
    warehouse = new_home(sources=write_maps(tmp_path / "maps"))
    lines = JANUARY.splitlines()
    lines += [
        "D-006,07/01/2024 08:00,31/02/2024 17:00,,desk,Land,CB-01",  # a day that does not exist
        "D-007,08/01/2024 08:00,15/01/2024 17:00,,fax,Land,CB-01",  # an unknown channel
        ",09/01/2024 08:00,16/01/2024 17:00,,desk,Land,CB-01",  # no key
        "D-008,,16/01/2024 17:00,,desk,Land,CB-01",  # no place in time
        "D-004,20/01/2024 08:00,29/01/2024 17:00,,web,Water,CB-03",  # the same as above
        "D-009,08/01/2024 08:00,07/01/2024 17:00,06/01/2024 08:00,desk,Land,CB-01",  # finished before received
    ]
    folder = warehouse.landing_folder
    (folder / "dossiers-2024-01-31.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    warehouse.run("refresh")

    outcome = warehouse.query(
        "select rows_read, rows_loaded, rows_duplicate, rows_quarantined from raw.ingest_outcomes",
        published=False,
    )
    assert outcome == [(10, 7, 1, 2)]
    cells = warehouse.query(
        "select row_no, column_name, reason, is_row_rejected, cell_shape, cell_length from raw.quarantine order by 1",
        published=False,
    )
    assert [(row, column, reason, rejected) for row, column, reason, rejected, *_ in cells] == [
        (6, "due_at", "not_a_date", False),
        (7, "channel", "unknown_code", False),
        (8, None, "no_key", True),
        (9, None, "no_place_in_time", True),
    ]
    assert cells[0][4:] == ("99/99/9999 99:99", 16)
    assert warehouse.query(
        "select dossier_code, due_at from marts.fct_dossiers where dossier_code = 'D-006'", published=False
    ) == [("D-006", None)]
    assert warehouse.query(
        "select count(*) from marts.fct_dossiers where flags like '%finished_before_received%'",
        published=False,
    ) == [(1,)]
    listed = warehouse.run("quarantine", "list")
    assert "not_a_date" in listed.stdout and "no_key" in listed.stdout
