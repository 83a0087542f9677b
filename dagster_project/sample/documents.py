"""Correspondence of the sample department: its registers of incoming and outgoing documents.

Registered in 2023: 24,201 in and 10,016 out, the two figures that the department published; the other years
are assumed around them. Numbers run from 1 on the first working day of a year, one series per direction.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from dagster_project.sample.catalog import DEPARTMENT, LAND_OFFICE, Catalog
from dagster_project.sample.officers import Days, Numbers, draw_valid
from dagster_project.sample.options import Options
from dagster_project.sample.randomness import stream
from dagster_project.sample.workdays import (
    add_working_days,
    is_working_day,
    next_working_day,
    previous_working_day,
)


class _Stretch(NamedTuple):
    """Part of a register: first and last day, first number, how many documents come in and go out."""

    first_on: np.datetime64
    last_on: np.datetime64
    first_no: dict[str, int]
    size: dict[str, int]


def _stretch(first_on: str, last_on: str, incoming: tuple[int, int], outgoing: tuple[int, int]) -> _Stretch:
    return _Stretch(
        np.datetime64(first_on, "D"),
        np.datetime64(last_on, "D"),
        {"in": incoming[0], "out": outgoing[0]},
        {"in": incoming[1], "out": outgoing[1]},
    )


# First number of the stretch and how many documents it has. 2023 is published; the others are assumed (2024:
# 6 % more), and the horizon opens in the middle of the register of 2022. The department that was merged on
# 1 July 2025 closed its registers, the new and larger one opened its own.
_STRETCHES = (
    _stretch("2022-10-01", "2022-12-31", (17_038, 5_872), (6_911, 2_464)),
    _stretch("2023-01-01", "2023-12-31", (1, 24_201), (1, 10_016)),
    _stretch("2024-01-01", "2024-12-31", (1, 25_653), (1, 10_617)),
    _stretch("2025-01-01", "2025-06-30", (1, 13_104), (1, 5_421)),
    _stretch("2025-07-01", "2025-12-31", (1, 19_862), (1, 8_236)),
)
_BOOKS = {"in": "DEN", "out": "DI"}

# Type: share among incoming, share among outgoing, abbreviation in the number (None: an official letter).
_TYPES: dict[str, tuple[float, float, str | None]] = {
    "Công văn": (0.585, 0.540, None),
    "Quyết định": (0.075, 0.050, "QĐ"),
    "Báo cáo": (0.065, 0.105, "BC"),
    "Tờ trình": (0.030, 0.115, "TTr"),
    "Giấy mời": (0.100, 0.075, "GM"),
    "Thông báo": (0.065, 0.060, "TB"),
    "Kế hoạch": (0.025, 0.030, "KH"),
    "Đơn": (0.035, 0.000, "Đ"),
    "Công điện": (0.005, 0.000, "CĐ"),
    "Giấy phép": (0.000, 0.015, "GP"),
    "Biên bản": (0.015, 0.010, "BB"),
}
_NO_ANSWER_TYPE = "Giấy mời"

# Who writes to the department: name, mark in the number, share.
_AUTHORS: tuple[tuple[str, str, float], ...] = (
    ("UBND tỉnh Bình Thuận", "UBND", 0.24),
    ("Văn phòng UBND tỉnh", "VPUBND", 0.05),
    ("Bộ Tài nguyên và Môi trường", "BTNMT", 0.06),
    ("Sở Kế hoạch và Đầu tư", "SKHĐT", 0.07),
    ("Sở Xây dựng", "SXD", 0.06),
    ("Sở Nông nghiệp và Phát triển nông thôn", "SNNPTNT", 0.06),
    ("Sở Tài chính", "STC", 0.06),
    ("Sở Nội vụ", "SNV", 0.04),
    ("UBND thành phố Phan Thiết", "UBND-PT", 0.07),
    ("UBND huyện Bắc Bình", "UBND-BB", 0.05),
    ("UBND huyện Hàm Thuận Nam", "UBND-HTN", 0.05),
    ("UBND huyện Tuy Phong", "UBND-TP", 0.04),
    ("Cục Thuế tỉnh", "CTBTH", 0.04),
    ("Tòa án nhân dân tỉnh", "TA", 0.04),
    ("Doanh nghiệp", "CV", 0.07),
)

# Share of the mail that a unit gets, by a word of its name; the field of its letters and the unit's mark in
# their numbers. The merged division has what the two before it had.
_DESKS: tuple[tuple[str, float, str | None, str], ...] = (
    ("Quản lý đất đai", 0.26, "land", "QLĐĐ"),
    ("Đo đạc", 0.09, "surveying", "ĐĐBĐ"),
    ("Bảo vệ môi trường", 0.17, "environment", "CCBVMT"),
    ("nước và Khoáng sản", 0.16, "minerals", "TNNKS"),
    ("Tài nguyên nước", 0.06, "water", "TNN"),
    ("Khoáng sản", 0.10, "minerals", "KS"),
    ("Thanh tra", 0.08, None, "TTr"),
    ("Kế hoạch", 0.09, None, "KHTC"),
    ("Văn phòng Sở", 0.12, None, "VP"),
)
_OTHER_DESK: tuple[str, float, str | None, str] = ("", 0.03, None, "VP")

_WEEKDAY_LOAD = np.array([1.15, 1.05, 1.0, 1.0, 0.9, 0.5, 0.3])
_MONTH_LOAD = np.array([0.95, 0.85, 1.05, 1.0, 1.0, 1.02, 1.0, 1.02, 0.98, 1.02, 1.08, 1.15])
_URGENCIES, _URGENCY_SHARES = ("Thường", "Khẩn", "Thượng khẩn", "Hỏa tốc"), (0.83, 0.12, 0.03, 0.02)
_DUE_SHARE, _LATE_SHARE, _UNANSWERED_SHARE = 0.35, 0.07, 0.02
_TERMS, _TERM_SHARES = (3, 5, 7, 10, 15, 20), (0.14, 0.30, 0.20, 0.22, 0.10, 0.04)
_SKIPPED_YEAR, _SKIPS = 2024, 4  # numbers left out with --faults
_CO_SHARE, _CO_COUNT_SHARES, _CO_UNIT_SHARE = 0.30, (0.55, 0.30, 0.15), 0.4


def make_documents(
    options: Options, catalog: Catalog, officers: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Documents and their handlers; the same number at every scale. In: seed, units, postings. Out:

    - documents, one row each: document_no, direction ('in', 'out'), unit_code, book_code, register_year,
      register_no, code_text (số, ký hiệu), document_type, field_code (None: no field), urgency, author,
      subject, registered_on, issued_on, due_on, answered_on (NaT: none), answer_code (code_text of the
      outgoing document of the day answered_on), main_officer_no (outgoing: who drafted it);
    - handlers, one row per document and officer or unit: document_no, officer_no (-1: a unit),
      handler_unit_code (None: an officer), role ('main', 'co'); outgoing documents have the main one only.
    """
    rng = stream(options, "documents")
    desks = _desks(rng, catalog, officers)
    documents = pd.concat(
        [
            _register(rng, direction, stretch, desks)
            for direction in _BOOKS
            for stretch in _STRETCHES
            if stretch.last_on <= options.last_day
        ],
        ignore_index=True,
    )
    if options.faults:
        documents = _with_skipped_numbers(stream(options, "skipped numbers"), documents)
    documents = _with_answers(rng, documents, desks, options.last_day)
    documents = _with_codes(rng, documents, desks)
    documents.insert(0, "document_no", np.arange(len(documents), dtype=np.int64))
    handlers = _handlers(rng, documents, desks, catalog.units)
    return documents.drop(columns="answer_no"), handlers


