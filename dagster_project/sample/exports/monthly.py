"""Smaller monthly exports: result store and petitions (CSV), reviews of delays and form II.06 (workbooks)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from dagster_project.sample.assessments import SELF_SCORE
from dagster_project.sample.exports import text, words
from dagster_project.sample.exports.as_known import MOMENTS, changes, extract_of, extracts, is_known, known
from dagster_project.sample.exports.files import SheetText, write_csv, write_xlsx
from dagster_project.sample.exports.reorganised import as_written
from dagster_project.sample.people import applicant_names, phone_numbers
from dagster_project.sample.world import World

RESULTS, PETITIONS, REVIEWS = "kho-ket-qua", "phan-anh", "ra-soat"
DAY, MOMENT = "dd/MM/yyyy", "dd/MM/yyyy HH:mm"
PETITION_TYPES = {
    "PAKN": "Phản ánh, kiến nghị",
    "khiếu nại": "Khiếu nại",
    "tố cáo": "Tố cáo",
    "kiến nghị cử tri": "Kiến nghị cử tri",
}
PETITION_COMPLEXITIES = {
    "normal": "Bình thường", "complex": "Phức tạp", "very_complex": "Đặc biệt phức tạp",
}  # fmt: skip
PETITION_HANDLINGS = {
    "answered": "Đã trả lời", "refused": "Từ chối", "supplement_asked": "Yêu cầu bổ sung thông tin",
    "transferred_out": "Chuyển cơ quan khác",
}  # fmt: skip
CAUSES = {
    "tax_wait": "Chờ thực hiện nghĩa vụ tài chính",
    "partner_body": "Phối hợp giữa cấp xã và chi nhánh chậm",
    "old_maps": "Bản đồ cũ, sai lệch; quá tải trích đo",
    "two_systems": "Hai hệ thống phần mềm đất đai song song",
    "one_stop_software": "Lỗi phần mềm một cửa",
    "staff_moved": "Cán bộ được điều động làm việc khác",
    "surge": "Hồ sơ tăng đột biến",
    "no_seal": "Chưa có con dấu sau sắp xếp",
    "no_land_price": "Chưa có giá đất",
    "not_closed": "Đã giải quyết nhưng chưa kết thúc trên phần mềm",
    "slow_handling": "Xử lý chậm",
    "unknown": "Không rõ",
}
FIGURES = {
    "received_total": "Tiếp nhận: tổng số",
    "received_online": "Tiếp nhận: trực tuyến",
    "received_other": "Tiếp nhận: trực tiếp, bưu chính",
    "carried_in": "Tiếp nhận: từ kỳ trước",
    "finished_total": "Đã giải quyết: tổng số",
    "finished_early": "Đã giải quyết: trước hạn",
    "finished_on_time": "Đã giải quyết: đúng hạn",
    "finished_late": "Đã giải quyết: quá hạn",
    "open_total": "Đang giải quyết: tổng số",
    "open_in_time": "Đang giải quyết: trong hạn",
    "open_overdue": "Đang giải quyết: quá hạn",
}
CALENDARS = {"cal": "Dương lịch", "rep": "Kỳ báo cáo (15–14)"}
_REPORT_DAYS = 5


# ------------------------------------------------------------------------------------ results


def write_results(world: World, folder: Path) -> Iterator[Path]:
    """The result store by month: the first file holds the stock, later ones what was issued or digitized."""
    results = world.results
    codes = text.texts(world.dossiers["dossier_code"])
    numbers = np.arange(len(results))
    moved = changes([(numbers, results["issued_on"]), (numbers, results["digitized_on"])])
    for extract_no in extracts(world):
        moment = MOMENTS[extract_no]
        rows = results.iloc[moved.at(extract_no)]
        rows = rows[is_known(rows["issued_on"], moment)].reset_index(drop=True)
        rows = as_written(world, rows, extract_no)
        digitized = known(rows["digitized_on"], moment)
        # Who holds a certificate is in the export, in no map: number 0 for papers from before the horizon.
        owners = rows["dossier_no"].to_numpy() + 1
        table = pa.table(
            {
                "Mã giấy tờ": text.texts(rows["result_code"]),
                "Mã hồ sơ": text.looked_up(rows["dossier_no"], codes),
                "Mã TTHC": text.texts(rows["procedure_code"]),
                "Lĩnh vực": text.coded(rows["field_code"], words.field_names()),
                "Mã đơn vị": text.texts(rows["unit_code"]),
                "Chủ giấy tờ": text.texts(applicant_names(owners)),
                "Ngày ban hành": text.dates(rows["issued_on"], DAY),
                "Thời hạn hiệu lực": text.dates(rows["valid_to_on"], DAY),
                "Thời hạn vĩnh viễn": text.yes_no(rows["is_permanent"]),
                "Bản điện tử": text.yes_no(rows["is_electronic"]),
                "Đã số hóa": text.yes_no(~np.isnat(digitized)),
                "Thời gian số hóa": text.dates(digitized, DAY),
            }
        )
        path = folder / RESULTS / words.extract_folder(extract_no) / "kho-ket-qua.csv"
        write_csv(path, table, bom=True)
        yield path


# ------------------------------------------------------------------------------------ petitions


def write_petitions(world: World, folder: Path) -> Iterator[Path]:
    """Petitions by month, as far as then known."""
    petitions = world.petitions
    numbers = np.arange(len(petitions))
    names = ("sent_at", "accepted_at", "transferred_at", "answered_at", "published_at")
    moved = changes([(numbers, petitions[name]) for name in names])
    for extract_no in extracts(world):
        moment = MOMENTS[extract_no]
        place = moved.at(extract_no)
        rows = as_written(world, petitions.iloc[place].reset_index(drop=True), extract_no)
        accepted, answered = known(rows["accepted_at"], moment), known(rows["answered_at"], moment)
        is_accepted = ~np.isnat(accepted)
        transferred = known(rows["transferred_at"], moment)
        is_open = np.isnat(answered) & np.isnat(transferred)
        satisfied = np.where(np.isnat(answered), None, rows["is_satisfied"].to_numpy(object))
        handling = np.where(is_open, None, rows["handling"].to_numpy(object))
        due = np.where(is_accepted, rows["due_at"].to_numpy(), np.datetime64("NaT", "s"))
        table = pa.table(
            {
                "Mã phản ánh": text.texts(rows["petition_code"]),
                "Mã đơn vị": text.texts(rows["unit_code"]),
                "Loại": text.coded(rows["petition_type"], PETITION_TYPES),
                "Họ tên": text.texts(applicant_names(place)),
                "Số điện thoại": text.texts(phone_numbers(place)),
                "Tiêu đề": text.same("Phản ánh về giải quyết hồ sơ", len(rows)),
                "Ngày gửi": text.dates(rows["sent_at"], MOMENT),
                "Ngày thụ lý": text.dates(accepted, MOMENT),
                "Ngày chuyển": text.dates(transferred, MOMENT),
                "Hạn trả lời": text.dates(due, MOMENT),
                "Ngày trả lời": text.dates(answered, MOMENT),
                "Hài lòng": text.yes_no(satisfied),
                "Ngày công khai": text.dates(known(rows["published_at"], moment), MOMENT),
                "Tính chất": text.coded(rows["complexity"], PETITION_COMPLEXITIES),
                "Vùng sâu, vùng xa": text.yes_no(rows["is_remote"]),
                "Lần giải quyết": text.whole_numbers(rows["instance_no"]),
                "Cách xử lý": text.coded(handling, PETITION_HANDLINGS),
            }
        )
        path = folder / PETITIONS / words.extract_folder(extract_no) / "phan-anh-kien-nghi.csv"
        write_csv(path, table, bom=True)
        yield path


# ------------------------------------------------------------------------------------ reviews


def write_reviews(world: World, folder: Path) -> Iterator[Path]:
    """Reviews of late dossiers; form II.06 and the self-assessment as they were sent after each quarter."""
    reviews, figures = world.delay_reviews, world.reported_figures
    review_extract = extract_of(reviews["reviewed_on"])
    report_extract = extract_of(_period_end(figures) + np.timedelta64(_REPORT_DAYS, "D"))
    codes = text.texts(world.dossiers["dossier_code"])
    officers = words.officer_names(world.officers)
    for extract_no in extracts(world):
        here = folder / REVIEWS / words.extract_folder(extract_no)
        until = words.extract_title(extract_no)
        rows = as_written(world, reviews[review_extract == extract_no].reset_index(drop=True), extract_no)
        if len(rows):
            table = _review_table(rows, codes, officers)
            titles = ("BIÊN BẢN RÀ SOÁT HỒ SƠ TRỄ HẠN", until)
            path = here / "ra-soat-ho-so-tre-han.xlsx"
            write_xlsx(path, [SheetText("Rà soát", table, titles, formula_row=True, total="Tổng cộng")])
            yield path
        is_score = figures["figure_code"].astype(str).str.startswith(SELF_SCORE)
        marks = figures[(report_extract == extract_no) & is_score].reset_index(drop=True)
        marks = as_written(world, marks, extract_no)
        if len(marks):
            titles = (
                "BẢNG TỰ CHẤM ĐIỂM VIỆC GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH (Thông tư 01/2018/TT-VPCP)",
                until,
            )
            path = here / "tu-cham-diem.xlsx"
            write_xlsx(path, [SheetText("Tự chấm điểm", _marks_table(marks), titles, formula_row=True)])
            yield path
        sent = figures[(report_extract == extract_no) & ~is_score].reset_index(drop=True)
        sent = as_written(world, sent, extract_no)
        if len(sent):
            titles = ("Biểu số II.06a/VPCP/KSTT: TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH", until)
            path = here / "bieu-ii06a.xlsx"
            write_xlsx(path, [SheetText("II.06a", _form_table(sent), titles, formula_row=True)])
            yield path


def _review_table(rows: pd.DataFrame, codes: pa.Array, officers: pa.Array) -> pa.Table:
    return pa.table(
        {
            "Mã hồ sơ": text.looked_up(rows["dossier_no"], codes),
            "Ngày rà soát": text.dates(rows["reviewed_on"], DAY),
            "Mã đơn vị": text.texts(rows["unit_code"]),
            "Người chịu trách nhiệm": text.looked_up(rows["officer_no"], officers),
            "Nguyên nhân": text.coded(rows["cause_code"], CAUSES),
            "Chủ quan": text.yes_no(rows["is_subjective"]),
            "Giải trình": text.same("Đơn vị đã giải trình tại cuộc họp", len(rows)),
            "Hạn khắc phục": text.dates(rows["remedy_due_on"], DAY),
        }
    )


def _form_table(rows: pd.DataFrame) -> pa.Table:
    """One line per unit, field and figure of the form."""
    fields = {**words.field_names(), "all": "Tất cả lĩnh vực"}
    return pa.table(
        {
            "Mã đơn vị": text.texts(rows["unit_code"]),
            "Lĩnh vực": text.coded(rows["field_code"], fields),
            "Kỳ": text.texts(rows["period"]),
            "Lịch": text.coded(rows["calendar"], CALENDARS),
            "Cột của biểu": text.coded(rows["figure_code"], FIGURES),
            "Số liệu": text.whole_numbers(rows["value"]),
        }
    )


def _marks_table(rows: pd.DataFrame) -> pa.Table:
    """One line per unit and index of Circular 01/2018 that the unit marks itself."""
    return pa.table(
        {
            "Mã đơn vị": text.texts(rows["unit_code"]),
            "Kỳ": text.texts(rows["period"]),
            "Lịch": text.coded(rows["calendar"], CALENDARS),
            "Chỉ số": text.texts(rows["figure_code"].astype(str).str.removeprefix(SELF_SCORE)),
            "Điểm bình quân": text.decimals(rows["value"]),
        }
    )


def _period_end(figures: pd.DataFrame) -> np.ndarray:
    """Last day of each row's quarter: of the month, or the 14th where the reporting calendar counts."""
    period = figures["period"].astype(str)
    year, quarter = period.str[:4].to_numpy(np.int64), period.str[5:6].to_numpy(np.int64)
    next_month = ((year - 1970) * 12 + quarter * 3).astype("datetime64[M]")
    is_rep = (figures["calendar"] == "rep").to_numpy()
    reported = (next_month - 1).astype("datetime64[D]") + 13
    ends: np.ndarray = np.where(is_rep, reported, next_month.astype("datetime64[D]") - 1)
    return ends
