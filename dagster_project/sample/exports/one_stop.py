"""The registers of the three one-stop systems: dossiers, steps, supplements, appointments, pauses.

Land branches write CSV with dd/MM/yyyy, districts CSV with «;», dd-MM-yyyy and decomposed accents, the
department's divisions workbooks; what is too long for a sheet goes out as CSV with the same headers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from dagster_project.sample.exports import systems, text, words
from dagster_project.sample.exports.as_known import Registers, extracts
from dagster_project.sample.exports.files import SHEET_ROWS, SheetText, write_csv, write_xlsx
from dagster_project.sample.exports.reorganised import as_written, is_after
from dagster_project.sample.merger.plan import in_new_order
from dagster_project.sample.people import applicant_names, identity_numbers, phone_numbers

Columns = dict[str, pa.Array]
Cells = Callable[[npt.NDArray[np.object_]], pa.Array]

TABLES = {
    "dossiers": ("ho-so", "Sổ theo dõi hồ sơ"),
    "steps": ("buoc-xu-ly", "Quá trình xử lý"),
    "supplements": ("bo-sung", "Yêu cầu bổ sung"),
    "due_dates": ("phieu-hen", "Phiếu hẹn"),
    "pauses": ("tam-dung", "Tạm dừng"),
}
"""Table of the world → file name, sheet name."""

_HEADERS = {
    "number": "STT",
    "dossier_code": "Mã hồ sơ",
    "other_code": "Mã hồ sơ khác",
    "procedure_code": "Mã TTHC",
    "procedure_name": "Tên thủ tục",
    "field": "Lĩnh vực",
    "level": "Cấp giải quyết",
    "unit": "Đơn vị xử lý",
    "receiving_unit": "Đơn vị tiếp nhận",
    "channel": "Hình thức tiếp nhận",
    "applicant": "Chủ hồ sơ",
    "phone": "Số điện thoại",
    "identity": "Số CCCD",
    "summary": "Trích yếu hồ sơ",
    "submitted_at": "Ngày nộp",
    "received_at": "Ngày tiếp nhận",
    "due_at": "Ngày hẹn trả",
    "finished_at": "Ngày kết thúc xử lý",
    "returned_at": "Ngày trả kết quả",
    "status": "Trạng thái",
    "officer": "Cán bộ thụ lý",
    "limit_value": "Thời hạn giải quyết",
    "limit_unit": "Loại thời hạn",
    "is_remote_area": "Vùng sâu, hải đảo",
    "has_digitized_components": "Thành phần đã số hóa",
    "has_electronic_result": "Kết quả điện tử",
    "is_reusing_data": "Tái sử dụng dữ liệu",
    "is_paid_online": "Thanh toán trực tuyến",
    "step_no": "Thứ tự bước",
    "step_name": "Tên bước",
    "started_at": "Bắt đầu",
    "step_due_at": "Hạn hoàn thành",
    "step_finished_at": "Hoàn thành",
    "allowed_days": "Số ngày quy định",
    "step_status": "Trạng thái sau bước",
    "supplement_code": "Mã yêu cầu bổ sung",
    "phase": "Giai đoạn",
    "content": "Nội dung bổ sung",
    "requested_at": "Ngày yêu cầu",
    "answered_at": "Ngày bổ sung",
    "previous_due_at": "Hẹn trả trước",
    "new_due_at": "Hẹn trả mới",
    "reason": "Lý do hẹn",
    "known_from_at": "Ngày lập phiếu",
    "document_code": "Số phiếu xin lỗi",
    "pause_reason": "Lý do tạm dừng",
    "holder": "Nơi đang giữ hồ sơ",
    "paused_at": "Tạm dừng từ",
    "resumed_at": "Tiếp tục từ",
}
_DISTRICT_HEADERS = {
    "dossier_code": "Số hồ sơ",
    "procedure_code": "Mã thủ tục hành chính",
    "unit": "Mã cơ quan giải quyết",
    "receiving_unit": "Mã cơ quan tiếp nhận",
    "channel": "Kênh thực hiện",
    "submitted_at": "Ngày nộp hồ sơ",
    "received_at": "Ngày nhận",
    "due_at": "Hạn trả",
    "finished_at": "Ngày xong",
    "returned_at": "Ngày trả",
    "status": "Mã trạng thái",
    "officer": "Người xử lý",
}


@dataclass(frozen=True)
class System:
    """How one system writes: its folder, its date and time format, how it names a unit, its headers."""

    folder: str
    moment: str
    unit_form: str = "code"
    status_form: str = "words"
    headers: dict[str, str] = field(default_factory=dict)

    @cached_property
    def header_of(self) -> dict[str, str]:
        """Header of every logical column."""
        return {**_HEADERS, **self.headers}


SYSTEMS = (
    System(systems.LAND, "dd/MM/yyyy HH:mm"),
    System(systems.DEPARTMENT, "dd/MM/yyyy HH:mm", unit_form="name_and_code"),
    System(systems.DISTRICT, "dd-MM-yyyy HH:mm", status_form="code", headers=_DISTRICT_HEADERS),
)


class OneStop:
    """Tables of text of all systems, extract by extract."""

    def __init__(self, registers: Registers) -> None:
        self._registers = registers
        self._world = registers.world
        self._system = systems.system_of_dossiers(self._world)
        self._codes = text.texts(self._world.dossiers["dossier_code"])
        self._officers = words.officer_names(self._world.officers)
        names = words.unit_names(self._world.units)
        self._units = names | {in_new_order(unit): name for unit, name in names.items()}
        self._fields = words.field_names()

    def tables(self, extract_no: int) -> dict[str, pd.DataFrame]:
        """What every table holds for an extract, of all systems together."""
        others = {table: self._registers.rows(table, extract_no) for table in TABLES if table != "dossiers"}
        tables = {"dossiers": self._registers.dossiers(extract_no), **others}
        return {table: as_written(self._world, frame, extract_no) for table, frame in tables.items()}

    def text_tables(self, system: System, tables: dict[str, pd.DataFrame]) -> dict[str, pa.Table]:
        """The tables of one system as its files show them."""
        result = {}
        for name, frame in tables.items():
            is_here = self._system[frame["dossier_no"].to_numpy()] == system.folder
            columns: Columns = getattr(self, f"_{name}")(frame[is_here].reset_index(drop=True), system)
            result[name] = pa.table({system.header_of[key]: column for key, column in columns.items()})
        return result

    # -------------------------------------------------------------------------------- columns

    def _unit(self, codes: pd.Series, system: System) -> pa.Array:
        if system.unit_form == "code":
            return text.texts(codes)
        return text.coded(codes, {code: f"{name} ({code})" for code, name in self._units.items()})

    def _officer(self, frame: pd.DataFrame) -> pa.Array:
        return text.looked_up(frame["officer_no"], self._officers)

    def _code(self, frame: pd.DataFrame) -> pa.Array:
        return text.looked_up(frame["dossier_no"], self._codes)

    def _status(self, codes: pd.Series, system: System) -> pa.Array:
        own_code = {code: code if code != "refused" else word for code, word in words.STATUSES.items()}
        return text.coded(codes, words.STATUSES if system.status_form == "words" else own_code)

    def _dossiers(self, frame: pd.DataFrame, system: System) -> Columns:
        applicants = frame["applicant_no"].to_numpy(np.int64)
        names = text.texts(applicant_names(applicants))
        procedures = self._world.procedures
        is_over = ~np.isnat(frame["finished_at"].to_numpy())
        electronic = np.where(is_over, frame["has_electronic_result"].to_numpy(object), None)
        procedure = text.looked_up(frame["procedure_no"], procedures["procedure_name"])
        return {
            "number": text.whole_numbers(np.arange(1, len(frame) + 1)),
            "dossier_code": self._code(frame),
            "other_code": text.texts(frame["other_code"]),
            "procedure_code": text.texts(frame["procedure_code"]),
            "procedure_name": procedure,
            "field": text.coded(frame["field_code"], self._fields),
            "level": text.coded(frame["procedure_level"], words.LEVELS),
            "unit": self._unit(frame["unit_code"], system),
            "receiving_unit": self._unit(frame["receiving_unit_code"], system),
            "channel": text.coded(frame["channel"], words.CHANNELS),
            "applicant": names,
            "phone": text.texts(phone_numbers(applicants)),
            "identity": text.texts(identity_numbers(applicants)),
            "summary": text.joined(procedure, " của ", names),
            **{
                key: text.dates(frame[key], system.moment)
                for key in ("submitted_at", "received_at", "due_at", "finished_at", "returned_at")
            },
            "status": self._status(frame["status_code"], system),
            "officer": self._officer(frame),
            "limit_value": text.decimals(frame["limit_value"]),
            "limit_unit": text.coded(frame["limit_unit"], words.LIMIT_UNITS),
            "is_remote_area": text.yes_no(frame["is_remote_area"]),
            "has_digitized_components": text.yes_no(frame["has_digitized_components"]),
            "has_electronic_result": text.yes_no(electronic),
            "is_reusing_data": text.yes_no(frame["is_reusing_data"]),
            "is_paid_online": text.yes_no(frame["is_paid_online"]),
        }

    def _steps(self, frame: pd.DataFrame, system: System) -> Columns:
        return {
            "dossier_code": self._code(frame),
            "step_no": text.whole_numbers(frame["step_no"]),
            "step_name": text.texts(frame["step_name"]),
            "unit": self._unit(frame["unit_code"], system),
            "officer": self._officer(frame),
            "started_at": text.dates(frame["started_at"], system.moment),
            "step_due_at": text.dates(frame["due_at"], system.moment),
            "step_finished_at": text.dates(frame["finished_at"], system.moment),
            "allowed_days": text.decimals(frame["allowed_days"]),
            "step_status": self._status(frame["status_code"], system),
        }

    def _supplements(self, frame: pd.DataFrame, system: System) -> Columns:
        keys = ("requested_at", "answered_at", "previous_due_at", "new_due_at")
        return {
            "dossier_code": self._code(frame),
            "supplement_code": text.texts(frame["supplement_code"]),
            "phase": text.coded(frame["phase"], words.SUPPLEMENT_PHASES),
            "officer": self._officer(frame),
            "content": text.same("Bổ sung giấy tờ theo phiếu hướng dẫn", len(frame)),
            **{key: text.dates(frame[key], system.moment) for key in keys},
        }

    def _due_dates(self, frame: pd.DataFrame, system: System) -> Columns:
        return {
            "dossier_code": self._code(frame),
            "reason": text.coded(frame["reason"], words.DUE_REASONS),
            "known_from_at": text.dates(frame["known_from_at"], system.moment),
            "due_at": text.dates(frame["due_at"], system.moment),
            "document_code": text.texts(frame["document_code"]),
        }

    def _pauses(self, frame: pd.DataFrame, system: System) -> Columns:
        return {
            "dossier_code": self._code(frame),
            "pause_reason": text.coded(frame["reason"], words.PAUSE_REASONS),
            "holder": self._unit(frame["holder_unit_code"], system),
            "paused_at": text.dates(frame["paused_at"], system.moment),
            "resumed_at": text.dates(frame["resumed_at"], system.moment),
        }


def write_one_stop(registers: Registers, folder: Path) -> Iterator[Path]:
    """Write every extract of the three systems below ``folder``; each file is given when it is there."""
    one_stop = OneStop(registers)
    for extract_no in extracts(registers.world):
        tables = one_stop.tables(extract_no)
        for system in SYSTEMS:
            here = folder / system.folder / words.extract_folder(extract_no)
            shown = one_stop.text_tables(system, tables)
            if system.folder == systems.DEPARTMENT and _fits_sheets(shown):
                yield _write_workbook(here, shown, extract_no, is_after(registers.world, extract_no))
            else:
                yield from _write_tables(here, shown, system)


_HEADS = {
    False: "SỞ TÀI NGUYÊN VÀ MÔI TRƯỜNG TỈNH BÌNH THUẬN – BỘ PHẬN MỘT CỬA",
    True: "SỞ NÔNG NGHIỆP VÀ MÔI TRƯỜNG TỈNH LÂM ĐỒNG – BỘ PHẬN MỘT CỬA",
}


def _fits_sheets(shown: dict[str, pa.Table]) -> bool:
    """All or none: a workbook without one of its sheets would look damaged."""
    return all(table.num_rows <= SHEET_ROWS for table in shown.values())


def _write_workbook(folder: Path, shown: dict[str, pa.Table], extract_no: int, is_new: bool) -> Path:
    path = folder / "so-theo-doi-ho-so.xlsx"
    head = (_HEADS[is_new],)
    sheets = [
        SheetText(
            name=sheet,
            table=shown[table],
            titles=(*head, sheet.upper(), words.extract_title(extract_no)),
            blank_rows=1,
            repeat_header=50,
            total="Tổng cộng",
        )
        for table, (_, sheet) in TABLES.items()
    ]
    write_xlsx(path, sheets)
    return path


def _write_tables(folder: Path, shown: dict[str, pa.Table], system: System) -> Iterator[Path]:
    is_district = system.folder == systems.DISTRICT
    for table, (name, _) in TABLES.items():
        path = folder / f"{name}.csv"
        write_csv(
            path, shown[table], delimiter=";" if is_district else ",", bom=not is_district, nfd=is_district
        )
        yield path
