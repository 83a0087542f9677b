"""Mapping: rows to raw rows, rejects to quarantine, versions, and the counts that must add up."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from dagster_project.ingest.landing import ClaimedFile
from dagster_project.ingest.mapping import map_file
from tests.unit.mapped import KEY, bad_cells, map_text, mapped, one_column, values

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"


# ------------------------------------------------------------------------------------ rejects


def test_rows_without_key_or_place_in_time_are_rejected(tmp_path: Path) -> None:
    text = "id,day,name\nA1,2024-01-01,P\n,2024-01-02,P\nA3,,P\nA4,2024-01-04\n,,\nA5,31/31/2024,P\n"
    result = map_text(tmp_path, text, {"dossier_code": "id", "received_at": "day", "unit_name": "name"})
    assert values(result, "dossier_code") == ["A1"]
    whole = result.quarantine.filter(pc.field("is_row_rejected")).to_pylist()
    assert [(row["row_no"], row["reason"], row["record_key"]) for row in whole] == [
        (3, "no_key", ""), (4, "no_place_in_time", "A3"), (5, "wrong_cell_count", None),
        (7, "no_place_in_time", "A5"),
    ]  # fmt: skip
    outcome = result.outcomes.to_pylist()[0]
    assert (outcome["rows_read"], outcome["rows_loaded"], outcome["rows_skipped"]) == (5, 1, 1)


def test_only_some_key_columns_may_be_empty_and_never_the_first(tmp_path: Path) -> None:
    text = "unit,book,no,day\nVP,1,1,2024-01-01\nVP,,2,2024-01-01\n,1,3,2024-01-01\nVP,1,,2024-01-01\n"
    columns = {"unit_code": "unit", "book_code": "book", "register_no": "no", "registered_on": "day"}
    record = {"key": ["unit_code", "book_code", "register_no"]}
    result = map_text(tmp_path, text, columns, "documents", record=record)
    assert values(result, "_record_key", "documents") == ["VP|1|1", "VP||2"]
    assert bad_cells(result) == [(4, None, "no_key"), (5, None, "no_key")]


def test_a_shifted_row_leaks_no_name(tmp_path: Path) -> None:
    """One cell too many on the left moves a person's name under a label: only labels seen elsewhere stay."""
    text = "id,day,unit,note\nA1,2024-01-01,Phòng Đất,ok\nA2,Trần Thị Bí Mật,Phòng Đất,Lê Văn Kín\n"
    columns = {"dossier_code": "id", "submitted_at": {"constant": "2024-01-01"}, "received_at": "day",
               "unit_name": "unit",
               "limit_unit": "note", "channel": {"constant": "online"}}  # fmt: skip
    result = map_text(tmp_path, text, columns, record={"latest_by": {"header": "note", "type": "text"}})
    assert values(result, "unit_name") == ["Phòng Đất", "Phòng Đất"]
    assert values(result, "limit_unit") == ["ok", None]
    assert values(result, "_latest_by") == ["ok", None]
    assert values(result, "channel") == ["online", "online"]
    assert bad_cells(result) == [
        (3, "latest_by", "unvouched_label"), (3, "limit_unit", "unvouched_label"),
        (3, "received_at", "not_a_date"),
    ]  # fmt: skip
    listed = result.quarantine.to_pylist()
    assert [(row["cell_shape"], row["cell_length"], len(row["cell_hash"])) for row in listed] == [
        ("Aa Aaa Aaa", 10, 16), ("Aa Aaa Aaa", 10, 16), ("Aaaa Aaa Aa Aaa", 15, 16),
    ]  # fmt: skip
    for table in (*result.tables.values(), result.quarantine, result.outcomes):
        assert "Bí Mật" not in str(table.to_pylist()) and "Kín" not in str(table.to_pylist())


def test_a_rejected_row_vouches_for_nothing(tmp_path: Path) -> None:
    text = "id,day,unit\nA1,x,Lê Văn Kín\n,2024-01-01,Lê Văn Kín\n"
    columns = {
        "dossier_code": "id",
        "received_at": "day",
        "submitted_at": {"constant": "2024-01-01"},
        "unit_name": "unit",
    }
    assert values(map_text(tmp_path, text, columns), "unit_name") == [None]


