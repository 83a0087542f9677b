"""Readers: one exported file → text rows by header, and one clear line for a file that cannot be read."""

from __future__ import annotations

import gzip
import json
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from dagster_project.errors import ReadError
from dagster_project.ingest.grammar import SourceMap
from dagster_project.ingest.keyed_session import connect
from dagster_project.ingest.landing import ClaimedFile
from dagster_project.ingest.readers import open_sheet, read_sheet
from dagster_project.ingest.readers.headers import Rows, input_needs, record_needs
from dagster_project.ingest.readers.json_reader import JsonFiles

KEY = b"k" * 32
COLUMNS = {"dossier_code": "Mã hồ sơ", "received_at": "Ngày nhận", "unit_code": "Đơn vị"}


def claim(path: Path, format: str = "csv", columns: dict[str, Any] = COLUMNS, **options: Any) -> ClaimedFile:
    record = {"kind": "dossiers", "columns": columns, **options.pop("record", {})}
    content = {
        "source": "test",
        "extract": {},
        "inputs": [{"name": "all", "files": "**/*", "format": format, "records": [record], **options}],
    }
    source_map = SourceMap.model_validate(content)
    return ClaimedFile(path, path.name, source_map, source_map.inputs[0], "0" * 64)


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def content_of(claimed: ClaimedFile) -> tuple[Rows, list[dict[str, Any]]]:
    """The relation of a tabular file and its content rows, cells by header."""
    with connect(KEY) as connection:
        sheet = read_sheet(claimed, input_needs(claimed.input, None))
        rows = open_sheet(connection, sheet, claimed)
        names = {
            place: sheet.header_cells[int(place[1:])]
            for place in rows.columns.values()
            if place in sheet.table.column_names
        }
        selected = ", ".join(["row_no", *(f'{place} as "{name}"' for place, name in names.items())])
        found = connection.execute(f"select {selected} from {rows.relation} order by row_no").to_arrow_table()
    return rows, found.to_pylist()


def failure_of(claimed: ClaimedFile) -> str:
    with pytest.raises(ReadError) as caught:
        rows, _ = content_of(claimed)
        rows.check(input_needs(claimed.input, None))
    message = str(caught.value)
    assert "\n" not in message and message.startswith(claimed.name)
    return message


# ------------------------------------------------------------------------------------ csv


def test_csv_row_numbers_survive_titles_blank_lines_and_quoted_line_breaks(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        "\ufeffSổ theo dõi;;\n"  # 1
        "\n"  # 2
        "Mã  hồ sơ;Ngày nhận;ĐƠN VỊ\n"  # 3
        'A1;"2024-01-02\n08:00";P1\n'  # 4: two lines, one row
        "A2;2024-01-03\n"  # 5: a cell too few
        ";;\n"  # 6
        "Mã  hồ sơ;Ngày nhận;ĐƠN VỊ\n"  # 7: the header again
        "A3;2024-01-04;P1;x\n"  # 8: a cell too many
        "   \n"  # 9
        "A4;2024-01-05;P2\n"  # 10
        "Tổng cộng: 4;;\n",  # 11
    )
    rows, found = content_of(claim(path, delimiter=";", totals="tổng cộng"))
    assert [(row["row_no"], row["Mã  hồ sơ"]) for row in found] == [(4, "A1"), (10, "A4")]
    assert found[0]["Ngày nhận"] == "2024-01-02\n08:00"
    assert rows.wrong_rows == (5, 8)
    assert rows.rows_skipped == 6
    assert rows.titles == ("Sổ theo dõi",)


def test_csv_header_may_be_spelled_decomposed_and_in_other_case(tmp_path: Path) -> None:
    import unicodedata

    path = write(
        tmp_path / "a.csv", unicodedata.normalize("NFD", "mã HỒ SƠ,Ngày\u00a0nhận,đơn vị\nA1,2024-01-01,P1\n")
    )
    rows, _ = content_of(claim(path))
    assert rows.find(("Mã hồ sơ",)) == "c0"
    assert rows.find(("Ngày nhận",)) == "c1"


def test_csv_gz_and_encodings(tmp_path: Path) -> None:
    text = "Mã hồ sơ,Ngày nhận,Đơn vị\nA1,2024-01-01,Phòng Đất\n"
    _, packed = content_of(claim(write(tmp_path / "a.csv.gz", gzip.compress(text.encode(), mtime=0))))
    _, wide = content_of(claim(write(tmp_path / "b.csv", text.encode("utf-16")), encoding="utf-16"))
    assert packed == wide
    assert packed[0]["Đơn vị"] == "Phòng Đất"