class _Desks(NamedTuple):
    """Who handles mail: the officers at the department and in its divisions, by row."""

    officer_no: Numbers
    joined_on: Days
    left_on: Days
    weight: npt.NDArray[np.float64]
    field_code: npt.NDArray[np.object_]
    mark: npt.NDArray[np.object_]

    def draw(self, rng: np.random.Generator, days: Days) -> Numbers:
        """An officer's row for each day, in post that day, the busy ones more often."""
        return draw_valid(rng, self.joined_on, self.left_on, self.weight, days)


def _desks(rng: np.random.Generator, catalog: Catalog, officers: pd.DataFrame) -> _Desks:
    units = _mail_units(catalog.units)
    names = dict(zip(units["unit_code"], units["unit_name"], strict=True))
    staff = officers[officers["unit_code"].isin(names) & (officers["unit_code"] != LAND_OFFICE)]
    kinds = [_desk(names[code]) for code in staff["unit_code"]]
    heads = staff.groupby("unit_code")["officer_no"].transform("size").to_numpy()
    # The load is skewed: in every division a few officers get most of the mail.
    weight = np.array([kind[1] for kind in kinds]) / heads * rng.lognormal(0, 0.6, len(staff))
    fields = pd.Series([kind[2] for kind in kinds], index=staff["officer_name"].to_numpy(), dtype=object)
    # Who dealt with water before the merger of two divisions does so after it.
    fields[fields.index.isin(fields.index[(fields == "water").to_numpy()])] = "water"
    return _Desks(
        staff["officer_no"].to_numpy(),
        staff["joined_on"].to_numpy().astype("datetime64[D]"),
        staff["left_on"].to_numpy().astype("datetime64[D]"),
        weight,
        fields.to_numpy(dtype=object),
        np.array([kind[3] for kind in kinds], dtype=object),
    )


