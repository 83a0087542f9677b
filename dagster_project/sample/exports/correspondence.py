"""Registers of letters as workbooks: incoming, outgoing, and the one that follows up answers.

The incoming one has the columns of the legal register and a cell of recipients, units and people mixed and
joined by «;»; people stand with the initials of their position, which is how they are told from units.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.sample.exports import reorganised, text, words
from dagster_project.sample.exports.as_known import MOMENTS, Changes, changes, extract_of, extracts, known
from dagster_project.sample.exports.files import SheetText, write_xlsx
from dagster_project.sample.randomness import stream
from dagster_project.sample.world import World

FOLDER = "van-ban"
SLASHED, DASHED = "dd/MM/yyyy", "dd-MM-yyyy"
_REPEATS = 5


def repeated_numbers(world: World) -> npt.NDArray[np.int64]:
    """Rows of ``documents``: letters sent whose number a second one was given, with ``--faults``."""
    if not world.options.faults:
        return np.zeros(0, np.int64)
    sent = np.flatnonzero((world.documents["direction"] == "out").to_numpy())
    return np.sort(stream(world.options, "repeated numbers").choice(sent, _REPEATS, replace=False))


class Correspondence:
    """The three registers of each month as tables of text."""

    def __init__(self, world: World) -> None:
        self._documents = world.documents
        self._officers = words.officer_names(world.officers)
        self._fields = words.field_names()
        self._world = world

    @cached_property
    def _registered(self) -> Changes:
        return changes([(np.arange(len(self._documents)), self._documents["registered_on"])])

    @cached_property
    def _followed(self) -> Changes:
        """Incoming letters with a deadline: when they came and when they were answered."""
        rows = np.flatnonzero(
            (self._documents["direction"] == "in").to_numpy() & self._documents["due_on"].notna().to_numpy()
        )
        chosen = self._documents.iloc[rows]
        return changes([(rows, chosen["registered_on"]), (rows, chosen["answered_on"])])

    @cached_property
    def _recipients(self) -> pa.Array:
        """Per document the units and people that got it, main handler first."""
        handlers = self._world.document_handlers
        is_co = (handlers["role"] != "main").to_numpy()
        document_no = handlers["document_no"].to_numpy()
        order = np.lexsort((np.arange(len(handlers)), is_co, document_no))
        handlers, document_no = handlers.iloc[order], document_no[order]
        people = text.joined(self._officers, " (", self._initials(), ")")
        units = text.coded(handlers["handler_unit_code"], words.unit_names(self._world.units))
        parts = pc.coalesce(units, text.looked_up(handlers["officer_no"], people))
        offsets = np.searchsorted(document_no, np.arange(len(self._documents) + 1)).astype(np.int32)
        return pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), parts), "; ")

    def _initials(self) -> pa.Array:
        """Initials of the position by officer number: Phó Trưởng phòng → PTP."""
        officers = self._world.officers
        positions, kinds = pd.factorize(officers["position"])
        short = np.array(["".join(word[0].upper() for word in str(kind).split()) for kind in kinds], object)
        by_number = np.full(int(officers["officer_no"].max()) + 1, None, object)
        by_number[officers["officer_no"].to_numpy()] = short[positions]
        return text.texts(by_number)

    def _rows(self, numbers: npt.NDArray[np.int64], direction: str) -> pd.DataFrame:
        rows = self._documents.iloc[numbers]
        return rows[(rows["direction"] == direction).to_numpy()].reset_index(drop=True)

    def _with_repeats(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Above each letter whose number was given twice, the other one: of no drafter, its code ends in «a».

        The lower line is the register's last word on the number, so no count changes.
        """
        repeated = self._documents["document_no"].to_numpy()[repeated_numbers(self._world)]
        is_repeated = rows["document_no"].isin(repeated).to_numpy()
        doubled = rows.iloc[np.repeat(np.arange(len(rows)), 1 + is_repeated)]
        is_other = doubled.index.duplicated(keep="last")
        code = doubled["code_text"].astype(object)
        return doubled.assign(
            code_text=code.where(~is_other, code.str.replace("/", "a/", n=1)),
            main_officer_no=doubled["main_officer_no"].where(~is_other, -1),
        ).reset_index(drop=True)

    def _titles(self, rows: pd.DataFrame) -> pa.Array:
        return text.texts(rows["subject"])

    def _of_unit(self, extract_no: int, rows: pd.DataFrame, columns: dict[str, pa.Array]) -> pa.Table:
        """A register; since the departments were merged its software says of which of them each row is."""
        if reorganised.is_after(self._world, extract_no):
            unit = text.texts(reorganised.codes(self._world, rows["unit_code"], extract_no))
            columns = {**columns, "Mã đơn vị": unit}
        return pa.table(columns)

    def incoming(self, extract_no: int) -> pa.Table:
        """Sổ văn bản đến: the legal columns, and what software adds to them."""
        rows = self._rows(self._registered.at(extract_no), "in")
        recipients = self._recipients.take(pa.array(rows["document_no"].to_numpy()))
        return self._of_unit(
            extract_no,
            rows,
            {
                "Ngày đến": text.dates(rows["registered_on"], SLASHED),
                "Số đến": text.whole_numbers(rows["register_no"]),
                "Tác giả": text.texts(rows["author"]),
                "Số, ký hiệu": text.texts(rows["code_text"]),
                "Ngày tháng": text.dates(rows["issued_on"], SLASHED),
                "Tên loại và trích yếu nội dung": self._titles(rows),
                "Đơn vị hoặc người nhận": recipients,
                "Ngày chuyển": text.dates(rows["registered_on"], SLASHED),
                "Ký nhận": text.blank(len(rows)),
                "Ghi chú": text.blank(len(rows)),
                "Loại văn bản": text.texts(rows["document_type"]),
                "Độ khẩn": text.texts(rows["urgency"]),
                "Lĩnh vực": text.coded(rows["field_code"], self._fields),
                "Xử lý chính": text.looked_up(rows["main_officer_no"], self._officers),
            },
        )

    def outgoing(self, extract_no: int) -> pa.Table:
        """Sổ văn bản đi in the layout of an older office program."""
        rows = self._with_repeats(self._rows(self._registered.at(extract_no), "out"))
        drafter = text.looked_up(rows["main_officer_no"], self._officers)
        return self._of_unit(
            extract_no,
            rows,
            {
                "Ngày tháng chuyển": text.dates(rows["registered_on"], DASHED),
                "Số, ký hiệu Văn bản": text.texts(rows["code_text"]),
                "Số đi": text.whole_numbers(rows["register_no"]),
                "Ngày, tháng VB": text.dates(rows["issued_on"], DASHED),
                "Loại văn bản": text.texts(rows["document_type"]),
                "Tên loại và trích yếu nội dung": self._titles(rows),
                "Lĩnh vực": text.coded(rows["field_code"], self._fields),
                "Người soạn thảo": drafter,
                "Nơi nhận văn bản": text.same("Như trên; Lưu: VT", len(rows)),
                "Đơn vị, người nhận bản lưu": drafter,
                "Số lượng bản": text.same("2", len(rows)),
                "Ký nhận": text.blank(len(rows)),
                "Ghi chú": text.blank(len(rows)),
            },
        )

    def follow_up(self, extract_no: int) -> pa.Table:
        """Sổ theo dõi giải quyết văn bản đến: deadlines, and answers as far as known."""
        rows = self._rows(self._followed.at(extract_no), "in")
        answered = known(rows["answered_on"], MOMENTS[extract_no])
        is_answered = ~np.isnat(answered)
        answer = np.where(is_answered, rows["answer_code"].to_numpy(object), None)
        turn = np.where(extract_of(rows["registered_on"]) == extract_no, 1, 2)
        return self._of_unit(
            extract_no,
            rows,
            {
                "Số đến": text.whole_numbers(rows["register_no"]),
                "Ngày đến": text.dates(rows["registered_on"], SLASHED),
                "Loại văn bản": text.texts(rows["document_type"]),
                "Số, ký hiệu": text.texts(rows["code_text"]),
                "Ngày tháng": text.dates(rows["issued_on"], SLASHED),
                "Cơ quan ban hành": text.texts(rows["author"]),
                "Lĩnh vực": text.coded(rows["field_code"], self._fields),
                "Đơn vị, người nhận": text.looked_up(rows["main_officer_no"], self._officers),
                "Thời hạn giải quyết": text.dates(rows["due_on"], SLASHED),
                "Tiến độ giải quyết": text.texts(np.where(is_answered, "Đã giải quyết", "Đang giải quyết")),
                "Ngày giải quyết": text.dates(answered, SLASHED),
                "Số, ký hiệu văn bản trả lời": text.texts(answer),
                "Lần cập nhật": text.whole_numbers(turn),
                "Ghi chú": text.blank(len(rows)),
            },
        )


