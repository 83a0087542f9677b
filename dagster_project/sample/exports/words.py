"""Words that exports use for the codes of the world, and folders of extracts; ``sources/`` undoes them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from dagster_project.sample.catalog import load_catalog
from dagster_project.sample.exports.as_known import MOMENTS
from dagster_project.sample.exports.text import dates, texts

PROVINCE_FOLDER = "binh-thuan"
SYNTHETIC = "DỮ LIỆU MÔ PHỎNG – không phải số liệu thật"

LEVELS = {"province": "Cấp tỉnh", "district": "Cấp huyện", "commune": "Cấp xã"}
CHANNELS = {"counter": "Trực tiếp", "online": "Trực tuyến", "post": "Bưu chính công ích"}
LIMIT_UNITS = {"working_day": "Ngày làm việc", "calendar_day": "Ngày"}
STATUSES = {
    "1": "Mới đăng ký",
    "2": "Được tiếp nhận",
    "3": "Không được tiếp nhận",
    "4": "Đang xử lý",
    "5": "Yêu cầu bổ sung giấy tờ",
    "6": "Yêu cầu thực hiện nghĩa vụ tài chính",
    "7": "Công dân yêu cầu rút hồ sơ",
    "8": "Dừng xử lý",
    "9": "Đã xử lý xong",
    "10": "Đã trả kết quả",
    "refused": "Từ chối giải quyết",
}
DUE_REASONS = {
    "initial": "Hẹn lần đầu",
    "stage_2": "Hẹn giai đoạn 2",
    "after_supplement": "Hẹn lại sau bổ sung",
    "reappointed": "Hẹn lại, có phiếu xin lỗi",
    "edited": "Sửa ngày hẹn trả",
}
PAUSE_REASONS = {"tax": "Nghĩa vụ tài chính", "posting": "Niêm yết công khai"}
SUPPLEMENT_PHASES = {"before_acceptance": "Trước tiếp nhận", "after_acceptance": "Sau tiếp nhận"}


def field_names() -> dict[str, str]:
    """Field code → its name as systems show it."""
    fields = load_catalog().fields
    return dict(zip(fields["field_code"], fields["field_name"], strict=True))


def national_field_codes() -> dict[str, str]:
    """Field code → its code in the list of the national portal."""
    fields = load_catalog().fields
    return dict(zip(fields["field_code"], fields["national_code"], strict=True))


def unit_names(units: pd.DataFrame) -> dict[str, str]:
    """Unit code → name, newest row last."""
    return dict(zip(units["unit_code"], units["unit_name"], strict=True))


def extract_folder(extract_no: int) -> str:
    """Name of the folder of an extract, such as 2024-03-31-2330."""
    return str(dates(MOMENTS[extract_no : extract_no + 1], "yyyy-MM-dd-HHmm")[0])


def extract_title(extract_no: int) -> str:
    """Title line of a register: until when it goes, and that nothing in it is real."""
    moment = MOMENTS[extract_no : extract_no + 1]
    time, day = dates(moment, "HH:mm")[0], dates(moment, "dd/MM/yyyy")[0]
    return f"Số liệu đến {time} ngày {day} – {SYNTHETIC}"


def officer_names(officers: pd.DataFrame) -> pa.Array:
    """Names by officer number: the same text of a person in every export."""
    by_number = np.empty(int(officers["officer_no"].max()) + 1, dtype=object)
    by_number[officers["officer_no"].to_numpy()] = officers["officer_name"].to_numpy(dtype=object)
    return texts(by_number)
