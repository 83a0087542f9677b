"""Two exports nobody here has seen before load by writing a map: an update log, and one nested JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.conftest import Warehouse

UPDATE_LOG_MAP = """
source: permits
extract: {mode: delta}
inputs:
  - name: log
    files: "log*.csv"
    format: csv
    delimiter: ";"
    records:
      - kind: dossiers
        key: [dossier_code]
        latest_by: {header: Seq, type: number}
        columns:
          dossier_code: Permit
          received_at: {header: Received, formats: [dd/MM/yyyy HH:mm]}
          due_at: {header: Due, formats: [dd/MM/yyyy]}
          finished_at: {header: Closed, formats: [dd/MM/yyyy HH:mm]}
          unit_code: Desk
          status_code: {header: State, codes: {new: "2", work: "4", done: "9"}}
      - kind: dossier_steps
        key: [dossier_code, step_no]
        changes_of: Desk
        latest_by: {header: Changed, type: timestamp, formats: [dd/MM/yyyy HH:mm]}
        columns:
          dossier_code: Permit
          step_no: {value: change_no}
          step_name: Desk
          started_at: {header: Changed, formats: [dd/MM/yyyy HH:mm]}
          finished_at: {value: change_until}
"""

UPDATE_LOG = """\
Seq;Permit;Received;Due;Closed;Desk;State;Changed
9;P-1;03/01/2024 08:00;10/01/2024;;Survey;work;05/01/2024 09:30
10;P-1;03/01/2024 08:00;12/01/2024;11/01/2024 15:00;Survey;done;11/01/2024 15:00
8;P-1;03/01/2024 08:00;10/01/2024;;Counter;new;03/01/2024 08:00
1;P-2;04/01/2024 10:00;15/01/2024;;Counter;new;04/01/2024 10:00
"""

NESTED_MAP = """
source: portal
missing: [""]
extract: {mode: full, at: {json: /sentAt, formats: [yyyyMMddHHmmss]}}
inputs:
  - name: sync
    files: "**/sync*.json"
    format: json
    records:
      - kind: dossiers
        rows: "$.data[*]"
        columns:
          dossier_code: MaHoSo
          procedure_code: {header: MaTTHC, extract: '^(\\d\\.\\d{6})'}
          received_at: {header: NgayTiepNhan, formats: [yyyyMMddHHmmss]}
          due_at: {header: NgayHenTra, formats: [yyyyMMddHHmmss]}
          finished_at: {header: NgayKetThucXuLy, formats: [yyyyMMddHHmmss]}
          channel: {header: KenhThucHien, codes: {"1": counter, "2": online, "3": post}}
          channel_source: KenhThucHien
          status_code: TrangThaiHoSo
          unit_code: /madonvi
      - kind: supplement_requests
        rows: "$.data[*].DanhSachHoSoBoSung[*]"
        columns:
          dossier_code: ../MaHoSo
          request_code: HoSoBoSungId
          requested_at: {header: NgayBoSung, formats: [yyyyMMddHHmmss]}
          answered_at: {header: NgayTiepNhanBoSung, formats: [yyyyMMddHHmmss]}
      - kind: dossier_documents
        rows: "$.data[*].TaiLieuNop[*]"
        columns:
          dossier_code: ../MaHoSo
          document_code: TepDinhKemId
          is_digitized: DuocSoHoa
"""

NESTED = {
    "madonvi": "000.00.00.H11",
    "sentAt": "20240401000000",
    "data": [
        {
            "MaHoSo": "H11.05-240311-0007",
            "MaTTHC": "1.002255.000.00.00.H11",
            "ChuHoSo": "NGUYỄN CANARY",
            "NgayTiepNhan": "20240311083000",
            "NgayHenTra": "20240325170000",
            "NgayKetThucXuLy": "20240322160500",
            "KenhThucHien": "2",
            "TrangThaiHoSo": "10",
            "DanhSachHoSoBoSung": [
                {
                    "HoSoBoSungId": "77",
                    "NgayBoSung": "20240313100000",
                    "NgayTiepNhanBoSung": "20240315090000",
                },
                {"HoSoBoSungId": "78", "NgayBoSung": "20240318100000", "NgayTiepNhanBoSung": ""},
            ],
            "TaiLieuNop": [
                {"TepDinhKemId": "900001", "DuocSoHoa": "1"},
                {"TepDinhKemId": "900002", "DuocSoHoa": "0"},
            ],
        },
        {
            "MaHoSo": "H11.05-240312-0001",
            "MaTTHC": "1.002255",
            "NgayTiepNhan": "20240312083000",
            "NgayHenTra": "",
            "NgayKetThucXuLy": "",
            "KenhThucHien": "1",
            "TrangThaiHoSo": "4",
            "DanhSachHoSoBoSung": [],
            "TaiLieuNop": [{"TepDinhKemId": "900003", "DuocSoHoa": "1"}],
        },
    ],
}


def write(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def test_two_unknown_exports_load_without_code(new_home: Callable[..., Warehouse], tmp_path: Path) -> None:
    write(tmp_path / "maps", {"permits.yml": UPDATE_LOG_MAP, "portal.yml": NESTED_MAP})
    warehouse = new_home(sources=tmp_path / "maps")
    write(warehouse.landing_folder, {"log-1.csv": UPDATE_LOG, "sync-1.json": json.dumps(NESTED)})
    warehouse.refresh()

    assert warehouse.query(
        "select dossier_code, due_at::date::text, finished_at::text, status_code from marts.fct_dossiers"
        " where source = 'permits' order by 1"
    ) == [("P-1", "2024-01-12", "2024-01-11 15:00:00", "9"), ("P-2", "2024-01-15", None, "2")]
    assert warehouse.query(
        "select d.dossier_code, s.step_no, s.step_name, s.started_at::text, s.finished_at::text"
        " from marts.fct_dossier_steps s join marts.fct_dossiers d using (dossier_key)"
        " where d.source = 'permits' order by 1, 2"
    ) == [
        ("P-1", 1, "Counter", "2024-01-03 08:00:00", "2024-01-05 09:30:00"),
        ("P-1", 2, "Survey", "2024-01-05 09:30:00", None),
        ("P-2", 1, "Counter", "2024-01-04 10:00:00", None),
    ]
    assert warehouse.query(
        "select dossier_code, procedure_code, channel, supplement_count, finished_at::text, unit_code, timeliness"
        " from marts.fct_dossiers where source = 'portal' order by 1"
    ) == [
        ("H11.05-240311-0007", "1.002255", "online", 2, "2024-03-22 16:05:00", "000.00.00.H11", "early"),
        ("H11.05-240312-0001", "1.002255", "counter", 0, None, "000.00.00.H11", "no_due_date"),
    ]
    assert warehouse.query(
        "select record_kind, rows_read, rows_loaded from marts.ingest_outcomes where source = 'portal' order by 1"
    ) == [("dossier_documents", 3, 3), ("dossiers", 2, 2), ("supplement_requests", 2, 2)]
    leaked = [
        path
        for path in warehouse.home.rglob("*")
        if path.is_file() and "landing" not in path.parts and b"CANARY" in path.read_bytes()
    ]
    assert leaked == []
