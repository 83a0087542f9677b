"""Hands the world over to the new units: who has what from 1 July 2025 on.

A dossier keeps the unit that received it, and names the one that goes on with it; what begins or is finished
later belongs to the new unit. Letters, results and petitions belong to the unit of their day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from dagster_project.sample.assessments import SELF_SCORE
from dagster_project.sample.catalog import load_catalog
from dagster_project.sample.merger.people import moved_officers, posts_after
from dagster_project.sample.merger.plan import DEPARTMENT_SINCE, Merger, load_merger, written
from dagster_project.sample.randomness import stream
from dagster_project.sample.world import World

WATER_AND_MINERALS = "000.09.13.H11"
_WARD_SHARE = (
    0.3  # of the dossiers of a district: resolved in its wards, by authority given to them (assumed)
)
_LEVEL = "commune"
_AUTHORS = {
    "UBND tỉnh Bình Thuận": "UBND tỉnh Lâm Đồng",
    "Bộ Tài nguyên và Môi trường": "Bộ Nông nghiệp và Môi trường",
    "Sở Kế hoạch và Đầu tư": "Sở Khoa học và Công nghệ",
    "Sở Nông nghiệp và Phát triển nông thôn": "Sở Công Thương",
    "UBND thành phố Phan Thiết": "UBND phường Phan Thiết",
    "UBND huyện Bắc Bình": "UBND xã Bắc Bình",
    "UBND huyện Hàm Thuận Nam": "UBND xã Hàm Thuận Nam",
    "UBND huyện Tuy Phong": "UBND xã Tuy Phong",
    "Cục Thuế tỉnh": "Thuế tỉnh Lâm Đồng",
}

Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Fates:
    """By dossier number: its unit up to the day and from it on, whether it came later, or was open then.

    ``current`` is the unit that has it today: of the closed ones the default successor.
    """

    before: Texts
    heir: Texts
    current: Texts
    is_new: Flags
    is_open: Flags


def hand_over(world: World) -> World:
    """The world through the reorganisation. In: one whose old units went on to its end. Out: the tables with

    ``unit_code`` as it was on the day that counts. Added: ``unit_before``, ``receiving_unit_before``,
    ``current_unit_code`` (dossiers), ``unit_before`` (steps), ``holder_unit_before`` (pauses), ``moved_to``
    (officers).
    """
    merger = load_merger()
    officers = moved_officers(world, merger)
    after = _Postings(officers)
    fates = _fates(world, merger, after)
    procedures, version_of = _procedures(world, merger)
    return replace(
        world,
        reorganised_on=merger.day,
        units=merger.units,
        unit_successions=merger.successions,
        procedures=procedures,
        officers=officers,
        posts=posts_after(world, officers, merger),
        dossiers=_dossiers(world, merger, after, fates, version_of),
        supplements=_moved(world.supplements, "officer_no", "requested_at", after, merger),
        pauses=_pauses(world.pauses, merger),
        steps=_steps(world, merger, after, fates),
        documents=_documents(world.documents, after, merger),
        document_handlers=_handlers(world, after, merger),
        results=_results(world.results, fates, merger),
        petitions=_petitions(world.petitions, merger),
        delay_reviews=_reviews(world.delay_reviews, after, fates, merger),
        reported_figures=_figures(world.reported_figures, merger),
    )


class _Postings:
    """Which posting goes on with another one, and the unit of each."""

    def __init__(self, officers: pd.DataFrame) -> None:
        self._moved_to = officers["moved_to"].to_numpy(np.int64)
        self._units = officers["unit_code"].to_numpy(object)

    def of(self, officer_no: Any) -> Numbers:
        """The postings from the day on; -1 stays -1."""
        numbers = np.asarray(officer_no, np.int64)
        moved = np.where(numbers >= 0, self._moved_to[numbers], -1)
        return np.where(moved >= 0, moved, numbers)

    def units(self, officer_no: Any) -> Texts:
        """The unit of each posting from the day on; None for nobody."""
        numbers = self.of(officer_no)
        found = np.full(len(numbers), None, dtype=object)
        found[numbers >= 0] = self._units[numbers[numbers >= 0]]
        return found


# ------------------------------------------------------------------------------------ dossiers


def _fates(world: World, merger: Merger, after: _Postings) -> _Fates:
    dossiers = world.dossiers
    known_on = _days(dossiers["received_at"].fillna(dossiers["submitted_at"]))
    declined = (dossiers["outcome"] == "not_accepted").to_numpy()
    ended_on = _days(np.where(declined, dossiers["refused_at"], dossiers["finished_at"]))
    is_new = known_on >= merger.day
    is_open = ~is_new & (np.isnat(ended_on) | (ended_on >= merger.day))
    first = dossiers["unit_code"].to_numpy(object)
    before = _with_wards(world, merger, first, ~is_new)
    standing = _standing(before)
    heir = _heirs(world, merger, after, standing)
    return _Fates(before, heir, np.where(is_new | is_open, heir, merger.default(standing)), is_new, is_open)


def _with_wards(world: World, merger: Merger, units: Texts, may_be: Flags) -> Texts:
    """The units of the dossiers, some of a district's moved to the wards whose codes others bear since."""
    rng = stream(world.options, "merger/wards")
    drawn, turn = rng.random(len(units)) < _WARD_SHARE, rng.integers(0, 1 << 30, len(units))
    found = units.copy()
    for district in sorted(set(merger.ward_district.values())):
        wards = np.array(sorted(w for w, above in merger.ward_district.items() if above == district), object)
        rows = np.flatnonzero((units == district) & may_be & drawn)
        found[rows] = wards[turn[rows] % len(wards)]
    return found