def write_correspondence(world: World, folder: Path) -> Iterator[Path]:
    """Write the three registers of every month below ``folder``; each file is given when it is there."""
    letters = Correspondence(world)
    for extract_no in extracts(world):
        here = folder / FOLDER / words.extract_folder(extract_no)
        year = words.extract_folder(extract_no)[:4]
        until = words.extract_title(extract_no)
        workbooks = {
            "so-van-ban-den.xlsx": SheetText(
                "Văn bản đến",
                letters.incoming(extract_no),
                (f"Sổ lưu cấp số văn bản đến: SỔ VĂN BẢN ĐẾN NĂM {year} – {words.SYNTHETIC}",),
                repeat_header=50,
            ),
            "so-van-ban-di.xlsx": SheetText(
                "Văn bản đi",
                letters.outgoing(extract_no),
                (f"SỔ ĐĂNG KÝ VĂN BẢN ĐI NĂM {year}", until),
            ),
            "so-theo-doi-van-ban-den.xlsx": SheetText(
                "Theo dõi",
                letters.follow_up(extract_no),
                ("SỔ THEO DÕI GIẢI QUYẾT VĂN BẢN ĐẾN", until),
                blank_rows=1,
            ),
        }
        for name, sheet in workbooks.items():
            write_xlsx(here / name, [sheet])
            yield here / name