def _desk(unit_name: str) -> tuple[str, float, str | None, str]:
    return next((desk for desk in _DESKS if desk[0] in unit_name), _OTHER_DESK)


def _mail_units(units: pd.DataFrame) -> pd.DataFrame:
    """The department and its divisions; not the branches, which keep registers of their own."""
    is_here = (units["unit_code"] == DEPARTMENT) | (units["parent_unit_code"] == DEPARTMENT)
    return units[is_here & (units["kind"] == "own")]


def _register(rng: np.random.Generator, direction: str, stretch: _Stretch, desks: _Desks) -> pd.DataFrame:
    """The rows of one direction and stretch in the order of registration, without answers and codes."""
    count = stretch.size[direction]
    registered_on = _days_of_registration(rng, stretch, count)
    main = desks.draw(rng, registered_on)
    is_in = direction == "in"
    shares = np.array([row[0 if is_in else 1] for row in _TYPES.values()])
    types = np.array(list(_TYPES), dtype=object)[rng.choice(len(_TYPES), count, p=shares / shares.sum())]
    # The first of a day is a letter, so that something can carry an answer on every working day.
    types[np.unique(registered_on, return_index=True)[1]] = "Công văn"
    urgency = np.array(_URGENCIES, dtype=object)[rng.choice(4, count, p=_URGENCY_SHARES)]
    lag = rng.choice(6, count, p=(0.35, 0.3, 0.15, 0.1, 0.06, 0.04)) if is_in else np.zeros(count, dtype=int)
    return pd.DataFrame(
        {
            "direction": direction,
            "unit_code": DEPARTMENT,
            "book_code": _BOOKS[direction],
            "register_year": stretch.last_on.astype("datetime64[Y]").astype(np.int64) + 1970,
            "register_no": stretch.first_no[direction] + np.arange(count, dtype=np.int64),
            "code_text": None,
            "document_type": types,
            "field_code": desks.field_code[main],
            "urgency": urgency,
            "registered_on": registered_on.astype("datetime64[s]"),
            "issued_on": previous_working_day(registered_on - lag).astype("datetime64[s]"),
            "main_officer_no": main,
        }
    )


