"""Writes ``scorecard.xlsx``: the official form, the indicators, the overdue dossiers; prints on A4."""

from __future__ import annotations

import io
from datetime import datetime, time
from typing import Any

from dagster_project.scorecard.page import label, rule_name
from dagster_project.scorecard.query import ScorecardRow
from dagster_project.scorecard.report.form import Form
from dagster_project.scorecard.report.read import Report

FONT = "Times New Roman"
# "_)" keeps a number off the line at its right; some programs lose an indent there.
COUNT = "#,##0_)"
RATIO = "0.00%_)"
# Not "#,##0.##": Excel leaves the mark of a whole number standing.
DECIMAL = "#,##0.0#_)"
DAY = "dd/mm/yyyy"
NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập – Tự do – Hạnh phúc"
SYNTHETIC = "DỮ LIỆU MÔ PHỎNG – synthetic data, not a real department"


def render_workbook(report: Report) -> bytes:
    """The workbook's bytes; the same report gives the same bytes.

    Numbers are numbers; text stays text whatever it begins with: neither formulas nor links are made of it.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    # The as-of day in place of the clock; the library takes a day without an hour for none.
    released = datetime.combine(report.as_of_on or report.card.period.ends_on, time())
    book.set_properties(
        {
            "title": f"{label('title')[0]} {report.card.period.period}",
            "subject": SYNTHETIC if report.card.is_synthetic else report.card.unit_name,
            "created": released,
        }
    )
    styles = Styles(book)
    _form_sheet(book, styles, report)
    _indicator_sheet(book, styles, report)
    _overdue_sheet(book, styles, report)
    book.close()
    return buffer.getvalue()


class Styles:
    """The few formats of the workbook, made once."""

    def __init__(self, book: Any) -> None:
        base: dict[str, Any] = {"font_name": FONT, "font_size": 11, "valign": "vcenter"}
        cell = base | {"border": 1, "text_wrap": True}
        middle = {"align": "center"}
        self.text = book.add_format(base)
        self.center = book.add_format(base | middle)
        self.bold = book.add_format(base | middle | {"bold": True})
        self.title = book.add_format(base | middle | {"bold": True, "font_size": 13, "text_wrap": True})
        self.note = book.add_format(base | {"italic": True, "font_size": 10, "text_wrap": True})
        self.warning = book.add_format(base | {"bold": True, "bg_color": "#FFE08A"})
        self.head = book.add_format(cell | middle | {"bold": True, "bg_color": "#EEF1F5"})
        # An indent keeps texts off the lines of the table.
        self.cell = book.add_format(cell | {"indent": 1})
        self.cell_center = book.add_format(cell | middle)
        self.cell_bold = book.add_format(cell | {"indent": 1, "bold": True})
        self.count = book.add_format(cell | {"num_format": COUNT, "align": "right"})
        self.count_bold = book.add_format(cell | {"num_format": COUNT, "align": "right", "bold": True})
        self.number = book.add_format(cell | {"num_format": DECIMAL, "align": "right"})
        self.ratio = book.add_format(cell | {"num_format": RATIO, "align": "right"})
        self.day = book.add_format(cell | middle | {"num_format": DAY})


def sheet_name(form: Form) -> str:
    """The form's code as a sheet may be called: ``07a/BTP`` becomes ``07a-BTP``."""
    return form.code.replace("/", "-")


def _page(sheet: Any, first_head: int, last_head: int) -> None:
    """A4 across, one page wide, the heads of the table on every page, page numbers below."""
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.repeat_rows(first_head, last_head)
    sheet.set_footer("&C&9&P/&N")
    sheet.hide_gridlines(2)


def _heading(sheet: Any, styles: Styles, report: Report, title: str, last: int) -> int:
    """Unit at the left, the nation's name at the right, the title and the period below; the next free row."""
    half = last // 2
    sheet.merge_range(0, 0, 0, half, report.card.unit_name.upper(), styles.bold)
    sheet.merge_range(0, half + 1, 0, last, NATION, styles.bold)
    sheet.merge_range(1, half + 1, 1, last, MOTTO, styles.bold)
    sheet.merge_range(3, 0, 3, last, title, styles.title)
    sheet.set_row(3, 34)
    period = report.card.period
    sheet.merge_range(
        4,
        0,
        4,
        last,
        f"{label(period.calendar)[0]}: {period.period} (từ ngày {period.starts_on:%d/%m/%Y} đến ngày"
        f" {period.ends_on:%d/%m/%Y}) · Bản công bố {report.card.release_id}",
        styles.center,
    )
    if report.card.is_synthetic:
        sheet.merge_range(5, 0, 5, last, SYNTHETIC, styles.warning)
    return 6