def test_a_rejected_row_shows_no_label_in_its_key(tmp_path: Path) -> None:
    text = "unit,no,day\nPhòng Đất,1,2024-01-01\nLê Văn Kín,,2024-01-01\nPhòng Đất,,2024-01-01\n"
    columns = {"unit_code": "unit", "register_no": "no", "registered_on": "day"}
    record = {"key": ["unit_code", "register_no"]}
    result = map_text(tmp_path, text, columns, "documents", record=record)
    rejected = [row for row in result.quarantine.to_pylist() if row["is_row_rejected"]]
    assert [(row["row_no"], row["record_key"]) for row in rejected] == [(3, "|"), (4, "Phòng Đất|")]


def test_cell_shape_is_cut_and_keeps_punctuation(tmp_path: Path) -> None:
    result = one_column(tmp_path, "unit_name", {}, ["Ông Á: 0912-345678901 (x)…" + "z" * 40])
    row = result.quarantine.to_pylist()[0]
    assert row["cell_shape"] == "Aaa A: 9999-999999999 (a)?" + "a" * 14
    assert row["cell_length"] == 66


# ------------------------------------------------------------------------------------ versions


def test_equal_rows_are_duplicates_and_the_last_one_stays(tmp_path: Path) -> None:
    text = "id,day,s,at\nA,2024-01-01,1,2\nA,2024-01-01,2,3\nA,2024-01-01,1,2\n"
    columns = {"dossier_code": "id", "received_at": "day", "status_code": "s"}
    result = map_text(tmp_path, text, columns)
    assert result.outcomes["rows_duplicate"].to_pylist() == [1]
    # The newest version by row number is status 1 again: had its copy been dropped, 2 would win.
    assert values(result, "_row_no") == [3, 4]

    text = "id,day,s,at\nA,2024-01-01,1,2\nA,2024-01-01,2,3\nA,2024-01-01,1,10\n"
    record = {"latest_by": {"header": "at", "type": "number"}}
    result = map_text(tmp_path, text, columns, record=record)
    assert result.outcomes["rows_duplicate"].to_pylist() == [0]
    assert values(result, "_latest_by") == ["2", "3", "10"]


def test_row_hash_depends_on_mapped_columns_only(tmp_path: Path) -> None:
    columns = {"dossier_code": "id", "received_at": "day"}
    one = map_text(tmp_path, "id,day,x\nA,2024-01-01,1\n", columns)
    two = map_text(tmp_path, "x,day,id\n2,2024-01-01T00:00,A\n", columns)
    assert values(one, "_row_hash") == values(two, "_row_hash")


def test_update_log_gives_steps_from_changes(tmp_path: Path) -> None:
    text = (
        "id,seq,status,at\n"
        "A,9,1,2024-01-01 08:00\nA,10,2,2024-01-02 08:00\nA,11,2,2024-01-03 08:00\n"
        "B,1,1,2024-01-05 08:00\nA,12,1,2024-01-04 08:00\n,1,1,2024-01-06 08:00\n"
    )
    record = {"changes_of": "status", "latest_by": {"header": "at", "type": "timestamp"}}
    columns = {
        "dossier_code": "id", "step_no": {"value": "change_no"}, "status_code": "status",
        "started_at": "at", "finished_at": {"value": "change_until"}, "step_name": {"value": "change_from"},
    }  # fmt: skip
    result = map_text(tmp_path, text, columns, "dossier_steps", record=record)
    rows = (
        result.tables["dossier_steps"]
        .sort_by([("dossier_code", "ascending"), ("step_no", "ascending")])
        .to_pylist()
    )
    shown = [(row["dossier_code"], row["step_no"], row["status_code"], row["step_name"],
              (row["finished_at"] or "")[:10]) for row in rows]  # fmt: skip
    assert shown == [
        ("A", "1", "1", None, "2024-01-02"), ("A", "2", "2", "1", "2024-01-04"), ("A", "3", "1", "2", ""),
        ("B", "1", "1", None, ""),
    ]  # fmt: skip
    outcome = result.outcomes.to_pylist()[0]
    assert (outcome["rows_read"], outcome["rows_quarantined"], outcome["rows_skipped"]) == (5, 1, 1)


def test_an_update_log_may_begin_without_a_value(tmp_path: Path) -> None:
    text = "id,status,at\nA,,2024-01-01\nA,,2024-01-02\nA,2,2024-01-03\n"
    record = {"changes_of": "status", "latest_by": {"header": "at", "type": "timestamp"}}
    columns = {
        "dossier_code": "id",
        "step_no": {"value": "change_no"},
        "status_code": "status",
        "started_at": "at",
    }
    result = map_text(tmp_path, text, columns, "dossier_steps", record=record)
    assert values(result, "_row_no", "dossier_steps") == [2, 4]