def _with_skipped_numbers(rng: np.random.Generator, documents: pd.DataFrame) -> pd.DataFrame:
    """A few runs of numbers that were never given, in the registers of 2024; what follows moves up."""
    number = documents["register_no"].to_numpy(np.int64, copy=True)
    for direction in _BOOKS:
        here = (documents["direction"] == direction) & (documents["register_year"] == _SKIPPED_YEAR)
        rows = np.flatnonzero(here.to_numpy())
        for row in rows[rng.choice(np.arange(100, len(rows) - 100), _SKIPS, replace=False)]:
            number[rows[rows >= row]] += rng.integers(1, 4)
    return documents.assign(register_no=number)


def _days_of_registration(rng: np.random.Generator, stretch: _Stretch, count: int) -> Days:
    """``count`` working days of the stretch, ascending; every working day at least twice."""
    days = np.arange(stretch.first_on, stretch.last_on + 1)
    days = days[is_working_day(days)]
    weekday = (days.astype(np.int64) + 3) % 7
    load = _WEEKDAY_LOAD[weekday] * _season(days) * rng.lognormal(0, 0.12, len(days))
    per_day = 2 + rng.multinomial(count - 2 * len(days), load / load.sum())
    return np.repeat(days, per_day)


def _season(days: Days) -> npt.NDArray[np.float64]:
    """Load by season: thin for a week on either side of Tết, dense in the last two months."""
    month = days.astype("datetime64[M]").astype(np.int64) % 12
    load = _MONTH_LOAD[month]
    gap = np.diff(days).astype(np.int64)
    for at in np.flatnonzero(gap >= 7):  # nothing but Tết keeps offices closed for a week
        holiday_start, holiday_end = days[at], days[at + 1]
        near = (days > holiday_start - 8) & (days < holiday_end + 7)
        load = np.where(near, load * 0.45, load)
    return load


def _with_answers(
    rng: np.random.Generator, documents: pd.DataFrame, desks: _Desks, last_day: np.datetime64
) -> pd.DataFrame:
    """Due dates of incoming documents and the outgoing ones that answer them (row numbers in answer_no)."""
    is_in = (documents["direction"] == "in").to_numpy()
    registered = documents["registered_on"].to_numpy().astype("datetime64[D]")
    asked = np.flatnonzero(is_in & (rng.random(len(documents)) < _DUE_SHARE))
    due = np.full(len(documents), "NaT", dtype="datetime64[D]")
    due[asked] = add_working_days(registered[asked], rng.choice(_TERMS, len(asked), p=_TERM_SHARES))
    is_late = rng.random(len(asked)) < _LATE_SHARE
    room = np.maximum(np.busday_count(registered[asked], due[asked]), 1)
    early = np.floor(room * rng.beta(3.0, 1.3, len(asked))).astype(np.int64)
    target = np.minimum(next_working_day(registered[asked] + early), due[asked])
    target[is_late] = add_working_days(due[asked][is_late], 1 + rng.geometric(0.25, is_late.sum()))
    given = (rng.random(len(asked)) >= _UNANSWERED_SHARE) & (target <= last_day)
    asked, target = asked[given], target[given]

    answers = np.flatnonzero(~is_in & (documents["document_type"] != _NO_ANSWER_TYPE).to_numpy())
    answer_no = np.full(len(documents), -1, dtype=np.int64)
    answer_no[asked] = answers[_one_of_that_day(rng, registered[answers], target)]
    answered = np.full(len(documents), "NaT", dtype="datetime64[D]")
    answered[asked] = target
    main = documents["main_officer_no"].to_numpy().copy()
    # Who handled the letter drafts the answer, unless gone by then.
    left = np.where(np.isnat(desks.left_on), last_day, desks.left_on)
    still = left[main[asked]] >= target
    main[answer_no[asked][still]] = main[asked][still]
    return documents.assign(
        due_on=due.astype("datetime64[s]"),
        answered_on=answered.astype("datetime64[s]"),
        answer_no=answer_no,
        main_officer_no=main,
        field_code=desks.field_code[main],
    )


