"""Messages to the national portal: ``DongBoHoSoMC`` (dossiers) and ``CapNhatTienDoHoSoMC`` (progress).

One envelope a line, some hundreds of dossiers in each; every value is text, moments are yyyyMMddHHmmss, what
is missing is "". The messages hold personal data (made up) that no map reads, and the distortions planned in
``distortions``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.sample.exports import reorganised, text, words
from dagster_project.sample.exports.as_known import MOMENTS, extracts
from dagster_project.sample.exports.distortions import SENT_AS_DONE, SyncPlan
from dagster_project.sample.people import applicant_names, identity_numbers, phone_numbers

FOLDER = "dvcqg"
MOMENT = "yyyyMMddHHmmss"
PLACEHOLDER_OFFICER = "Chuyên viên"
_PER_ENVELOPE = 400
_FILES = "https://example.invalid/f/"
_CHANNELS = {"counter": "1", "online": "2", "post": "3"}

Numbers = npt.NDArray[np.int64]


class _Grouped:
    """Rows of a table by dossier: the rows of any list of dossiers, in one go."""

    def __init__(self, frame: pd.DataFrame) -> None:
        order = np.argsort(frame["dossier_no"].to_numpy(), kind="stable")
        self.frame = frame.iloc[order].reset_index(drop=True)
        self._dossier_no = self.frame["dossier_no"].to_numpy()

    def of(self, dossiers: Numbers) -> tuple[pd.DataFrame, Numbers]:
        """(the rows of these dossiers in their order, place of each row's dossier in the list)."""
        first = np.searchsorted(self._dossier_no, dossiers, side="left")
        counts = np.searchsorted(self._dossier_no, dossiers, side="right") - first
        places = np.repeat(np.arange(len(dossiers)), counts)
        within = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
        return self.frame.iloc[first[places] + within].reset_index(drop=True), places


def _filled(columns: dict[str, Any], count: int) -> pa.StructArray:
    """Columns (arrays or one text for all) as structs; a missing text is ""."""
    arrays = [
        text.same(column, count)
        if isinstance(column, str)
        else pc.fill_null(column, "")
        if pa.types.is_string(column.type)
        else column
        for column in columns.values()
    ]
    return pa.StructArray.from_arrays(arrays, names=list(columns))


def _lists(places: Numbers, count: int, items: pa.Array) -> pa.ListArray:
    """Items as one list per place (places ascend)."""
    offsets = np.searchsorted(places, np.arange(count + 1)).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), items)


def _no_lists(count: int, *names: str) -> pa.ListArray:
    return _lists(np.zeros(0, np.int64), count, _filled(dict.fromkeys(names, pa.array([], pa.string())), 0))


