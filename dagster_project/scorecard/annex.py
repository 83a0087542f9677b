"""Writes ``scorecard.docx``: the annex of the quarterly reform report, parts II.1, II.2 and II.6, to edit."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dagster_project.scorecard import sentences
from dagster_project.scorecard.numbers import format_day, format_number
from dagster_project.scorecard.report.form import ROMAN
from dagster_project.scorecard.report.read import Report
from dagster_project.scorecard.workbook import FONT, MOTTO, NATION, SYNTHETIC

if TYPE_CHECKING:
    from docx.document import Document

# The list in the annex names the longest ones; all of them are in the workbook.
LISTED = 30
# A level of the form, or its line of totals, stands out by its number.
BOLD_NUMBERS = (*ROMAN, "")
OWN_WORDS = "(Đơn vị bổ sung; kho dữ liệu không có nguồn cho phần này.)"


def render_annex(report: Report) -> bytes:
    """The document's bytes; the same report gives the same bytes. The letter's number and date stay blank."""
    from docx import Document
    from docx.shared import Cm, Pt

    document = Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(13)
    # East Asian fonts have their own slot; without it Word falls back to another face for some letters.
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(_tag("w:eastAsia"), FONT)
    normal.paragraph_format.space_after = Pt(4)
    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin, page.right_margin = Cm(3), Cm(1.5)
    page.top_margin = page.bottom_margin = Cm(2)
    _letterhead(document, report)
    _body(document, report)
    _annexes(document, report)
    return _same_bytes(document, report)


def _letterhead(document: Document, report: Report) -> None:
    from docx.shared import Pt

    table = document.add_table(rows=1, cols=2)
    table.autofit = False
    left, right = table.rows[0].cells
    for column, width in zip(table.columns, (7.0, 9.5), strict=True):
        column.width = _cm(width)
        column.cells[0].width = _cm(width)
    _centred(left.paragraphs[0], report.card.unit_name.upper(), bold=True)
    _centred(left.add_paragraph(), "Số:          /BC-")
    _centred(right.paragraphs[0], NATION, bold=True)
    _centred(right.add_paragraph(), MOTTO, bold=True)
    _centred(right.add_paragraph(), "…………, ngày …… tháng …… năm ……", italic=True)
    # The motto's line is the widest; at this size neither it nor a department's name breaks.
    for paragraph in (*left.paragraphs, *right.paragraphs):
        paragraph.runs[0].font.size = Pt(11)
    period = report.card.period
    _centred(document.add_paragraph(), "PHỤ LỤC", bold=True)
    _centred(
        document.add_paragraph(),
        f"Số liệu báo cáo công tác cải cách hành chính kỳ {period.period}",
        bold=True,
    )
    _centred(
        document.add_paragraph(),
        f"(từ ngày {format_day(period.starts_on)} đến ngày {format_day(period.ends_on)}; số liệu đến ngày"
        f" {format_day(report.as_of_on)}, bản công bố {report.card.release_id})",
        italic=True,
    )
    if report.card.is_synthetic:
        _centred(document.add_paragraph(), SYNTHETIC, bold=True)


def _body(document: Document, report: Report) -> None:
    """The outline of the report's part II, one sentence per number."""
    add = _writer(document)

    def figures(*codes: str) -> list[str]:
        return [
            sentences.about_indicator(row, report.year_before(row))
            for row in report.card.rows
            if row.indicator_code.startswith(codes)
        ]

    add("II. KẾT QUẢ THỰC HIỆN CẢI CÁCH HÀNH CHÍNH", [])
    add("1. Cải cách thể chế", [OWN_WORDS])
    add("2. Cải cách thủ tục hành chính", [])
    published = [*figures("PUB_"), *sentences.about_late_publications(report.late_publications)]
    add("a) Kiểm soát, công bố, công khai thủ tục hành chính", published or [OWN_WORDS])
    add("b) Rà soát, đơn giản hóa thủ tục hành chính", [OWN_WORDS])
    add(
        "c) Tiếp nhận, giải quyết thủ tục hành chính theo cơ chế một cửa",
        [
            *sentences.about_dossiers(report.counts),
            *figures("OT_", "LATE", "SCORE"),
            sentences.about_overdue(report.bands),
            sentences.about_apology(report.counts),
            *figures("APOLOGY"),
            *sentences.about_worst(report),
        ],
    )
    add(
        "d) Tiếp nhận, xử lý phản ánh, kiến nghị",
        [*sentences.about_petitions(report.petitions), *figures("PAKN", "SAT_")],
    )
    add("đ) Số hóa hồ sơ, kết quả giải quyết thủ tục hành chính", figures("DIG_", "REUSE"))
    add(
        "6. Xây dựng và phát triển chính quyền điện tử, chính quyền số",
        figures("ONLINE", "SYNC", "PAY", "DOC_"),
    )


