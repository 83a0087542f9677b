"""Canaries: made-up personal data that no artefact may show, and how they get into exports.

``spoil_exports`` writes exports anew with canaries in every personal and free-text cell, and adds rows whose
cells stand under the wrong headers. ``canary_search`` looks for them.
"""

from __future__ import annotations

import csv
import io
import json
import random
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fastexcel
import xlsxwriter

# No word of these stands in any list of names or words that the sample draws from.
APPLICANT = "Vẹtxanh Kwanarizz Đẫuquỳ"
OFFICER = "Lỗbình Zoqphilim Ngẫmbổng"
PHONE = "0905550173"
NATIONAL_ID = "060199887755"
EMAIL = "kwpostbox.vq@example.invalid"
WORDS = ("vẹtxanh", "kwanarizz", "đẫuquỳ", "lỗbình", "zoqphilim", "ngẫmbổng", "kwpostbox")
NUMBERS = (PHONE.lstrip("0"), NATIONAL_ID.lstrip("0"))  # read as numbers they lose their zero

NOTES = (
    f"Hồ sơ của {APPLICANT}, điện thoại {PHONE}, thư {EMAIL}, CCCD {NATIONAL_ID}",
    f"Ông {APPLICANT} nộp thay",
    "Gọi 0905 550 173 trước khi trả",
    "CCCD 060 199 887 755",
    f"Liên hệ {EMAIL}",
)
PHONES = (PHONE, "0905 550 173", "0905.550.173", "+84 905 550 173", "84905550173", "0905-550-173")
IDS = (NATIONAL_ID, "060 199 887 755", "060.199.887.755")


def _written(text: str, number: int) -> str:
    """One of four spellings of a name or note."""
    return (
        text,
        unicodedata.normalize("NFD", text),
        text.upper(),
        unicodedata.normalize("NFD", text.upper()),
    )[number % 4]


def applicant(number: int) -> str:
    return _written(APPLICANT, number)


def officer(number: int) -> str:
    return _written(OFFICER, number)