def test_changes_are_ordered_by_number_not_text(tmp_path: Path) -> None:
    text = "id,seq,status,at\nA,10,1,2024-01-03\nA,9,2,2024-01-02\nA,8,1,2024-01-01\n"
    record = {"changes_of": "status", "latest_by": {"header": "seq", "type": "number"}}
    columns = {
        "dossier_code": "id",
        "step_no": {"value": "change_no"},
        "status_code": "status",
        "started_at": "at",
    }
    result = map_text(tmp_path, text, columns, "dossier_steps", record=record)
    assert values(result, "step_no", "dossier_steps") == ["3", "2", "1"]


def test_explode_makes_a_record_per_part(tmp_path: Path) -> None:
    text = "no,to\n1, Phòng A; Phòng B;;\n2,\n3,Phòng A\n"
    columns = {
        "unit_code": {"constant": "VP"}, "direction": {"constant": "in"},
        "register_year": {"constant": "2024"},
        "book_code": {"constant": "1"}, "register_no": "no", "handler_unit_code": {"value": "exploded"},
        "officer": {"constant": ""}, "role": {"value": "exploded_no", "codes": {"1": "main", "2": "joint"}},
    }  # fmt: skip
    result = map_text(
        tmp_path, text, columns, "document_handlers", record={"explode": {"header": "to", "by": ";"}}
    )
    table = result.tables["document_handlers"].sort_by("_record_key")
    assert table.select(["_row_no", "handler_unit_code", "role"]).to_pylist() == [
        {"_row_no": 2, "handler_unit_code": "Phòng A", "role": "main"},
        {"_row_no": 2, "handler_unit_code": "Phòng B", "role": "joint"},
        {"_row_no": 4, "handler_unit_code": "Phòng A", "role": "main"},
    ]
    outcome = result.outcomes.to_pylist()[0]
    assert (outcome["rows_read"], outcome["rows_skipped"]) == (3, 1)
    assert table["_record_key"].to_pylist()[0] == "VP|in|2024|1|1||Phòng A"


def test_where_tests(tmp_path: Path) -> None:
    text = "id,day,s\nA1,2024-01-01,a\nA2,2024-01-01,b\nA3,2024-01-01,\nA4,2024-01-01,ab\n"
    columns = {"dossier_code": "id", "received_at": "day"}
    expected = {
        "equals": ("a", ["A1"]), "in": (["a", "b"], ["A1", "A2"]), "not_in": (["a"], ["A2", "A3", "A4"]),
        "is_missing": (True, ["A3"]), "matches": ("^a", ["A1", "A4"]),
    }  # fmt: skip
    for test, (value, codes) in expected.items():
        result = map_text(tmp_path, text, columns, record={"where": {"header": "s", test: value}})
        assert values(result, "dossier_code") == codes, test
        assert result.outcomes["rows_skipped"].to_pylist() == [4 - len(codes)]
    both = [{"header": "s", "matches": "a"}, {"header": "s", "not_in": ["a"]}]
    assert values(map_text(tmp_path, text, columns, record={"where": both}), "dossier_code") == ["A4"]


# ------------------------------------------------------------------------------------ moments and outcomes


def test_newest_believable_moment(tmp_path: Path) -> None:
    days = ["1979-12-31", "2024-01-01", "2024-02-01", "2024-12-30", "2099-01-01", "2025-12-31 10:00"]
    text = "\n".join(["id,day,due", *(f"A{number},{day},2098-01-01" for number, day in enumerate(days))])
    result = map_text(tmp_path, text, {"dossier_code": "id", "received_at": "day", "due_at": "due"})
    assert set(values(result, "_extracted_at")) == {"2025-12-31 10:00:00.000000"}
    assert result.outcomes["extracted_at"].to_pylist() == ["2025-12-31 10:00:00.000000"]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ({"column": "export", "formats": "dd/MM/yyyy"}, "2024-04-02 00:00:00.000000"),
        ({"path": "(file)"}, "no extraction moment in the path («(file)») as iso"),
        ({"column": "absent"}, "column «absent» for extract.at is missing"),
    ],
)
def test_extraction_moment_from_its_place(tmp_path: Path, at: dict[str, str], expected: str) -> None:
    text = "id,day,export\nA1,2024-01-01,01/04/2024\nA2,2024-01-01,02/04/2024\n"
    result = map_text(tmp_path, text, {"dossier_code": "id", "received_at": "day"}, extract={"at": at})
    if result.error is None:
        assert set(values(result, "_extracted_at")) == {expected}
        assert result.outcomes["ignored_columns"].to_pylist() == [""]
    else:
        assert expected in result.error