class Sync:
    """The messages of each extract as columns."""

    def __init__(self, plan: SyncPlan) -> None:
        self._world = plan.registers.world
        self._plan = plan
        self._components = _Grouped(self._world.components)
        self._supplements = _Grouped(self._world.supplements)
        officers = self._world.officers
        self._officers = words.officer_names(officers)
        self._units = words.unit_names(self._world.units)
        self._fields = words.field_names()
        self._national_fields = words.national_field_codes()
        self._officer_rows = np.argsort(officers["officer_no"].to_numpy())

    @cached_property
    def _sent_codes(self) -> pa.Array:
        """Per dossier the code it is sent under: its own, or the other number that it has as well."""
        dossiers = self._world.dossiers
        is_other = self._plan.hit["sync_other_code"]
        other, own = (dossiers[name].to_numpy(object) for name in ("other_code", "dossier_code"))
        return text.texts(np.where(is_other, other, own))

    def sender(self, extract_no: int) -> str:
        """The code of the body that sends an extract."""
        return reorganised.department(self._world, extract_no)

    # -------------------------------------------------------------------------------- dossiers

    def dossiers(self, extract_no: int) -> tuple[pa.StructArray, npt.NDArray[np.bool_]]:
        """(one message per dossier, is it an update of one sent before)."""
        frame = self._plan.messages(extract_no)
        numbers = frame["dossier_no"].to_numpy()
        hit = {finding: flags[numbers] for finding, flags in self._plan.hit.items()}
        is_done = frame["status_code"].isin(["9", "10"]).to_numpy()
        as_done = hit["sync_status_rewritten"] & np.isin(frame["status_code"].to_numpy(object), SENT_AS_DONE)
        count = len(frame)
        columns = {
            **self._identity(frame, reorganised.province(self._world, extract_no)),
            **self._applicant(frame),
            **self._dates(frame, hit["sync_submitted_is_received"], as_done),
            **self._state(frame, as_done),
            "TaiLieuNop": self._inputs(numbers, frame["is_newly_received"].to_numpy(bool)),
            "DanhSachLePhi": _no_lists(
                count, "TenPhiLePhi", "MaPhiLePhi", "HinhThucThu", "Gia", "LoaiPhiLePhi"
            ),
            "DanhSachTepDinhKemKhac": _no_lists(count, "TenGiayTo", "SoLuong", "LoaiGiayTo"),
            "DanhSachHoSoBoSung": self._supplement_lists(numbers, MOMENTS[extract_no]),
            "DanhSachGiayToKetQua": self._results(numbers, is_done, hit["sync_result_is_input"]),
        }
        return _filled(columns, count), ~frame["is_newly_received"].to_numpy(bool)

    def _identity(self, frame: pd.DataFrame, province: str) -> dict[str, Any]:
        names = text.looked_up(frame["procedure_no"], self._world.procedures["procedure_name"])
        return {
            "MaHoSo": text.looked_up(frame["dossier_no"], self._sent_codes),
            "MaTTHC": text.joined(text.texts(frame["procedure_code"]), f".000.00.00.{province}"),
            "TenTTHC": names,
            "MaLinhVuc": text.coded(frame["field_code"], self._national_fields),
            "TenLinhVuc": text.coded(frame["field_code"], self._fields),
            "SoBienNhan": "",
        }

    def _applicant(self, frame: pd.DataFrame) -> dict[str, Any]:
        numbers = frame["applicant_no"].to_numpy(np.int64)
        identity = text.texts(identity_numbers(numbers))
        kinds = text.texts(np.where(numbers % 12 == 0, "2", "1"))
        names = text.texts(applicant_names(numbers))
        persons = _filled({"LoaiDinhDanh": "1", "SoDinhDanh": identity}, len(numbers))
        return {
            "ChuHoSo": pc.utf8_upper(names),
            "LoaiDoiTuong": kinds,
            "MaDoiTuong": "",
            "ThongTinKhac": "",
            "Email": text.joined("nguoinop", text.whole_numbers(numbers), "@example.invalid"),
            "Fax": "",
            "SoDienThoai": text.texts(phone_numbers(numbers)),
            "TrichYeuHoSo": text.joined("Hồ sơ của ", names),
            "SoGiayToChuHoSo": identity,
            "DinhDanhCHS": _lists(np.arange(len(numbers)), len(numbers), persons),
            "TaiKhoanDuocXacThucVoiVNeID": "1",
        }

    def _dates(self, frame: pd.DataFrame, is_moved: Any, as_done: Any) -> dict[str, Any]:
        nothing = np.datetime64("NaT", "s")
        submitted = np.where(is_moved, frame["received_at"], frame["submitted_at"])
        is_refused = (frame["status_code"] == "refused").to_numpy()
        return {
            "NgayNopHoSo": text.dates(submitted, MOMENT),
            "NgayTiepNhan": text.dates(frame["received_at"], MOMENT),
            "NgayHenTra": text.dates(frame["due_at"], MOMENT),
            "NgayKetThucXuLy": text.dates(np.where(as_done, nothing, frame["finished_at"]), MOMENT),
            "NgayTra": text.dates(np.where(as_done, nothing, frame["returned_at"]), MOMENT),
            "NgayTuChoi": text.dates(np.where(is_refused, frame["finished_at"], nothing), MOMENT),
        }

    def _state(self, frame: pd.DataFrame, as_done: Any) -> dict[str, Any]:
        # The list has no status for a refusal after acceptance: 3, not accepted, is what systems send.
        status = np.where(frame["status_code"] == "refused", "3", frame["status_code"].to_numpy(object))
        return {
            "TrangThaiHoSo": text.texts(np.where(as_done, "9", status)),
            "ThongTinTra": "",
            "HinhThuc": "0",
            "KenhThucHien": text.coded(frame["channel"], _CHANNELS),
            "NoiNopHoSo": "2",
            "DonViXuLy": text.coded(frame["unit_code"], self._units),
            "GhiChu": "",
            "HoSoCoThanhPhanSoHoa": text.yes_no(frame["has_digitized_components"], "1", "0"),
            "DuocThanhToanTrucTuyen": text.yes_no(frame["is_paid_online"], "1", "3"),
            "DSKetNoiCSDL": _no_lists(len(frame), "MaCSDL"),
        }

    def _inputs(self, numbers: Numbers, is_first: npt.NDArray[np.bool_]) -> pa.ListArray:
        """What was handed in goes with the first message of a dossier only."""
        rows, places = self._components.of(numbers)
        is_input = ~rows["is_result"].to_numpy(bool) & is_first[places]
        rows, places = rows[is_input].reset_index(drop=True), places[is_input]
        files = text.texts(rows["document_code"])
        code = rows["component_code"].to_numpy(object)
        is_random = self._plan.hit["sync_made_up_component"][rows["dossier_no"].to_numpy()]
        random = self._plan.random_codes[rows["dossier_no"].to_numpy()].astype(str).astype(object)
        items = {
            "TepDinhKemId": files,
            "TenTepDinhKem": "giay-to.pdf",
            "IsDeleted": "False",
            "MaThanhPhanHoSo": text.texts(np.where(is_random, random, code)),
            "DuongDanTaiTepTin": text.joined(_FILES, files),
            "DuocSoHoa": text.yes_no(rows["is_digitized"], "1", "0"),
            "DuocTaiSuDung": text.yes_no(rows["is_reused"], "1", "0"),
            "DuocLayTuKhoDMQG": text.yes_no(rows["is_from_citizen_store"], "1", "0"),
            "MaKetQuaThayThe": text.texts(rows["result_code"]),
        }
        return _lists(places, len(numbers), _filled(items, len(rows)))

    def _results(self, numbers: Numbers, is_done: Any, is_input_sent: Any) -> pa.ListArray:
        """Result files of finished dossiers; where there is none, the first file handed in may stand in."""
        rows, places = self._components.of(numbers)
        is_result = rows["is_result"].to_numpy(bool)
        is_first = np.diff(places, prepend=-1) > 0
        # Results stand after inputs, but a first row may be a result where nothing was handed in.
        is_shown = is_done[places] & (is_result | (is_input_sent[places] & is_first))
        rows, places = rows[is_shown].reset_index(drop=True), places[is_shown]
        files = text.texts(rows["document_code"])
        items = {
            "TenGiayTo": "Kết quả giải quyết",
            "MaThanhPhanHoSo": text.texts(rows["component_code"]),
            "GiayToId": files,
            "DuongDanTepTinKetQua": text.joined(_FILES, files),
            "MaGiayToKetQua": text.texts(rows["result_code"]),
        }
        return _lists(places, len(numbers), _filled(items, len(rows)))

    def _supplement_lists(self, numbers: Numbers, moment: np.datetime64) -> pa.ListArray:
        rows, places = self._supplements.of(numbers)
        is_asked = (rows["requested_at"] <= moment).to_numpy()
        rows, places = rows[is_asked].reset_index(drop=True), places[is_asked]
        is_answered = (rows["answered_at"] <= moment).to_numpy()
        nothing = np.datetime64("NaT", "s")
        officers = text.looked_up(rows["officer_no"], self._officers)
        items = {
            "HoSoBoSungId": text.texts(rows["supplement_code"]),
            "NguoiYeuCauBoSung": officers,
            "NoiDungBoSung": "Bổ sung giấy tờ theo phiếu hướng dẫn",
            "NgayBoSung": text.dates(rows["requested_at"], MOMENT),
            "NguoiTiepNhanBoSung": pc.if_else(pa.array(is_answered), officers, ""),
            "ThongTinTiepNhan": "",
            "NgayTiepNhanBoSung": text.dates(np.where(is_answered, rows["answered_at"], nothing), MOMENT),
            "TrangThaiBoSung": text.texts(np.where(is_answered, "1", "0")),
            "DanhSachGiayToBoSung": _no_lists(len(rows), "TenGiayTo"),
            "DanhSachLePhiBoSung": _no_lists(len(rows), "TenPhiLePhi"),
            "NgayHenTraTruoc": text.dates(rows["previous_due_at"], MOMENT),
            "NgayHenTraMoi": text.dates(np.where(is_answered, rows["new_due_at"], nothing), MOMENT),
        }
        return _lists(places, len(numbers), _filled(items, len(rows)))

    # -------------------------------------------------------------------------------- progress

    def progress(self, extract_no: int) -> pa.StructArray:
        """One row per event of the month."""
        frame = self._plan.progress
        bounds = np.searchsorted(frame["extract_no"].to_numpy(), [extract_no, extract_no + 1])
        rows = frame.iloc[bounds[0] : bounds[1]].reset_index(drop=True)
        officers = self._world.officers.iloc[self._officer_rows[rows["officer_no"].to_numpy()]]
        placeholder = self._plan.hit["sync_officer_unknown"][rows["dossier_no"].to_numpy()]
        names = np.where(placeholder, PLACEHOLDER_OFFICER, officers["officer_name"].to_numpy(object))
        columns = {
            "MaHoSo": text.looked_up(rows["dossier_no"], self._sent_codes),
            "NguoiXuLy": text.texts(names),
            "ChucDanh": text.texts(officers["position"].to_numpy(object)),
            "ThoiDiemXuLy": text.dates(rows["at"], MOMENT),
            "PhongBanXuLy": text.coded(officers["unit_code"].to_numpy(object), self._units),
            "NoiDungXuLy": text.texts(rows["step_name"]),
            "TrangThai": text.texts(rows["status_code"]),
            "NgayBatDau": "",
            "NgayKetThucTheoQuyDinh": "",
        }
        return _filled(columns, len(rows))