def note(number: int) -> str:
    return _written(NOTES[number % len(NOTES)], number // len(NOTES))


def phone(number: int) -> str:
    return PHONES[number % len(PHONES)]


def national_id(number: int) -> str:
    return IDS[number % len(IDS)]


def email(number: int) -> str:
    return EMAIL


# ------------------------------------------------------------------------------------ planting

Make = Callable[[int], str]

PERSONAL: dict[str, Make] = {
    # registers of the one-stop desks, the store of results, petitions
    "Chủ hồ sơ": applicant,
    "Số điện thoại": phone,
    "Số CCCD": national_id,
    "Trích yếu hồ sơ": note,
    "Nội dung bổ sung": note,
    "Chủ giấy tờ": applicant,
    "Họ tên": applicant,
    "Tiêu đề": note,
    # registers of correspondence
    "Tác giả": applicant,
    "Cơ quan ban hành": applicant,
    "Tên loại và trích yếu nội dung": note,
    "Ký nhận": applicant,
    "Ghi chú": note,
    "Tiến độ giải quyết": note,
    "Nơi nhận văn bản": note,
    "Đơn vị, người nhận bản lưu": applicant,
    # what the national portal is sent
    "ChuHoSo": applicant,
    "MaDoiTuong": national_id,
    "ThongTinKhac": note,
    "Email": email,
    "Fax": phone,
    "SoDienThoai": phone,
    "TrichYeuHoSo": note,
    "SoGiayToChuHoSo": national_id,
    "SoDinhDanh": national_id,
    "ThongTinTra": note,
    "GhiChu": note,
    "TenTepDinhKem": note,
    "DuongDanTaiTepTin": lambda number: f"https://example.invalid/f/{NATIONAL_ID}/{EMAIL}",
    "NoiDungBoSung": note,
    "ThongTinTiepNhan": note,
    "TenGiayTo": note,
    "DuongDanTepTinKetQua": lambda number: f"https://example.invalid/{PHONE}.pdf",
    "NoiDungXuLy": note,
    "ChucDanh": note,
}
OFFICERS = (
    "Cán bộ thụ lý",
    "Người xử lý",
    "Xử lý chính",
    "Người soạn thảo",
    "Họ và tên",
    "Người chịu trách nhiệm",
    "Đơn vị, người nhận",
    "NguoiXuLy",
    "NguoiYeuCauBoSung",
    "NguoiTiepNhanBoSung",
)
RECIPIENTS = "Đơn vị hoặc người nhận"
_EVERY_OFFICER = 3  # every third cell: the others still name officers that the warehouse knows


def planted_cell(header: str, cell: str, number: int) -> str:
    """The cell with a canary if it is personal or free text; officers become one in every third row."""
    header = unicodedata.normalize("NFC", header)
    if header in PERSONAL:
        return PERSONAL[header](number)
    if header in OFFICERS and cell and number % _EVERY_OFFICER == 0:
        return officer(number)
    if header == RECIPIENTS and number % _EVERY_OFFICER == 0:
        return f"{cell}; {officer(number)} (CV); {applicant(number)}; {applicant(number)} – {phone(number)}"
    return cell


def moved(cells: list[str]) -> Iterator[list[str]]:
    """The row with all its cells moved by 1, 2, 3 … places."""
    for by in range(1, len(cells)):
        yield cells[by:] + cells[:by]


def slipped(cells: list[str]) -> Iterator[list[str]]:
    """The row with one cell too many or too few somewhere behind the first: what follows moves by one.

    The cells before it are right, so that many of these rows have a key and a date and are loaded.
    """
    for start in range(1, len(cells)):
        yield [*cells[:start], "", *cells[start:-1]]
        yield [*cells[:start], *cells[start + 1 :], ""]
        yield [*cells[:start], cells[-1], *cells[start:-1]]


class Spoiler:
    """Plants in file after file; spellings alternate through all of them.

    ``gently`` adds so few misplaced rows to a file that the quality gate lets it pass.
    """

    def __init__(self, gently: bool) -> None:
        self._gently = gently
        self._rows = 0
        self._choice = random.Random(3)

    def _some(self, wrong: list[Any], rows: int) -> list[Any]:
        return self._choice.sample(wrong, min(rows // 12, len(wrong))) if self._gently else wrong

    def _table(self, headers: list[str], rows: list[list[str]]) -> list[list[str]]:
        """The rows with canaries, and after them misplaced ones made from the first two."""
        planted = []
        for row in rows:
            cells = zip(headers, row, strict=True)
            planted.append([planted_cell(header, cell, self._rows) for header, cell in cells])
            self._rows += 1
        wrong = [bad for good in planted[:2] for bad in (*moved(good), *slipped(good))]
        return planted + self._some(wrong, len(rows))

    def csv_file(self, path: Path, delimiter: str = ",") -> None:
        """Plant in a CSV export; adds rows with one cell too many and one too few as well."""
        data = path.read_bytes()
        bom = data.startswith(b"\xef\xbb\xbf")
        headers, *rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=delimiter))
        spoilt = self._table(headers, rows)
        odd = [[*row, note(number)] for number, row in enumerate(spoilt[:5])] + [
            row[1:] for row in spoilt[:3]
        ]
        text = io.StringIO()
        lines = [headers, *spoilt, *self._some(odd, len(rows) // 4)]
        csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(lines)
        path.write_bytes((b"\xef\xbb\xbf" if bom else b"") + text.getvalue().encode())

    def xlsx_file(self, path: Path, at_most: int = 150) -> None:
        """Plant in every sheet of a workbook; keeps titles, and ``at_most`` rows where people write letters."""
        book = fastexcel.read_excel(path)
        is_long = path.name.startswith("so-") and "van-ban" in path.name
        sheets = {}
        for name in book.sheet_names:
            table = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_arrow()
            lines = [[cell or "" for cell in row.values()] for row in table.to_pylist()]
            at = next(number for number, line in enumerate(lines) if sum(map(bool, line)) > 3)
            headers, body = lines[at], lines[at + 1 :][: at_most if is_long else None]
            plain = [line for line in body if line != headers and line[0] not in ("(1)", "Tổng cộng")]
            apart = [line for line in body if line not in plain]
            sheets[name] = [*lines[: at + 1], *apart, *self._table(headers, plain)]
        with xlsxwriter.Workbook(path) as written:
            for name, lines in sheets.items():
                sheet = written.add_worksheet(name)
                for place, line in enumerate(lines):
                    for column, cell in enumerate(line):
                        if cell:
                            sheet.write_string(place, column, cell)

    def json_file(self, path: Path) -> None:
        """Plant in every envelope of a sync export; misplaced values move among the plain keys of an object."""
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
        for envelope in lines:
            rows = [self._object(row) for row in envelope["data"]]
            wrong = [bad for good in rows[:2] for bad in _moved_objects(good)]
            if self._gently:  # a row without a key takes all that hangs on it with it
                wrong = [
                    {key: [] if isinstance(value, list) else value for key, value in bad.items()}
                    for bad in wrong
                ]
            nested = [
                {**good, key: [bad for item in value for bad in _moved_objects(item)]}
                for good in rows[:40]
                for key, value in good.items()
                if isinstance(value, list) and value
            ]
            some = self._some(wrong, len(rows)) + self._some(nested[:12], 0)
            envelope["data"] = rows + some
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))

    def _object(self, row: dict[str, Any]) -> dict[str, Any]:
        self._rows += 1
        number = self._rows
        return {
            key: [self._object(item) for item in value]
            if isinstance(value, list)
            else planted_cell(key, str(value), number)
            for key, value in row.items()
        }


def _moved_objects(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    keys = [key for key, value in row.items() if isinstance(value, str)]
    for cells in moved([row[key] for key in keys]):
        yield {**row, **dict(zip(keys, cells, strict=True))}


def spoil_exports(folder: Path, gently: bool) -> int:
    """Plant canaries in all CSV, XLSX and JSON files below ``folder``; the number of files."""
    spoiler, count = Spoiler(gently), 0
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".csv":
            spoiler.csv_file(path, ";" if path.parent.parent.name == "mot-cua-huyen" else ",")
        elif path.suffix == ".xlsx":
            spoiler.xlsx_file(path)
        elif path.suffix == ".json" and path.name not in ("sample.json", "truth.json"):
            spoiler.json_file(path)
        else:
            continue
        count += 1
    return count