def _form_sheet(book: Any, styles: Styles, report: Report) -> None:
    form = report.form
    last = len(form.columns) + 1
    sheet = book.add_worksheet(sheet_name(form))
    sheet.set_column(0, 0, 6)
    sheet.set_column(1, 1, 34)
    sheet.set_column(2, last, 11)
    row = _heading(sheet, styles, report, f"Biểu số {form.code}\n{form.title}", last)
    sheet.merge_range(row, last - 3, row, last, "Đơn vị tính: số hồ sơ", styles.note)
    top = row + 1
    depth = max(len(column.heads) for column in form.columns)
    for place, text in enumerate(("TT", "Lĩnh vực, công việc giải quyết theo cấp")):
        _merge(sheet, top, place, top + depth - 1, place, text, styles.head)
    _column_heads(sheet, styles, form, top, depth)
    numbers = top + depth
    for place, number in enumerate(["(1)", "(2)", *(f"({column.number})" for column in form.columns)]):
        sheet.write_string(numbers, place, number, styles.head)
    for place, line in enumerate(form.lines, numbers + 1):
        is_bold = line.kind != "field"
        sheet.write_string(place, 0, line.number, styles.cell_center)
        sheet.write_string(place, 1, line.label, styles.cell_bold if is_bold else styles.cell)
        for column, value in enumerate(line.cells, 2):
            _write(sheet, place, column, value, styles.count_bold if is_bold else styles.count)
    end = numbers + len(form.lines) + 2
    if blank := [column.number for column in form.columns if not column.measures]:
        text = f"Cột ({'), ('.join(blank)}) để trống: không nguồn nào có số liệu."
        sheet.merge_range(end, 0, end, last, text, styles.note)
        end += 1
    if form.status != "in_force":
        text = "Mẫu biểu tạm dùng, chưa đối chiếu với thông tư (assumed)."
        sheet.merge_range(end, 0, end, last, text, styles.note)
        end += 1
    half = last // 2
    sheet.merge_range(end + 1, 0, end + 1, half, "NGƯỜI LẬP BIỂU", styles.bold)
    sheet.merge_range(end + 1, half + 1, end + 1, last, "THỦ TRƯỞNG ĐƠN VỊ", styles.bold)
    _page(sheet, top, numbers)
    sheet.freeze_panes(numbers + 1, 2)


def _column_heads(sheet: Any, styles: Styles, form: Form, top: int, depth: int) -> None:
    """Heads of the number columns: equal outer heads beside each other are one merged cell."""
    columns = form.columns
    for level in range(depth):
        place = 0
        while place < len(columns):
            heads = columns[place].heads
            if level >= len(heads):
                place += 1
                continue
            end = place
            if level < len(heads) - 1:
                same = heads[: level + 1]
                while end + 1 < len(columns) and len(columns[end + 1].heads) > level + 1:
                    if columns[end + 1].heads[: level + 1] != same:
                        break
                    end += 1
            down = top + (depth - 1 if level == len(heads) - 1 else level)
            _merge(sheet, top + level, place + 2, down, end + 2, heads[level], styles.head)
            place = end + 1
    sheet.set_row(top + depth - 1, 48)