def _annexes(document: Document, report: Report) -> None:
    """The form and the longest overdue dossiers, on pages laid across."""
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm

    section = document.add_section()
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(1.5)
    form = report.form
    _centred(document.add_paragraph(), f"Biểu số {form.code}: {form.title}", bold=True)
    heads = ["TT", "Lĩnh vực", *(", ".join(column.heads) for column in form.columns)]
    lines = [[line.number, line.label, *map(_cell, line.cells)] for line in form.lines]
    numbers = ["(1)", "(2)", *(f"({column.number})" for column in form.columns)]
    share = 20.0 / len(form.columns)
    _table(document, heads, [numbers, *lines], [1.0, 5.6, *([share] * len(form.columns))], 8)
    document.add_paragraph()
    _centred(document.add_paragraph(), "Danh sách hồ sơ đang giải quyết quá hạn", bold=True)
    listed = [
        [
            str(number),
            dossier["dossier_code"],
            dossier["unit_name"],
            dossier["procedure_name"] or "–",
            format_day(dossier["due_at"]),
            format_number(dossier["late_days"]),
        ]
        for number, dossier in enumerate(report.dossiers[:LISTED], 1)
    ]
    heads = ["TT", "Mã số hồ sơ", "Đơn vị", "Thủ tục", "Ngày hẹn trả", "Số ngày quá hạn"]
    _table(document, heads, listed, [1.0, 5.6, 5.6, 9.2, 2.6, 2.4], 9)
    if len(report.dossiers) > LISTED:
        document.add_paragraph(
            f"Danh sách nêu {LISTED} hồ sơ quá hạn lâu nhất trong {format_number(len(report.dossiers))}"
            " hồ sơ; danh sách đầy đủ ở tệp scorecard.xlsx."
        )


def _writer(document: Document) -> Callable[[str, Iterable[str]], None]:
    def add(heading: str, paragraphs: Iterable[str]) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH

        head = document.add_paragraph()
        head.paragraph_format.keep_with_next = True
        head.add_run(heading).bold = True
        for text in paragraphs:
            paragraph = document.add_paragraph(text)
            paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
            paragraph.paragraph_format.first_line_indent = _cm(1)

    return add


def _table(
    document: Document, heads: list[str], lines: list[list[str]], widths: list[float], points: int
) -> None:
    """A table with its heads on every page. Cells are filled by column list: asking for each is slow."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.shared import Pt

    table = document.add_table(rows=0, cols=len(heads))
    table.style = document.styles["Table Grid"]
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = _cm(width)
    for number, texts in enumerate([heads, *lines]):
        row = table.add_row()
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        if number == 0:
            row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for cell, text, width in zip(row.cells, texts, widths, strict=True):
            cell.width = _cm(width)
            run = cell.paragraphs[0].add_run(text)
            run.font.size, run.bold = Pt(points), number == 0 or texts[0] in BOLD_NUMBERS
            if number == 0 or text.replace(".", "").isdigit():
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER


def _cell(value: int | None) -> str:
    return "" if value is None else format_number(value)


def _centred(paragraph: Any, text: str, bold: bool = False, italic: bool = False) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(text)
    run.bold, run.italic = bold, italic


def _cm(value: float) -> Any:
    from docx.shared import Cm

    return Cm(value)


def _tag(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(name))


def _same_bytes(document: Document, report: Report) -> bytes:
    """Save with the as-of day in place of the clock: neither properties nor archive tell when it ran."""
    day = report.as_of_on or report.card.period.ends_on
    facts = document.core_properties
    facts.author, facts.last_modified_by = report.card.unit_name, ""
    facts.title = f"Phụ lục báo cáo cải cách hành chính {report.card.period.period}"
    facts.comments = SYNTHETIC if report.card.is_synthetic else ""
    facts.created = facts.modified = datetime(day.year, day.month, day.day)
    written, settled = io.BytesIO(), io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(settled, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name), source.read(name), zipfile.ZIP_DEFLATED)
    return settled.getvalue()
