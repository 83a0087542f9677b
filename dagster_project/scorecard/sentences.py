"""Sentences of the quarterly report, one per number, as an office would write them in Vietnamese."""

from __future__ import annotations

from dagster_project.scorecard.numbers import (
    NOTHING,
    format_change,
    format_day,
    format_measure,
    format_number,
    format_ratio,
)
from dagster_project.scorecard.page import rule_name
from dagster_project.scorecard.query import ScorecardRow
from dagster_project.scorecard.report.frame import Row
from dagster_project.scorecard.report.overdue import Band
from dagster_project.scorecard.report.read import Report


def about_dossiers(counts: Row) -> list[str]:
    """What came in, what was finished and what is open: the columns of form II.06 in words."""
    told = {name: format_number(value) for name, value in counts.items()}
    return [
        f"Trong kỳ, tổng số hồ sơ phải giải quyết là {told['received_total']} hồ sơ, trong đó tiếp nhận trực"
        f" tuyến {told['received_online']} hồ sơ, tiếp nhận trực tiếp, qua dịch vụ bưu chính"
        f" {told['received_other']} hồ sơ, từ kỳ trước chuyển sang {told['carried_in']} hồ sơ.",
        f"Đã giải quyết {told['finished_total']} hồ sơ, trong đó trước hạn {told['finished_early']} hồ sơ,"
        f" đúng hạn {told['finished_on_time']} hồ sơ, quá hạn {told['finished_late']} hồ sơ.",
        f"Đang giải quyết {told['open_total']} hồ sơ, trong đó trong hạn {told['open_in_time']} hồ sơ, quá"
        f" hạn {told['open_overdue']} hồ sơ.",
    ]


def about_indicator(row: ScorecardRow, year_before: float | None) -> str:
    """The value of one indicator with its counts, the changes, the year to date and the target."""
    rule = rule_name(row.rule_version)
    where = f" ({rule[0]})" if rule else ""
    where += f" (lĩnh vực {row.field_name}, {row.unit_name})" if row.field_name else ""
    if row.value is None:
        return f"{row.name_vi}{where}: chưa có số liệu trong kỳ."
    if row.measure_type == "ratio":
        told = f"{row.name_vi}{where} là {format_ratio(row.numerator, row.denominator)}"
        told += f" ({format_number(row.numerator)}/{format_number(row.denominator)})"
    else:
        told = f"{row.name_vi}{where}: {format_measure(row.value, row.measure_type)}"
        if row.max_score is not None:
            told += f"/{format_number(row.max_score)} điểm"
    changes = [
        _change(row, before, against)
        for before, against in (
            (row.trend[-1] if row.trend else None, "kỳ trước"),
            (year_before, "cùng kỳ năm trước"),
        )
        if before is not None
    ]
    if changes:
        told += ", " + ", ".join(changes)
    if row.to_date is not None and row.to_date.value is not None:
        told += f"; lũy kế từ đầu năm {_to_date(row)}"
    if row.target is not None:
        verdict = {True: "đạt chỉ tiêu", False: "chưa đạt chỉ tiêu", None: "chỉ tiêu"}[row.is_met]
        told += f"; {verdict} {format_measure(row.target, row.measure_type)}"
    return told + "."


def _to_date(row: ScorecardRow) -> str:
    """The year to date, a ratio with its counts."""
    counts = row.to_date
    if counts is None or row.measure_type != "ratio":
        return format_measure(counts.value if counts else None, row.measure_type)
    share = format_ratio(counts.numerator, counts.denominator)
    return f"{share} ({format_number(counts.numerator)}/{format_number(counts.denominator)})"


def _change(row: ScorecardRow, before: float, against: str) -> str:
    change = format_change(row.value, before, row.measure_type)
    unit = " điểm phần trăm" if row.measure_type == "ratio" else ""
    if change.lstrip("+-").strip("0,") == "":
        return f"bằng {against}"
    word = "tăng" if change.startswith("+") else "giảm"
    return f"{word} {change.lstrip('+-')}{unit} so với {against}"


def about_overdue(bands: list[Band]) -> str:
    """How long the open overdue dossiers are late."""
    total = sum(band.count for band in bands)
    if not total:
        return "Cuối kỳ không có hồ sơ đang giải quyết quá hạn."
    parts = [f"{_span(band)} ngày {format_number(band.count)} hồ sơ" for band in bands]
    return f"Cuối kỳ có {format_number(total)} hồ sơ đang giải quyết quá hạn: {', '.join(parts)}."


def _span(band: Band) -> str:
    if band.last_day is None:
        return f"trên {band.first_day - 1}"
    return f"từ {band.first_day} đến {band.last_day}"


def about_apology(counts: Row) -> str:
    """Late dossiers with and without a letter of apology sent in time."""
    if not counts["finished_late"]:
        return "Trong kỳ không có hồ sơ giải quyết quá hạn phải xin lỗi."
    return (
        f"Trong {format_number(counts['finished_late'])} hồ sơ giải quyết quá hạn,"
        f" {format_number(counts['late_with_apology'])} hồ sơ có phiếu xin lỗi và hẹn lại ngày trả kết quả,"
        f" {format_number(counts['late_without_apology'])} hồ sơ chưa có thư xin lỗi."
    )


def about_worst(report: Report) -> list[str]:
    """The units with the lowest rates and the procedures with most late dossiers."""
    found = []
    if report.worst_units:
        listed = "; ".join(
            f"{row['unit_name']} {format_ratio(row['numerator'], row['denominator'])}"
            for row in report.worst_units
        )
        found.append(f"Các đơn vị có tỷ lệ giải quyết sớm và đúng hạn thấp nhất: {listed}.")
    if report.worst_procedures:
        listed = "; ".join(
            f"{row['procedure_name'] or row['procedure_code']}"
            f" ({format_number(row['late'])}/{format_number(row['finished'])} hồ sơ)"
            for row in report.worst_procedures
        )
        found.append(f"Các thủ tục có nhiều hồ sơ quá hạn nhất: {listed}.")
    return found


def about_petitions(petitions: list[Row]) -> list[str]:
    """What was sent in the period by kind, answered, answered in time, and what its senders said of it."""
    if not petitions:
        return ["Trong kỳ không có phản ánh, kiến nghị, khiếu nại, tố cáo trong số liệu."]
    return [
        f"{_capital(row['petition_type'] or NOTHING)}: nhận trong kỳ {format_number(row['received'])}, đã trả"
        f" lời {format_number(row['answered'])}, đúng hạn {format_number(row['on_time'])}, quá hạn"
        f" {format_number(row['late'])}{_satisfaction(row)}."
        for row in petitions
    ]


def _satisfaction(row: Row) -> str:
    if not row["asked"]:
        return ""
    satisfied, asked = format_number(row["satisfied"]), format_number(row["asked"])
    return f"; hài lòng {satisfied}/{asked} trường hợp có ý kiến đánh giá"


def about_late_publications(late: list[Row]) -> list[str]:
    """Every procedure that was announced or put online after its day in the period."""
    words = {"decided": "quyết định công bố", "online": "cập nhật, công khai trên Cổng"}
    return [
        f"Thủ tục {row['procedure_code']} ({row['procedure_name'] or NOTHING}): {words[row['duty']]} quá hạn,"
        f" hạn ngày {format_day(row['due_on'])}, "
        + (f"thực hiện ngày {format_day(row['done_on'])}." if row["done_on"] else "chưa thực hiện.")
        for row in late
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