def _one_of_that_day(rng: np.random.Generator, answer_days: Days, days: Days) -> Numbers:
    """For each day, the row of an answer of that day; each is used once before any is used again.

    ``answer_days`` ascend and hold every one of ``days``.
    """
    first = np.searchsorted(answer_days, days, side="left")
    count = np.searchsorted(answer_days, days, side="right") - first
    order = np.lexsort((rng.random(len(days)), days))
    rank = np.empty(len(days), dtype=np.int64)
    starts = np.searchsorted(days[order], days[order], side="left")
    rank[order] = np.arange(len(days)) - starts
    return first + rank % count


def _with_codes(rng: np.random.Generator, documents: pd.DataFrame, desks: _Desks) -> pd.DataFrame:
    """Codes, authors and subjects; officers by number instead of by row."""
    is_in = (documents["direction"] == "in").to_numpy()
    main = documents["main_officer_no"].to_numpy()
    abbreviations = documents["document_type"].map({name: row[2] for name, row in _TYPES.items()})
    is_letter = abbreviations.isna().to_numpy()
    who = rng.choice(len(_AUTHORS), len(documents), p=[author[2] for author in _AUTHORS])
    names, marks = (np.array([author[i] for author in _AUTHORS], dtype=object) for i in (0, 1))
    body = np.where(is_in, marks[who], "STNMT")
    kind = np.where(is_letter, "", abbreviations.fillna("").to_numpy(dtype=object) + "-")
    desk = np.where(is_letter & ~is_in, "-" + desks.mark[main], "")
    number = np.where(is_in, rng.integers(1, 9_000, len(documents)), documents["register_no"])
    code = pd.Series(number.astype(str)).astype(object) + "/" + kind + body + desk
    answer_no = documents["answer_no"].to_numpy()
    has_answer = answer_no >= 0
    topics = documents["field_code"].map(_SUBJECTS).fillna("công tác chỉ đạo, điều hành")
    return documents.assign(
        code_text=code,
        author=np.where(is_in, names[who], "Sở Tài nguyên và Môi trường"),
        subject=documents["document_type"] + " về " + topics,
        answer_code=np.where(has_answer, code.to_numpy()[answer_no], None),
        main_officer_no=desks.officer_no[main],
    )


_SUBJECTS = {
    "land": "quản lý, sử dụng đất",
    "surveying": "đo đạc, bản đồ địa chính",
    "environment": "bảo vệ môi trường",
    "minerals": "hoạt động khoáng sản",
    "water": "khai thác tài nguyên nước",
}


def _handlers(
    rng: np.random.Generator, documents: pd.DataFrame, desks: _Desks, units: pd.DataFrame
) -> pd.DataFrame:
    main = pd.DataFrame(
        {
            "document_no": documents["document_no"],
            "officer_no": documents["main_officer_no"],
            "handler_unit_code": None,
            "role": "main",
        }
    )
    incoming = documents[documents["direction"] == "in"]
    shared = incoming[rng.random(len(incoming)) < _CO_SHARE]
    shared = shared.loc[shared.index.repeat(1 + rng.choice(3, len(shared), p=_CO_COUNT_SHARES))]
    days = shared["registered_on"].to_numpy().astype("datetime64[D]")
    is_unit = rng.random(len(shared)) < _CO_UNIT_SHARE
    co_units = _mail_units(units)
    co_units = co_units[co_units["unit_code"] != DEPARTMENT]
    first, last = (co_units[name].to_numpy() for name in ("valid_from_on", "valid_to_on"))
    chosen = draw_valid(rng, first, last, np.ones(len(co_units)), days)
    codes = co_units["unit_code"].to_numpy(dtype=object)
    co = pd.DataFrame(
        {
            "document_no": shared["document_no"].to_numpy(),
            "officer_no": np.where(is_unit, -1, desks.officer_no[desks.draw(rng, days)]),
            "handler_unit_code": np.where(is_unit, codes[chosen], None),
            "role": "co",
        }
    )
    # Drawn twice, or drawn although already the main handler: the first mention counts.
    handlers = pd.concat([main, co], ignore_index=True)
    handlers = handlers.drop_duplicates(["document_no", "officer_no", "handler_unit_code"])
    return handlers.sort_values("document_no", kind="stable", ignore_index=True)