def _indicator_sheet(book: Any, styles: Styles, report: Report) -> None:
    sheet = book.add_worksheet("Chỉ số")
    names = ["Mã", "Chỉ số", "Phạm vi", "Tử số", "Mẫu số", "Giá trị", "Chỉ tiêu", "Đạt", "Kỳ trước"]
    names += ["Cùng kỳ năm trước", "Lũy kế từ đầu năm", "Trạng thái", "Đã công bố"]
    for place, width in enumerate((26, 50, 26, 10, 10, 10, 10, 10, 10, 11, 11, 14, 11)):
        sheet.set_column(place, place, width)
    top = _heading(sheet, styles, report, "CHỈ SỐ CẢI CÁCH HÀNH CHÍNH VÀ CHỈ TIÊU", len(names) - 1)
    for place, name in enumerate(names):
        sheet.write_string(top, place, name, styles.head)
    sheet.set_row(top, 32)
    row = top
    for each in report.card.rows:
        row += 1
        rule = rule_name(each.rule_version)
        name = f"{each.name_vi} ({rule[0]})" if rule else each.name_vi
        sheet.set_row(row, _height(name, 50))
        where = ", ".join(
            part for part in (each.field_name, each.unit_name if each.field_name else None) if part
        )
        sheet.write_string(row, 0, f"{each.indicator_code} {each.rule_version}", styles.cell)
        sheet.write_string(row, 1, name, styles.cell)
        sheet.write_string(row, 2, where or "Mọi lĩnh vực", styles.cell)
        _write(sheet, row, 3, each.numerator, styles.count)
        _write(sheet, row, 4, each.denominator, styles.count)
        for place, value in (
            (5, each.value),
            (6, each.target),
            (8, each.trend[-1] if each.trend else None),
            (9, report.year_before(each)),
            (10, each.to_date.value if each.to_date else None),
            (12, each.published_value),
        ):
            _write(sheet, row, place, value, _measure(styles, each, value))
        met = "" if each.is_met is None else label("met" if each.is_met else "not_met")[0]
        sheet.write_string(row, 7, met, styles.cell_center)
        sheet.write_string(row, 11, label(each.status)[0], styles.cell_center)
    _page(sheet, top, top)
    sheet.freeze_panes(top + 1, 2)


def _overdue_sheet(book: Any, styles: Styles, report: Report) -> None:
    sheet = book.add_worksheet("Hồ sơ quá hạn")
    columns: list[tuple[str, int, str]] = [
        ("Mã số hồ sơ", 28, "dossier_code"),
        ("Đơn vị", 30, "unit_name"),
        ("Lĩnh vực", 18, "field_name"),
        ("Mã TTHC", 12, "procedure_code"),
        ("Thủ tục", 44, "procedure_name"),
        ("Bước", 28, "step_name"),
        ("Ngày tiếp nhận", 13, "received_at"),
        ("Ngày hẹn trả", 13, "due_at"),
        ("Số ngày quá hạn", 10, "late_days"),
    ]
    if report.dossiers and "holder_id" in report.dossiers[0]:
        columns.append(("Người giữ hồ sơ (mã)", 22, "holder_id"))
    last = len(columns)
    sheet.set_column(0, 0, 6)
    for place, (_, width, _) in enumerate(columns, 1):
        sheet.set_column(place, place, width)
    top = _heading(sheet, styles, report, "DANH SÁCH HỒ SƠ ĐANG GIẢI QUYẾT QUÁ HẠN", last)
    for place, name in enumerate(["TT", *(name for name, _, _ in columns)]):
        sheet.write_string(top, place, name, styles.head)
    sheet.set_row(top, 32)
    for number, dossier in enumerate(report.dossiers, 1):
        row = top + number
        sheet.set_row(row, max(_height(dossier[column], width) for _, width, column in columns))
        sheet.write_number(row, 0, number, styles.cell_center)
        for place, (_, _, column) in enumerate(columns, 1):
            value = dossier[column]
            if column.endswith("_at"):
                _write(sheet, row, place, value, styles.day)
            elif column == "late_days":
                _write(sheet, row, place, value, styles.count)
            else:
                sheet.write_string(row, place, "" if value is None else str(value), styles.cell)
    _page(sheet, top, top)
    sheet.freeze_panes(top + 1, 2)
    sheet.autofilter(top, 0, top + max(len(report.dossiers), 1), last)


def _height(text: Any, width: int) -> float:
    """Points for a text that wraps in a column: not every program finds the height by itself.

    Letters of this font are narrower than the digits in which a column is measured.
    """
    return 15.5 * (1 + int(len(text) / (1.15 * width))) if isinstance(text, str) else 15.5


def _measure(styles: Styles, row: ScorecardRow, value: float | None) -> Any:
    if row.measure_type == "ratio":
        return styles.ratio
    return styles.count if value is None or float(value).is_integer() else styles.number


def _write(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    """A number or a moment as such; what is not known stays an empty cell, never a nought."""
    if value is None:
        sheet.write_blank(row, column, None, style)
    elif hasattr(value, "year"):
        sheet.write_datetime(row, column, value, style)
    else:
        sheet.write_number(row, column, value, style)


def _merge(sheet: Any, top: int, left: int, bottom: int, right: int, text: str, style: Any) -> None:
    if (top, left) == (bottom, right):
        sheet.write_string(top, left, text, style)
    else:
        sheet.merge_range(top, left, bottom, right, text, style)
