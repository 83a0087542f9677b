"""What does not come monthly: organisation and staff (workbook), the catalogue of procedures (CSV)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from dagster_project.sample.exports import text, words
from dagster_project.sample.exports.as_known import extracts
from dagster_project.sample.exports.files import SheetText, write_csv, write_xlsx
from dagster_project.sample.exports.reorganised import listed
from dagster_project.sample.world import World

ORGANISATION, CATALOGUE = "to-chuc-can-bo", "danh-muc-tthc"
DAY = "dd/MM/yyyy"
UNIT_KINDS = {"own": "Trong hệ thống", "external": "Bên ngoài"}


def _units(world: World) -> pa.Table:
    units = world.units
    return pa.table(
        {
            "Mã đơn vị": listed(world, units["unit_code"]),
            "Tên đơn vị": text.texts(units["unit_name"]),
            "Cấp": text.coded(units["level"], words.LEVELS),
            "Loại": text.coded(units["kind"], UNIT_KINDS),
            "Đơn vị cấp trên": listed(world, units["parent_unit_code"]),
            "Từ ngày": text.dates(units["valid_from_on"], DAY),
            "Đến ngày": text.dates(units["valid_to_on"], DAY),
        }
    )


def _unit_successions(world: World) -> pa.Table:
    rows = world.unit_successions
    return pa.table(
        {
            "Mã đơn vị cũ": listed(world, rows["old_unit_code"]),
            "Mã đơn vị mới": listed(world, rows["new_unit_code"]),
            "Từ ngày": text.dates(rows["succeeded_on"], DAY),
            "Tỷ lệ": text.decimals(rows["share"]),
            "Mặc định": text.yes_no(rows["is_default"]),
            "Căn cứ": text.texts(rows["legal_source"]),
        }
    )


def _officers(world: World) -> pa.Table:
    officers = world.officers
    return pa.table(
        {
            "STT": text.whole_numbers(range(1, len(officers) + 1)),
            "Họ và tên": text.texts(officers["officer_name"]),
            "Mã đơn vị": listed(world, officers["unit_code"]),
            "Chức vụ": text.texts(officers["position"]),
            "Từ ngày": text.dates(officers["joined_on"], DAY),
            "Đến ngày": text.dates(officers["left_on"], DAY),
        }
    )


def _posts(world: World) -> pa.Table:
    posts = world.posts
    return pa.table(
        {
            "Mã đơn vị": listed(world, posts["unit_code"]),
            "Năm": text.whole_numbers(posts["year"]),
            "Biên chế được giao": text.whole_numbers(posts["posts_assigned"]),
            "Biên chế có mặt": text.whole_numbers(posts["posts_filled"]),
        }
    )


def _targets(world: World) -> pa.Table:
    targets = world.local_targets
    fields = {**words.field_names(), "all": "Tất cả lĩnh vực"}
    return pa.table(
        {
            "Mã chỉ số": text.texts(targets["indicator_code"]),
            "Mã đơn vị": listed(world, targets["unit_code"]),
            "Lĩnh vực": text.coded(targets["field_code"], fields),
            "Cấp giải quyết": text.coded(targets["procedure_level"], {**words.LEVELS, "all": "Mọi cấp"}),
            "Kỳ": text.texts(targets["period"]),
            "Chỉ tiêu": text.decimals(targets["value"]),
            "Căn cứ": text.texts(targets["legal_source"]),
        }
    )


def _procedures(world: World) -> pa.Table:
    rows = world.procedures
    return pa.table(
        {
            "Mã TTHC": text.texts(rows["procedure_code"]),
            "Tên TTHC": text.texts(rows["procedure_name"]),
            "Lĩnh vực": text.coded(rows["field_code"], words.field_names()),
            "Cấp thực hiện": text.coded(rows["level"], words.LEVELS),
            "Thời hạn giải quyết": text.decimals(rows["limit_value"]),
            "Loại thời hạn": text.coded(rows["limit_unit"], words.LIMIT_UNITS),
            "Giai đoạn 1": text.decimals(rows["stage_1_days"]),
            "Giai đoạn 2": text.decimals(rows["stage_2_days"]),
            "Kết quả bằng giấy": text.yes_no(rows["has_paper_result"]),
            "Áp dụng từ": text.dates(rows["valid_from_on"], DAY),
            "Áp dụng đến": text.dates(rows["valid_to_on"], DAY),
            "Ngày quyết định công bố": text.dates(rows["decided_on"], DAY),
            "Ngày văn bản có hiệu lực": text.dates(rows["law_effective_on"], DAY),
            "Ngày công khai": text.dates(rows["published_on"], DAY),
        }
    )


def _procedure_successions(world: World) -> pa.Table:
    rows = world.procedure_successions
    return pa.table(
        {
            "Mã TTHC cũ": text.texts(rows["old_procedure_code"]),
            "Mã TTHC mới": text.texts(rows["new_procedure_code"]),
            "Từ ngày": text.dates(rows["succeeded_on"], DAY),
            "Căn cứ": text.texts(rows["legal_source"]),
        }
    )


def write_reference(world: World, folder: Path) -> Iterator[Path]:
    """Write organisation and catalogue once, as they stand at the last extract; gives the files."""
    last = words.extract_folder(extracts(world)[-1])
    until = words.extract_title(extracts(world)[-1])
    sheets = {
        "Đơn vị": _units(world),
        "Sắp xếp đơn vị": _unit_successions(world),
        "Cán bộ": _officers(world),
        "Biên chế": _posts(world),
        "Chỉ tiêu đơn vị": _targets(world),
    }
    path = folder / ORGANISATION / last / "to-chuc-can-bo.xlsx"
    write_xlsx(path, [SheetText(name, table, (name.upper(), until)) for name, table in sheets.items()])
    yield path
    tables = {"thu-tuc.csv": _procedures(world), "thay-the-thu-tuc.csv": _procedure_successions(world)}
    for name, table in tables.items():
        path = folder / CATALOGUE / last / name
        write_csv(path, table, bom=True)
        yield path