def test_csv_rows_ending_in_a_delimiter_are_not_too_wide(tmp_path: Path) -> None:
    rows, found = content_of(
        claim(write(tmp_path / "a.csv", "Mã hồ sơ,Ngày nhận,Đơn vị\nA1,x,P,\nA2,y,P,\n"))
    )
    assert len(found) == 2 and not rows.wrong_rows


HEAD = "Mã hồ sơ,Ngày nhận,Đơn vị\n"


@pytest.mark.parametrize(
    ("name", "data", "options", "expected"),
    [
        ("latin.csv", f"{HEAD}A1,x,P\nA2,y,".encode() + b"Ph\xf2ng\n", {}, "line 3: not utf-8"),
        ("bom.csv", "\ufeffMã hồ sơ\n".encode(), {"encoding": "windows-1258"}, "is UTF-8 by its first bytes"),
        ("quote.csv", f'{HEAD}A1,x,P\nA2,"y,P\nA3,z,P\n'.encode(), {}, "row 3: a quote is opened"),
        ("quote2.csv", f'{HEAD}A1,x,P\nA2,y,"P\nA3,z,P\n'.encode(), {}, "row 3: a quote is opened"),
        ("cut.csv.gz", gzip.compress(b"x" * 99, mtime=0)[:-12], {}, "gzip file is damaged or cut off"),
        ("empty.csv", b"", {}, "is empty; expected the columns «Mã hồ sơ»"),
        ("other.csv", b"a,b\n1,2\n", {}, "no header row in the first 2 rows; looked for «Mã hồ sơ»"),
        ("lacks.csv", "Mã hồ sơ,Đơn vị\nA1,P\n".encode(), {},
         "column «Ngày nhận» for dossiers.received_at is missing; header row 1 has: Mã hồ sơ, Đơn vị"),
        ("twice.csv", "Mã hồ sơ,Ngày nhận,Đơn vị,Đơn vị\nA1,x,P,Q\n".encode(), {},
         "«Đơn vị» stands more than once"),
        ("label.csv", HEAD.encode(), {"header": ["STT"]}, "has the header labels «STT»"),
    ],
)  # fmt: skip
def test_unreadable_csv_is_one_line(
    tmp_path: Path, name: str, data: bytes, options: dict[str, Any], expected: str
) -> None:
    assert expected in failure_of(claim(write(tmp_path / name, data), **options))


def test_csv_wrong_byte_is_found_across_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dagster_project.ingest.readers import csv_reader

    monkeypatch.setattr(csv_reader, "_CHECK_BYTES", 3)
    good = "Mã hồ sơ,Ngày nhận,Đơn vị\nA1,ỳ,ợ\n".encode()
    assert len(content_of(claim(write(tmp_path / "good.csv", good)))[1]) == 1
    for shift in range(3):
        bad = good + b"A" * shift + b",\xe1\xbb,P\n"
        assert "line 3: not utf-8 text (byte 0xe1)" in failure_of(claim(write(tmp_path / "bad.csv", bad)))


def test_csv_row_numbers_hold_over_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dagster_project.ingest.readers import csv_reader

    monkeypatch.setattr(csv_reader, "_BLOCK_BYTES", 200)
    day, unit = "2024-01-01", '"P\n\n\nQ"'
    lines = [f"A{number},{day},{unit}" if number % 50 else f"A{number},{day}" for number in range(2, 301)]
    path = write(tmp_path / "a.csv", "\n".join(["Mã hồ sơ,Ngày nhận,Đơn vị", *lines]))
    rows, found = content_of(claim(path))
    assert rows.wrong_rows == (50, 100, 150, 200, 250, 300)
    assert all(row["Mã hồ sơ"] == f"A{row['row_no']}" for row in found)
    assert len(found) == 293 and {row["Đơn vị"] for row in found} == {"P\n\n\nQ"}


# ------------------------------------------------------------------------------------ xlsx