@pytest.mark.parametrize("at", [None, {"column": "export"}])
def test_a_file_without_rows_loads_nothing(tmp_path: Path, at: dict[str, str] | None) -> None:
    columns = {"dossier_code": "id", "received_at": "day"}
    result = map_text(tmp_path, "id,day,export\n", columns, extract={"at": at} if at else {})
    row = result.outcomes.to_pylist()[0]
    assert (row["status"], row["rows_read"], row["extracted_at"]) == ("loaded", 0, None)


def test_a_document_without_rows_still_has_its_moment(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text('{"at": "2024-03-31", "data": []}')
    columns = {"dossier_code": "id", "received_at": "day"}
    record = {"kind": "dossiers", "rows": "$.data[*]", "columns": columns}
    result = mapped(path, [record], format="json", extract={"at": {"json": "/at"}})
    assert result.outcomes["extracted_at"].to_pylist() == ["2024-03-31 00:00:00.000000"]


def test_an_unreadable_file_is_an_outcome_per_kind(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("id,day\nA1,2024-01-01\n")
    records = [
        {"kind": "dossiers", "columns": {"dossier_code": "id", "received_at": "day"}},
        {"kind": "due_dates", "columns": {"dossier_code": "id", "due_at": "hạn",
                                          "reason": {"constant": "initial"},
                                          "known_from_at": "day"}},
    ]  # fmt: skip
    result = mapped(path, records)
    assert result.error is not None and result.error.startswith(
        "file.csv: column «hạn» for due_dates.due_at is missing"
    )
    assert [(row["record_kind"], row["status"], row["error"]) for row in result.outcomes.to_pylist()] == [
        ("dossiers", "unreadable", result.error), ("due_dates", "unreadable", result.error),
    ]  # fmt: skip
    assert all(table.num_rows == 0 for table in result.tables.values())


def test_two_records_of_one_kind_are_one_outcome(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("id,start,end,note\nA1,2024-01-01,2024-01-02,x\nA2,2024-01-01,,y\n")
    step = {
        "kind": "dossier_steps",
        "columns": {"dossier_code": "id", "step_no": {"constant": "1"}, "started_at": "start"},
    }
    last = {"kind": "dossier_steps", "where": {"header": "end", "is_missing": False},
            "columns": {"dossier_code": "id", "step_no": {"constant": "2"},
                        "finished_at": "end"}}  # fmt: skip
    result = mapped(path, [step, last])
    row = result.outcomes.to_pylist()[0]
    assert (result.outcomes.num_rows, row["rows_read"], row["rows_loaded"], row["ignored_columns"]) == (
        1,
        3,
        3,
        "note",
    )
    assert sorted(result.tables["dossier_steps"]["_record_key"].to_pylist()) == ["A1|1", "A1|2", "A2|1"]


def test_nested_json_with_dossiers_supplements_and_documents(tmp_path: Path) -> None:
    document = {
        "madonvi": "H11", "ngayTrichXuat": "20240331170000",
        "data": [
            {"MaHoSo": "H-1", "NgayTiepNhan": "20240311083000", "NgayHenTra": "20240325170000", "GhiChu": "",
             "TaiLieuNop": [{"Id": "1", "SoHoa": "1"}, {"Id": "2", "SoHoa": "0"}],
             "BoSung": [{"Id": "77", "Ngay": "20240313100000", "Lan": [{"x": "1"}]}]},
            {"MaHoSo": "H-2", "NgayTiepNhan": "20240312083000", "NgayHenTra": "", "GhiChu": "",
             "TaiLieuNop": [], "BoSung": None},
        ],
    }  # fmt: skip
    path = tmp_path / "file.json"
    path.write_text(json.dumps(document))
    stamp = {"formats": "yyyyMMddHHmmss"}
    records = [
        {"kind": "dossiers", "rows": "$.data[*]", "columns": {
            "dossier_code": "MaHoSo", "unit_code": "/madonvi",
            "received_at": {"header": "NgayTiepNhan", **stamp}, "due_at": {"header": "NgayHenTra", **stamp}}},
        {"kind": "supplement_requests", "rows": "$.data[*].BoSung[*]", "columns": {
            "dossier_code": "../MaHoSo", "request_code": "Id", "requested_at": {"header": "Ngay", **stamp}}},
        {"kind": "dossier_documents", "rows": "$.data[*].TaiLieuNop[*]", "columns": {
            "dossier_code": "../MaHoSo", "document_code": "Id", "is_digitized": "SoHoa"}},
    ]  # fmt: skip
    result = mapped(path, records, format="json", extract={"at": {"json": "/ngayTrichXuat", **stamp}})
    assert values(result, "_record_key") == ["H-1", "H-2"]
    assert values(result, "unit_code") == ["H11", "H11"]
    assert values(result, "due_at") == ["2024-03-25 17:00:00.000000", None]
    assert values(result, "_record_key", "supplement_requests") == ["H-1|77"]
    assert values(result, "is_digitized", "dossier_documents") == ["true", "false"]
    assert set(values(result, "_extracted_at")) == {"2024-03-31 17:00:00.000000"}
    assert "GhiChu" in result.outcomes["ignored_columns"][0].as_py()
    assert not result.quarantine.num_rows


# ------------------------------------------------------------------------------------ real data


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"../shared/data/{name} is absent: real data is not part of the checkout")
    return path


def test_enron_counts_distinct_letters(tmp_path: Path) -> None:
    columns = {
        "unit_code": {"header": "from_id"}, "direction": {"constant": "out"},
        "register_year": {"header": "time", "extract": r"^(\d{4})"}, "book_code": {"constant": "mail"},
        "register_no": {"header": "time", "extract": r"\d{2}:\d{2}:\d{2}$"},
        "officer": {"header": "to_id", "is_pseudonym": True}, "handler_unit_code": "time",
        "role": "recip_type",
    }  # fmt: skip
    result = mapped(shared("enron/messages.csv.gz"), [{"kind": "document_handlers", "columns": columns}])
    row = result.outcomes.to_pylist()[0]
    assert (row["rows_read"], row["rows_loaded"], row["rows_quarantined"]) == (125_409, 46_445, 0)


def test_tthc_workbook_loads_every_row() -> None:
    columns = {"procedure_code": "Mã số", "procedure_name": "Tên", "field_name": "Lĩnh vực"}
    record = {"kind": "procedures", "key": ["procedure_code"], "columns": columns}
    result = mapped(shared("tthc/danh-sach-tthc-NongNghiepvaMoiTruong.xlsx"), [record], format="xlsx")
    row = result.outcomes.to_pylist()[0]
    assert row["rows_read"] == row["rows_loaded"] == 537
    assert row["rows_skipped"] == 1  # the title
    assert row["ignored_columns"] == "Cơ quan ban hành; Cơ quan thực hiện"
    assert pc.count_distinct(result.tables["procedures"]["procedure_code"]).as_py() == 537
    assert set(result.quarantine["reason"].to_pylist()) <= {"too_long"}


def test_wabo_log_has_the_published_moments() -> None:
    from dagster_project.ingest.load_maps import read_map

    source_map, mistakes = read_map(Path(__file__).resolve().parents[2] / "sources" / "wabo-receipt.yml")
    assert source_map is not None and not mistakes
    path = shared("wabo-receipt/receipt_cases.csv")
    part = next(part for part in source_map.inputs if part.name == "cases")
    result = map_file(ClaimedFile(path, path.name, source_map, part, "0" * 64), KEY)
    table = result.tables["dossiers"]
    assert table.num_rows == 1_434 and result.quarantine.num_rows == 0
    finished = table.filter(pc.field("finished_at").is_valid() & pc.field("due_at").is_valid())
    in_time, by_date = (
        pc.sum(
            pc.less_equal(
                pc.utf8_slice_codeunits(finished["finished_at"], 0, width),
                pc.utf8_slice_codeunits(finished["due_at"], 0, width),
            )
        ).as_py()
        for width in (19, 10)  # the published answers compare whole seconds
    )
    assert (finished.num_rows, in_time, by_date) == (1_329, 954, 1_020)


def test_constant_columns_share_their_memory() -> None:
    from dagster_project.ingest.mapping import _constant

    column = _constant("x" * 64, pa.field("a", pa.string()), 200_000)
    assert len(column) == 200_000 and set(column.unique().to_pylist()) == {"x" * 64}
    assert column.chunk(0).buffers()[2].address == column.chunk(2).buffers()[2].address