# ------------------------------------------------------------------------------------ files


def _envelopes(sender: str, service: str, rows: pa.StructArray, is_update: bool, seal: str) -> pa.Table:
    starts = np.arange(0, len(rows), _PER_ENVELOPE)
    offsets = np.append(starts, len(rows)).astype(np.int32)
    sessions = [hashlib.md5(f"{seal}/{is_update}/{start}".encode()).hexdigest() for start in starts]
    count = len(starts)
    return pa.table(
        {
            "session": pa.array(sessions, pa.string()),
            "madonvi": text.same(sender, count),
            "service": text.same(service, count),
            "isUpdating": text.same("True" if is_update else "False", count),
            "data": pa.ListArray.from_arrays(pa.array(offsets), rows),
        }
    )


def _write_json(connection: duckdb.DuckDBPyConnection, path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection.register("envelopes", table)
    place = str(path).replace("'", "''")
    connection.execute(f"copy (from envelopes) to '{place}' (format json)")
    connection.unregister("envelopes")


def write_sync(plan: SyncPlan, folder: Path) -> Iterator[Path]:
    """Write both services of every extract below ``folder``; each file is given as soon as it is there.

    A month without a message leaves no file: an empty one is no JSON document.
    """
    sync = Sync(plan)
    with duckdb.connect(":memory:") as connection:
        # One thread: only then envelopes stay in their order, and the bytes repeat.
        connection.execute("set threads = 1; set enable_progress_bar = false")
        for extract_no in extracts(plan.registers.world):
            stamp = str(text.dates(MOMENTS[extract_no : extract_no + 1], "yyyyMMddHHmm")[0])
            here = folder / FOLDER / words.extract_folder(extract_no)
            for service, table in _services(sync, extract_no, stamp):
                if table.num_rows:
                    path = here / f"{service}-{stamp}.json"
                    _write_json(connection, path, table)
                    yield path


def _services(sync: Sync, extract_no: int, stamp: str) -> Iterator[tuple[str, pa.Table]]:
    """(name, envelopes) of both services for an extract."""
    rows, is_update = sync.dossiers(extract_no)
    sender = sync.sender(extract_no)
    service = "DongBoHoSoMC"
    parts = [
        _envelopes(sender, service, rows.filter(pa.array(is_update == kind)), kind, stamp + service)
        for kind in (False, True)
    ]
    yield service, pa.concat_tables(parts)
    service = "CapNhatTienDoHoSoMC"
    yield service, _envelopes(sender, service, sync.progress(extract_no), False, stamp + service)