def workbook(path: Path) -> Path:
    """First column and two rows blank, a merged title, real dates and numbers, totals, the header again."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Hồ sơ")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    sheet.merge_range(2, 1, 2, 4, "Danh sách đến 31/03/2024")
    header = ["Mã\nhồ sơ", "Ngày nhận", "Đơn vị", "Số", "Ngày"]
    sheet.write_row(4, 1, header)
    sheet.write_row(5, 1, ["A1", None, "P1", 5])
    sheet.write_datetime(5, 2, datetime(2024, 3, 1, 8, 30), moment)
    sheet.write_datetime(5, 5, datetime(2024, 3, 1), day)
    sheet.write_row(6, 1, ["A2", "02/03/2024", "P1", 5.5, 45352])
    sheet.write_row(8, 1, header)
    sheet.write_row(9, 1, ["A3", "03/03/2024", "P1", 123456789012345, "x"])
    sheet.write_row(10, 1, ["Tổng cộng", "", "", 3])
    book.add_worksheet("Khác").write(0, 0, "nothing")
    book.close()
    return path


XLSX_COLUMNS = {**COLUMNS, "limit_value": "Số", "due_at": "Ngày"}


def with_dimension(source: Path, target: Path, dimension: bytes) -> Path:
    import re

    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, re.sub(rb"<dimension[^>]*>", dimension, old.read(name)))
    return target


@pytest.mark.parametrize(
    "dimension", [None, b'<dimension ref="A1:B2"/>', b"", b'<dimension ref="A1:XFD1048576"/>']
)
def test_xlsx_cells_as_text(tmp_path: Path, dimension: bytes | None) -> None:
    path = workbook(tmp_path / "a.xlsx")
    if dimension is not None:
        path = with_dimension(path, tmp_path / "b.xlsx", dimension)
    rows, found = content_of(claim(path, "xlsx", XLSX_COLUMNS, totals=["Tổng cộng"]))
    assert [list(row.values()) for row in found] == [
        [6, "A1", "2024-03-01 08:30:00", "P1", "5", "2024-03-01 00:00:00"],
        [7, "A2", "02/03/2024", "P1", "5.5", "45352"],
        [10, "A3", "03/03/2024", "P1", "123456789012345", "x"],
    ]
    assert rows.titles == ("Danh sách đến 31/03/2024",)
    assert rows.rows_skipped == 4 + 3  # above the header; then a blank row, the header again, the totals


def test_xlsx_sheet_is_found_by_name_or_named_in_the_error(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx")
    assert len(content_of(claim(path, "xlsx", XLSX_COLUMNS, sheet="HỒ SƠ"))[1]) == 4
    assert "has no sheet «Nợ»; it has: Hồ sơ, Khác" in failure_of(claim(path, "xlsx", sheet="Nợ"))
    assert "no header row" in failure_of(claim(path, "xlsx", sheet="Khác"))


def test_an_empty_sheet_is_one_line(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    book.add_worksheet()
    book.close()
    assert "is empty; expected the columns" in failure_of(claim(tmp_path / "a.xlsx", "xlsx"))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_truncated_xlsx_is_one_line(tmp_path: Path, share: float) -> None:
    data = workbook(tmp_path / "a.xlsx").read_bytes()
    message = failure_of(claim(write(tmp_path / "cut.xlsx", data[: int(len(data) * share)]), "xlsx"))
    assert "cannot be read as XLSX" in message and "export it again" in message


# ------------------------------------------------------------------------------------ json

JSON_COLUMNS = {"dossier_code": "MaHoSo", "received_at": "NgayTiepNhan"}
DOCUMENT: dict[str, Any] = {
    "madonvi": "H11",
    "tin": {"ngay": "20240331"},
    "data": [
        {"MaHoSo": "1", "NgayTiepNhan": "", "n": 5, "A": [{"k": "v"}, {"k": "w", "o": {"p.q": 1.5}}]},
        {"MaHoSo": "2", "NgayTiepNhan": None, "n": True, "A": None},
        {"MaHoSo": "3", "NgayTiepNhan": "x", "B": [], "A": [{"k": "z"}]},
    ],
}


def json_rows(
    path: Path, rows: str | None, columns: dict[str, Any], max_mib: int = 16
) -> list[dict[str, Any]]:
    claimed = claim(path, "json", columns, record={"rows": rows} if rows else {})
    record = claimed.input.records[0]
    with connect(KEY) as connection:
        documents = JsonFiles(connection, [(record, record_needs(record))])
        documents.add(0, path, path.name, max_mib)
        found = documents.groups()[0][0].files[0]
        found.check(record_needs(record))
        names = {spec.header: found.find((spec.header or "",)) for spec in record.columns.values()}
        selected = ", ".join(["row_no", *(f'{place} as "{name}"' for name, place in names.items())])
        query = f"select {selected} from {found.relation} order by row_no"
        return list(connection.execute(query).to_arrow_table().to_pylist())


def test_json_nested_rows_reach_their_parents(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", json.dumps(DOCUMENT))
    columns = {
        "dossier_code": "../MaHoSo",
        "unit_code": "/madonvi",
        "field_code": "../../tin.ngay",
        "unit_name": "K",
    }
    assert [list(row.values()) for row in json_rows(path, "$.data[*].A[*]", columns)] == [
        [1, "1", "H11", "20240331", "v"],
        [2, "1", "H11", "20240331", "w"],
        [3, "3", "H11", "20240331", "z"],
    ]


def test_json_one_document_per_line_array_and_gzip(tmp_path: Path) -> None:
    documents = DOCUMENT["data"]
    lines = "\n".join(json.dumps(one) for one in documents)
    files = {
        "lines.ndjson": lines.encode(),
        "array.json": ("\ufeff" + json.dumps(documents)).encode(),
        "lines[1].json.gz": gzip.compress(lines.encode(), mtime=0),
    }
    write(
        tmp_path / "lines1.json.gz",
        b"a name with brackets must not be taken for a pattern that means this file",
    )
    for name, data in files.items():
        found = json_rows(write(tmp_path / name, data), None, JSON_COLUMNS)
        assert [row["MaHoSo"] for row in found] == ["1", "2", "3"], name
        assert [row["NgayTiepNhan"] for row in found] == ["", None, "x"], name


def test_json_values_become_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", json.dumps(DOCUMENT))
    assert [row["n"] for row in json_rows(path, "$.data[*]", {"dossier_code": "n"})] == ["5", "true", None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (json.dumps(DOCUMENT)[:-40], "cannot be read as JSON (Malformed JSON at byte"),
        (json.dumps(DOCUMENT)[:-40], "the file seems to be cut off"),
        ("", "is empty; expected a JSON document"),
        ('{"data": [{"MaHoSo": "1"}]}',
         "column «NgayTiepNhan» for dossiers.received_at is missing; $.data[*] has: MaHoSo"),
    ],
)  # fmt: skip
def test_unreadable_json_is_one_line(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(ReadError) as caught:
        json_rows(write(tmp_path / "a.json", text), "$.data[*]", JSON_COLUMNS)
    assert str(caught.value).startswith("a.json: ") and expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_json_above_the_cap_says_what_to_do(tmp_path: Path) -> None:
    big = {"data": [{"MaHoSo": str(number), "pad": "x" * 1000} for number in range(40_000)]}
    path = write(tmp_path / "big.json", json.dumps(big))
    with pytest.raises(ReadError, match=r"larger than the cap of 8 MiB .* set CCHC_MAX_JSON_MIB higher"):
        json_rows(path, "$.data[*]", {"dossier_code": "MaHoSo"}, max_mib=8)
    assert len(json_rows(path, "$.data[*]", {"dossier_code": "MaHoSo"}, max_mib=64)) == 40_000


# ------------------------------------------------------------------------------------ parquet


def test_parquet_types_become_text(tmp_path: Path) -> None:
    table = pa.table(
        {
            "Mã hồ sơ": ["A1", "A2"],
            "Ngày nhận": pa.array([datetime(2024, 3, 1, 8), None], pa.timestamp("us")),
            "Đơn vị": pa.array(["P1", "P1"]).dictionary_encode(),
            "Số": [5.0, float("nan")],
            "Ngày": pa.array([date(2024, 3, 1), None]),
            "Nested": [[1], [2]],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    rows, found = content_of(claim(tmp_path / "a.parquet", "parquet", XLSX_COLUMNS))
    assert [list(row.values()) for row in found] == [
        [1, "A1", "2024-03-01 08:00:00.000000", "P1", "5", "2024-03-01"],
        [2, "A2", None, "P1", None, None],
    ]
    assert "Nested" in rows.headers


def test_damaged_parquet_is_one_line(tmp_path: Path) -> None:
    assert "cannot be read as Parquet" in failure_of(
        claim(write(tmp_path / "a.parquet", b"PAR1xxxx"), "parquet")
    )
