"""Cells: text of an export → canonical text by type, or NULL with a reason."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from dagster_project.ingest.pseudonyms import pseudonym
from dagster_project.ingest.record_kinds import ColumnType
from dagster_project.ingest.shapes import canonical_text, literal
from tests.unit.mapped import KEY, bad_cells, map_text, mapped, one_column, values


@pytest.mark.parametrize(
    ("formats", "cells"),
    [
        (["iso"], {
            "2024-03-01": "2024-03-01 00:00:00.000000",
            "2024-03-01T08:30": "2024-03-01 08:30:00.000000",
            "2024-03-01 08:30:59.123": "2024-03-01 08:30:59.123000",
            "2024-03-01T08:30:00+07:00": "2024-03-01 08:30:00.000000",
            "2024-02-29T23:30:00Z": "2024-03-01 06:30:00.000000",
            "2024-03-01T08:30:00-0500": "2024-03-01 20:30:00.000000",
            "2024-02-30": None, "0024-03-01": None, "2101-01-01": None, "infinity": None, "01/03/2024": None,
        }),
        (["dd/MM/yyyy HH:mm", "dd/MM/yyyy"], {
            "01/03/2024": "2024-03-01 00:00:00.000000", "1/3/2024": "2024-03-01 00:00:00.000000",
            "01/03/2024 08:30": "2024-03-01 08:30:00.000000", "01/03/24": None, "31/02/2024": None,
        }),
        (["yyyyMMddHHmmss"], {"20240311083000": "2024-03-11 08:30:00.000000", "2024031108300": None}),
        (["yyyyMMdd"], {"20240311": "2024-03-11 00:00:00.000000", "2024311": None}),
        (["yyyy-MM-ddTHH:mm:ss.fff"], {"2024-03-01T08:30:00.250": "2024-03-01 08:30:00.250000"}),
        (["excel"], {"45352.5": "2024-03-01 12:00:00.000000", "99999": None}),
    ],
)  # fmt: skip
def test_timestamps(tmp_path: Path, formats: list[str], cells: dict[str, str | None]) -> None:
    result = one_column(tmp_path, "due_at", {"formats": formats}, list(cells))
    assert dict(zip(cells, values(result, "due_at"), strict=True)) == cells
    unread = [number for number, moment in enumerate(cells.values(), start=2) if moment is None]
    assert bad_cells(result) == [(number, "due_at", "not_a_date") for number in unread]


def test_offsets_become_the_wall_clock_of_the_source(tmp_path: Path) -> None:
    cells = ["2011-10-11T13:42:22.688+02:00", "2011-12-06T13:41:31.788+01:00"]
    result = one_column(tmp_path, "due_at", {}, cells, timezone="Europe/Amsterdam")
    assert values(result, "due_at") == ["2011-10-11 13:42:22.688000", "2011-12-06 13:41:31.788000"]


@pytest.mark.parametrize(
    ("column", "good", "bad", "reason"),
    [
        ("limit_value", {"8.5": "8.5", "15": "15", "15.0": "15", "1.234,5": "1234.5", "8,5": "8.5",
                         "0,125": "0.125",
                         "1.234.567": "1234567", "1,234.5": "1234.5", "-3": "-3", "1.234": "1.234"},
         ["1,234", "8 ngày", "1e5", "--3", "1.23,4"], "not_a_number"),
        ("is_remote_area", {"1": "true", "x": "true", "Có": "true", "TRUE": "true", "0": "false",
                            "không": "false"},
         ["2", "maybe"], "not_a_boolean"),
        ("procedure_code", {"1.002255.000.00.00.H11": "1.002255.000.00.00.H11", " Đ-01/a ": "Đ-01/a",
                            "12345678": "12345678"},
         ["Nguyễn Văn A", "012345678", "012345678901", "-x", "x" * 81], "not_a_code"),
        ("unit_name", {" Phòng\u00a0Đất ": "Phòng\u00a0Đất", "Phòng\nĐất": "Phòng Đất", "e\u0301": "\u00e9"},
         ["a@b.vn", "ĐT 0912345678", "\x01x"], "not_a_label"),
        ("unit_name", {}, ["y" * 201], "too_long"),
    ],
)  # fmt: skip
def test_shapes(tmp_path: Path, column: str, good: dict[str, str], bad: list[str], reason: str) -> None:
    result = one_column(tmp_path, column, {}, [*good, *bad])
    assert values(result, column) == [*good.values(), *([None] * len(bad))]
    first = len(good) + 2
    assert bad_cells(result) == [(first + number, column, reason) for number in range(len(bad))]
    assert values(result, "_bad_columns") == [None] * len(good) + [column] * len(bad)


def test_whole_numbers(tmp_path: Path) -> None:
    text = "\n".join(
        ["id,no,day", *(f"A,{number},2024-01-01" for number in ("1", "2.0", "007", "1.5", "1.234"))]
    )
    columns = {"dossier_code": "id", "step_no": "no", "started_at": "day"}
    result = map_text(tmp_path, text, columns, "dossier_steps")
    assert values(result, "step_no", "dossier_steps") == ["1", "2", "7"]
    # The step number is part of the key: without it the row has no place among the others.
    assert [cell for cell in bad_cells(result) if cell[1] is None] == [
        (5, None, "no_key"),
        (6, None, "no_key"),
    ]


def test_persons_become_pseudonyms(tmp_path: Path) -> None:
    result = one_column(
        tmp_path, "officer", {}, ["Nguyễn Văn A", " Nguyễn  Văn A", "\u2028\x85", "0912345678"]
    )
    same = pseudonym("Nguyễn Văn A", KEY)
    assert values(result, "officer") == [same, same, None, pseudonym("0912345678", KEY)]
    kept = one_column(tmp_path, "officer", {"is_pseudonym": True}, ["Resource21", "a@b"])
    assert values(kept, "officer") == ["Resource21", None]


def test_codes_extract_strip_missing(tmp_path: Path) -> None:
    codes = {"1": "counter", "Trực tuyến": "online", "-": None}
    result = one_column(tmp_path, "channel", {"codes": codes}, ["1", "TRỰC TUYẾN", "-", "9", ""])
    assert values(result, "channel") == ["counter", "online", None, None, None]
    assert bad_cells(result) == [(5, "channel", "unknown_code")]

    pattern = {"extract": r"^(\d\.\d{6})"}
    result = one_column(tmp_path, "procedure_code", pattern, ["1.002255.000.H11", "no", ""])
    assert values(result, "procedure_code") == ["1.002255", None, None]
    assert bad_cells(result) == [(3, "procedure_code", "no_match")]

    result = one_column(tmp_path, "status_code", {"strip": "'", "missing": ["0"]}, ["'9'", "'0'", "0", "''"])
    assert values(result, "status_code") == ["9", None, None, None] and not bad_cells(result)

    result = one_column(
        tmp_path,
        "due_at",
        {"missing": ["1900-01-01"]},
        ["1900-01-01", "NULL", "2024-01-01"],
        missing=["NULL"],
    )
    assert values(result, "due_at") == [None, None, "2024-01-01 00:00:00.000000"] and not bad_cells(result)


def test_coalesce_concat_constant_and_file_values(tmp_path: Path) -> None:
    text = "Đến 31/03/2024,,\nid,a,b\nA1,01/02/2024,\nA2,,2024-02-02\nA3,x,2024-02-03\n"
    result = map_text(
        tmp_path,
        text,
        {
            "dossier_code": {"concat": ["id", {"constant": "-"}, {"value": "row_no"}]},
            "received_at": {"constant": "2024-01-01"},
            "finished_at": {"coalesce": [{"header": "a", "formats": "dd/MM/yyyy"}, "b"]},
            "unit_code": {"value": "path", "extract": "^(.*)\\."},
            "limit_unit": {"value": "title", "extract": r"\d{4}"},
            "limit_value": {"any_of": ["none", "nothing"], "optional": True},
        },
        extract={"at": {"title": r"Đến (\S+)", "formats": "dd/MM/yyyy"}},
    )
    assert values(result, "dossier_code") == ["A1-3", "A2-4", "A3-5"]
    assert [str(value)[:10] for value in values(result, "finished_at")] == [
        "2024-02-01",
        "2024-02-02",
        "2024-02-03",
    ]
    assert bad_cells(result) == [
        (5, "finished_at", "not_a_date")
    ]  # listed although the next member had a value
    assert set(values(result, "unit_code")) == {"file"}
    assert set(values(result, "limit_unit")) == {"2024"}
    assert set(values(result, "limit_value")) == {None}
    assert set(values(result, "_extracted_at")) == {"2024-03-31 00:00:00.000000"}


def test_members_of_a_coalesce_inherit_what_they_leave_unsaid(tmp_path: Path) -> None:
    text = "id,a,b\nA1,01/02/2024,\nA2,,2024-02-02\nA3,-,03/02/2024\n"
    member = {"header": "b", "formats": ["iso", "dd/MM/yyyy"]}
    due = {"coalesce": ["a", member], "formats": "dd/MM/yyyy", "missing": "-"}
    columns = {"dossier_code": "id", "received_at": {"constant": "2024-01-01"}, "due_at": due}
    result = map_text(tmp_path, text, columns)
    assert [cell[:10] for cell in values(result, "due_at")] == ["2024-02-01", "2024-02-02", "2024-02-03"]


def test_date_cells_of_a_workbook_need_no_format(tmp_path: Path) -> None:
    """A column of real dates among typed ones: the map names the typed format only."""
    path = tmp_path / "file.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_row(0, 0, ["id", "day", "due"])
    sheet.write_row(1, 0, ["A1", "01/03/2024", "x"])
    sheet.write_row(2, 0, ["A2"])
    sheet.write_datetime(2, 1, datetime(2024, 3, 2), day)
    sheet.write_datetime(2, 2, datetime(1901, 1, 1), day)
    book.close()
    due = {"header": "due", "formats": "dd/MM/yyyy", "missing": "1901-01-01"}
    columns = {"dossier_code": "id", "received_at": {"header": "day", "formats": "dd/MM/yyyy"}, "due_at": due}
    result = mapped(path, [{"kind": "dossiers", "columns": columns}], format="xlsx")
    assert [cell[:10] for cell in values(result, "received_at")] == ["2024-03-01", "2024-03-02"]
    assert values(result, "due_at") == [None, None]
    assert bad_cells(result) == [(2, "due_at", "not_a_date")]


@pytest.mark.parametrize(
    ("kind", "text", "fits"),
    [
        ("code", "001.10.13.H11-240311-0007", True),
        ("code", "1.002255", True),
        ("code", "0905.550.173", False),
        ("code", "060-199-887-755", False),
        ("code", "https://a.b/0905550173.pdf", False),
        ("label", "H36.45.12.003", True),
        ("label", "000.00.00.00.H11", True),
        ("label", "2024-03-31 08:00:00", True),
        ("label", "CCCD 060 199 887 755", False),
        ("label", "gọi 0905 550 173", False),
        ("label", "+84 905 550 173", False),
    ],
)
def test_grouped_numbers_of_people_fit_nowhere(kind: ColumnType, text: str, fits: bool) -> None:
    with duckdb.connect() as connection:
        query = f"select {canonical_text(kind, literal(text), False, False)}"
        assert (connection.execute(query).fetchall()[0][0] is not None) is fits