def _standing(units: Texts) -> Texts:
    """The units as they stood when the day came: divisions that were merged before are their successor."""
    found = units.copy()
    for code in load_catalog().unit_successions["old_unit_code"]:
        successor = load_catalog().successor(code)
        if successor:
            found[found == code] = successor[0]
    return found


def _heirs(world: World, merger: Merger, after: _Postings, standing: Texts) -> Texts:
    """The unit that goes on with each dossier: of a unit that was split, by its officer or its field."""
    found: Texts = merger.default(standing)
    split = np.isin(standing.astype(str), [unit for unit, heirs in merger.heirs.items() if len(heirs) > 1])
    of_officer = after.units(world.dossiers["officer_no"])
    is_water = (world.dossiers["field_code"] == "water").to_numpy()
    chance = stream(world.options, "merger/heirs").random(len(standing))
    for unit in set(standing[split]):
        heirs = np.array(list(merger.heirs[unit]), dtype=object)
        rows = np.flatnonzero(standing == unit)
        if unit in merger.ward_district:
            found[rows] = heirs[(chance[rows] > merger.heirs[unit][heirs[0]]).astype(np.int64)]
        elif unit == WATER_AND_MINERALS:
            found[rows] = np.where(is_water[rows], heirs[1], heirs[0])
        else:
            known = np.array([code in merger.heirs[unit] for code in of_officer[rows]], dtype=bool)
            found[rows] = np.where(known, of_officer[rows], heirs[0])
    return found


def _dossiers(
    world: World, merger: Merger, after: _Postings, fates: _Fates, version_of: dict[int, int]
) -> pd.DataFrame:
    dossiers = world.dossiers
    first, receiving = (dossiers[name].to_numpy(object) for name in ("unit_code", "receiving_unit_code"))
    is_same = receiving == first
    receiving_before = np.where(is_same, fates.before, receiving)
    receiving_new = np.where(is_same, fates.heir, merger.default(_standing(receiving)))
    level = dossiers["procedure_level"].to_numpy(object).copy()
    is_district = level == "district"
    level[is_district & (fates.is_new | np.isin(fates.before.astype(str), list(merger.ward_district)))] = (
        _LEVEL
    )
    number = dossiers["procedure_no"].to_numpy(np.int64)
    renewed = np.array([version_of.get(n, n) for n in range(len(world.procedures))], np.int64)[number]
    unit = np.where(fates.is_new, fates.heir, fates.before)
    return dossiers.assign(
        dossier_code=_codes(dossiers, merger, fates),
        procedure_no=np.where(fates.is_new, renewed, number),
        procedure_level=pd.Categorical(level, ["province", "district", _LEVEL]),
        unit_code=_categories(unit, merger),
        receiving_unit_code=_categories(np.where(fates.is_new, receiving_new, receiving_before), merger),
        officer_no=np.where(fates.is_new, after.of(dossiers["officer_no"]), dossiers["officer_no"]),
        unit_before=fates.before,
        receiving_unit_before=receiving_before,
        current_unit_code=fates.current,
        is_open_across=fates.is_open,
    )


def _codes(dossiers: pd.DataFrame, merger: Merger, fates: _Fates) -> pd.Series:
    """What is handed in under a new unit bears its code, the day and a number; all others keep theirs."""
    submitted = _days(dossiers["submitted_at"])
    rows = np.flatnonzero(fates.is_new & (submitted >= merger.day))
    day = _days(dossiers["received_at"].fillna(dossiers["submitted_at"]))[rows]
    prefix = pd.Series([written(unit) for unit in fates.heir[rows]])
    # a bare number of five digits is no dossier's prefix
    prefix = prefix.where(prefix.str.startswith("H36"), "H36." + prefix)
    number = pd.DataFrame({"unit": prefix, "day": day}).groupby(["unit", "day"]).cumcount() + 1
    days = pd.Series(pd.DatetimeIndex(day).strftime("%y%m%d"))
    codes = dossiers["dossier_code"].copy()
    codes.iloc[rows] = (prefix + "-" + days + "-" + number.astype(str).str.zfill(4)).to_numpy(object)
    return codes


def _procedures(world: World, merger: Merger) -> tuple[pd.DataFrame, dict[int, int]]:
    """Procedures with a version of the communes for each that the districts had; old number → new number."""
    procedures = world.procedures
    ended = (procedures["level"] == "district") & procedures["valid_to_on"].isna()
    new = procedures[ended].assign(
        level=_LEVEL,
        valid_from_on=merger.day.astype("datetime64[s]"),
        decided_on=np.datetime64("2025-06-20", "s"),
        law_effective_on=merger.day.astype("datetime64[s]"),
        published_on=np.datetime64("2025-06-25", "s"),
        procedure_no=len(procedures) + np.arange(int(ended.sum())),
    )
    old = procedures.assign(
        valid_to_on=procedures["valid_to_on"].where(~ended, (merger.day - 1).astype("datetime64[s]"))
    )
    version_of = dict(
        zip(procedures["procedure_no"][ended].tolist(), new["procedure_no"].tolist(), strict=True)
    )
    return pd.concat([old, new], ignore_index=True), version_of


def _steps(world: World, merger: Merger, after: _Postings, fates: _Fates) -> pd.DataFrame:
    """A step belongs to the unit in which it ends, and to the officer in the post in which it began."""
    steps = world.steps
    number = steps["dossier_no"].to_numpy(np.int64)
    units = steps["unit_code"].to_numpy(object)
    first = world.dossiers["unit_code"].to_numpy(object)[number]
    before = np.where(units == first, fates.before[number], units)
    begins_after = _days(steps["started_at"]) >= merger.day
    ends_after = begins_after | (_days(steps["finished_at"]) >= merger.day)
    is_its_own = _standing(before) == _standing(fates.before[number])
    since = np.where(is_its_own, fates.heir[number], merger.default(_standing(before)))
    officer = steps["officer_no"].to_numpy(np.int64)
    return steps.assign(
        unit_code=_categories(np.where(ends_after, since, before), merger),
        officer_no=np.where(begins_after, after.of(officer), officer),
        unit_before=before,
    )


def _pauses(pauses: pd.DataFrame, merger: Merger) -> pd.DataFrame:
    before = pauses["holder_unit_code"].to_numpy(object)
    begins_after = _days(pauses["paused_at"]) >= merger.day
    holder = np.where(begins_after, merger.default(before), before)
    return pauses.assign(holder_unit_code=_categories(holder, merger), holder_unit_before=before)


# ------------------------------------------------------------------------------------ everything else


def _documents(documents: pd.DataFrame, after: _Postings, merger: Merger) -> pd.DataFrame:
    """The registers of the new department; an answer bears the mark of the department that gave it."""
    is_new = _days(documents["registered_on"]) >= merger.day
    is_out = (documents["direction"] == "out").to_numpy()
    is_answered_after = _days(documents["answered_on"]) >= merger.day
    author = documents["author"].replace(_AUTHORS).where(~is_out, "Sở Nông nghiệp và Môi trường")
    main = documents["main_officer_no"].to_numpy(np.int64)
    return documents.assign(
        unit_code=np.where(is_new, DEPARTMENT_SINCE, documents["unit_code"]),
        code_text=_marked_anew(documents["code_text"], is_new & is_out),
        answer_code=_marked_anew(documents["answer_code"], is_answered_after),
        author=documents["author"].where(~is_new, author),
        main_officer_no=np.where(is_new, after.of(main), main),
    )


def _marked_anew(codes: pd.Series, where: Flags) -> pd.Series:
    return codes.where(~where, codes.str.replace("STNMT", "SNNMT", regex=False))


def _handlers(world: World, after: _Postings, merger: Merger) -> pd.DataFrame:
    """Of two divisions that became one, and got the same letter, the new one stands in its list once."""
    handlers = world.document_handlers
    registered = _days(world.documents.set_index("document_no")["registered_on"].loc[handlers["document_no"]])
    is_new = registered >= merger.day
    unit = handlers["handler_unit_code"].to_numpy(object)
    is_unit = pd.notna(unit)
    moved = unit.copy()
    moved[is_new & is_unit] = merger.default(_standing(unit[is_new & is_unit]))
    officer = handlers["officer_no"].to_numpy(np.int64)
    made = handlers.assign(officer_no=np.where(is_new, after.of(officer), officer), handler_unit_code=moved)
    return made.drop_duplicates(["document_no", "officer_no", "handler_unit_code"], ignore_index=True)


def _results(results: pd.DataFrame, fates: _Fates, merger: Merger) -> pd.DataFrame:
    number = results["dossier_no"].to_numpy(np.int64)
    of_dossier = number >= 0
    is_new = _days(results["issued_on"]) >= merger.day
    unit = results["unit_code"].to_numpy(object).copy()
    unit[of_dossier] = np.where(
        is_new[of_dossier], fates.current[number[of_dossier]], fates.before[number[of_dossier]]
    )
    return results.assign(unit_code=unit)


def _petitions(petitions: pd.DataFrame, merger: Merger) -> pd.DataFrame:
    units = petitions["unit_code"].to_numpy(object)
    is_new = _days(petitions["sent_at"]) >= merger.day
    return petitions.assign(unit_code=np.where(is_new, merger.default(_standing(units)), units))


def _reviews(reviews: pd.DataFrame, after: _Postings, fates: _Fates, merger: Merger) -> pd.DataFrame:
    number = reviews["dossier_no"].to_numpy(np.int64)
    is_new = _days(reviews["reviewed_on"]) >= merger.day
    moved = _moved(reviews, "officer_no", "reviewed_on", after, merger)
    return moved.assign(unit_code=np.where(is_new, fates.current[number], fates.before[number]))


def _figures(figures: pd.DataFrame, merger: Merger) -> pd.DataFrame:
    """Forms of quarters that end after the day are those of the new units; nobody marks itself any more."""
    is_new = (figures["period"].astype(str) > "2025Q2").to_numpy()
    is_mark = figures["figure_code"].astype(str).str.startswith(SELF_SCORE).to_numpy()
    old, new = figures[~is_new], figures[is_new & ~is_mark]
    units = new["unit_code"].to_numpy(object)
    new = new.assign(unit_code=merger.default(_standing(units)))
    keys = ["unit_code", "field_code", "period", "calendar", "figure_code"]
    summed = new.groupby(keys, sort=False, as_index=False, observed=True).agg(
        value=("value", "sum"), is_miscounted=("is_miscounted", "max")
    )
    return pd.concat([old, summed[list(old.columns)]], ignore_index=True)


# ------------------------------------------------------------------------------------ small things


def _moved(frame: pd.DataFrame, column: str, moment: str, after: _Postings, merger: Merger) -> pd.DataFrame:
    numbers = frame[column].to_numpy(np.int64)
    is_new = _days(frame[moment]) >= merger.day
    return frame.assign(**{column: np.where(is_new, after.of(numbers), numbers)})


def _days(moments: Any) -> Any:
    return np.asarray(moments).astype("datetime64[s]").astype("datetime64[D]")


def _categories(units: Any, merger: Merger) -> pd.Categorical:
    return pd.Categorical(units, list(merger.units["unit_code"]))
