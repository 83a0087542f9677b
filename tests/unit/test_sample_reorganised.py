"""The sample through July 2025: its units, who has what before and after, and what exports say of it."""

from __future__ import annotations

import unicodedata

import holidays
import numpy as np
import pandas as pd
import pytest

from dagster_project.errors import ConfigError
from dagster_project.sample.exports.as_known import Registers, extracts
from dagster_project.sample.exports.correspondence import Correspondence
from dagster_project.sample.exports.reorganised import as_written, department
from dagster_project.sample.merger.plan import in_new_order, load_merger, written
from dagster_project.sample.truth.calendar import is_worked
from dagster_project.sample.truth.today import units_today
from dagster_project.sample.workdays import is_working_day
from dagster_project.sample.world import Options as Choice
from dagster_project.sample.world import World, make_world

OPTIONS = Choice(scale=0.03, seed=5, until="2025-12")
DAY = pd.Timestamp("2025-07-01")
JUNE, JULY = 32, 33


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(OPTIONS)


def test_there_are_two_ends_to_choose_from() -> None:
    assert Choice().extract_count == 27 and str(Choice().last_on) == "2024-12-31"
    assert OPTIONS.extract_count == 39 and str(OPTIONS.last_on) == "2025-12-31"
    with pytest.raises(ConfigError, match=r"--until 2025-06: choose 2024-12 or 2025-12"):
        Choice(until="2025-06")


def test_the_plan_ends_every_old_unit_and_gives_its_work_away_whole() -> None:
    merger = load_merger()
    units = merger.units.set_index("unit_code")
    assert all(unicodedata.is_normalized("NFC", name) for name in units["unit_name"])
    new = merger.successions[merger.successions["succeeded_on"] == DAY]
    assert (new.groupby("old_unit_code")["share"].sum().round(6) == 1).all()
    assert (new.groupby("old_unit_code")["is_default"].sum() == 1).all()
    assert new["legal_source"].notna().all()
    assert (units.loc[new["old_unit_code"], "valid_to_on"] == DAY - pd.Timedelta(days=1)).all()
    assert units.loc[new["new_unit_code"], "valid_to_on"].isna().all()
    bears = new.groupby("new_unit_code").size()
    splits = new.groupby("old_unit_code").size()
    assert (bears > 1).sum() >= 3 and (splits > 1).sum() >= 10
    still = units[units["valid_to_on"].isna() & (units["kind"] == "own")]
    assert not still["level"].eq("district").any()


def test_codes_given_anew_name_other_units() -> None:
    units = load_merger().units.set_index("unit_code")["unit_name"]
    later = [code for code in units.index if "~" in code]
    assert len(later) >= 10
    assert [code for code in later if units[written(code)] == units[code]] == []


@pytest.mark.parametrize(
    ("unit", "code"),
    [
        ("000.00.13.H11", "H11.13"),
        ("000.01.13.H11", "H11.13.01"),
        ("010.10.13.H11", "H11.13.10.010"),
        ("H36.45.10.101", "H36.45.10.101"),
        ("22918~2025-07-01", "22918"),
        ("TAX.H11", "TAX.H11"),
    ],
)
def test_codes_in_the_younger_order(unit: str, code: str) -> None:
    assert in_new_order(unit) == code


def test_everything_stands_in_a_unit_of_its_day(world: World) -> None:
    units = world.units.set_index("unit_code")
    dossiers = world.dossiers
    day = dossiers["received_at"].fillna(dossiers["submitted_at"]).dt.normalize()
    for codes, days in (
        (dossiers["unit_code"], day),
        (dossiers["receiving_unit_code"], day),
        (world.documents["unit_code"], world.documents["registered_on"]),
        (world.results["unit_code"], world.results["issued_on"]),
        (world.petitions["unit_code"], world.petitions["sent_at"].dt.normalize()),
        (world.officers["unit_code"], world.officers["joined_on"]),
    ):
        of = units.loc[codes.astype(object)]
        begins, ends = of["valid_from_on"].to_numpy(), of["valid_to_on"].to_numpy()
        is_before_the_day = days.to_numpy() < np.datetime64(DAY)
        assert (begins <= days.to_numpy())[~is_before_the_day].all()
        assert (np.isnat(ends) | (ends >= days.to_numpy())).all()


def test_an_open_dossier_goes_on_with_an_heir_of_its_unit(world: World) -> None:
    heirs = load_merger().heirs
    across = world.dossiers[world.dossiers["is_open_across"]]
    default = units_today(world)
    pairs = across[["unit_code", "current_unit_code"]].astype(object).itertuples(index=False)
    elsewhere = 0
    for unit, current in pairs:
        assert current in heirs[unit]
        elsewhere += current != default[unit]
    assert elsewhere >= 3
    closed = world.dossiers[~world.dossiers["is_open_across"]]
    assert (closed["current_unit_code"] == closed["unit_code"].astype(object).map(default)).all()


def test_nobody_holds_two_posts_at_once_and_some_leave_with_their_unit(world: World) -> None:
    officers = world.officers.sort_values(["officer_name", "joined_on"])
    left = officers["left_on"].fillna(pd.Timestamp("2100-01-01"))
    assert (officers["joined_on"] <= left).all()
    same = officers["officer_name"].eq(officers["officer_name"].shift(-1))
    assert (left[same] < officers["joined_on"].shift(-1)[same]).all()
    last = officers[~same]
    assert (last["left_on"] == DAY - pd.Timedelta(days=1)).sum() >= 5
    began = officers[officers["joined_on"] == DAY]
    assert len(began) > 100
    moving = world.officers[world.officers["moved_to"] >= 0]
    goes_on = world.officers.set_index("officer_no").loc[moving["moved_to"]]
    assert (goes_on["officer_name"].to_numpy() == moving["officer_name"].to_numpy()).all()
    assert (goes_on["joined_on"] == DAY).all()
    heads = began[began["position"].isin(["Trưởng phòng", "Giám đốc Chi nhánh", "Chánh Văn phòng"])]
    assert heads["unit_code"].is_unique


def test_the_new_department_has_registers_of_its_own(world: World) -> None:
    documents = world.documents
    new = documents[documents["registered_on"] >= DAY]
    assert set(new["unit_code"]) == {"H36.45"}
    assert new.groupby("direction", observed=True)["register_no"].min().to_dict() == {"in": 1, "out": 1}
    key = ["unit_code", "direction", "register_year", "register_no"]
    assert not documents.duplicated(key).any()
    sent = new[(new["direction"] == "out").to_numpy()]
    assert sent["code_text"].str.contains("SNNMT").all()
    answered = documents[documents["answered_on"].notna()]
    assert answered["answer_code"].isin(documents["code_text"]).all()


def test_saturdays_of_july_saw_work_that_moved_nobody_past_the_due_date(world: World) -> None:
    hit = world.planted.loc[world.planted["finding_code"] == "finish_on_day_off", "dossier_no"].to_numpy()
    rows = world.dossiers.set_index("dossier_no").loc[hit]
    assert len(rows) and (rows["finished_at"].dt.dayofweek == 5).all()
    assert rows["finished_at"].dt.strftime("%Y-%m").eq("2025-07").all()
    assert not is_working_day(rows["finished_at"].to_numpy().astype("datetime64[D]")).any()
    due = world.due_dates.groupby("dossier_no")["due_at"].last().loc[hit]
    friday = rows["finished_at"].dt.normalize() - pd.Timedelta(days=1)
    late = rows["finished_at"].dt.normalize().to_numpy() > due.dt.normalize().to_numpy()
    assert (late == (friday.to_numpy() > due.dt.normalize().to_numpy())).all()


def test_registers_write_old_codes_up_to_june_and_the_younger_order_since(world: World) -> None:
    registers = Registers(world)
    new = set(world.units.loc[world.units["valid_from_on"] == DAY, "unit_code"])
    for extract_no in extracts(world):
        frame = registers.dossiers(extract_no, corrected=True)
        shown = set(as_written(world, frame, extract_no)["unit_code"].dropna())
        if extract_no <= JUNE:
            assert not set(frame["unit_code"].dropna()) & new
            assert {code for code in shown if code.startswith("H")} == set()
        else:
            assert {code for code in shown if code.endswith("H11")} == set()
    july = registers.dossiers(JULY, corrected=True).set_index("dossier_no")
    across = world.dossiers[world.dossiers["is_open_across"]]
    assert (july.loc[across["dossier_no"], "unit_code"] == across["current_unit_code"].to_numpy()).all()


def test_registers_of_letters_say_whose_they_are_since_july(world: World) -> None:
    letters = Correspondence(world)
    assert "Mã đơn vị" not in letters.incoming(JUNE).column_names
    assert set(letters.incoming(JULY)["Mã đơn vị"].to_pylist()) == {"H36.45"}
    assert set(letters.follow_up(JULY)["Mã đơn vị"].to_pylist()) == {"H11.13", "H36.45"}
    assert [department(world, number) for number in (JUNE, JULY)] == ["000.00.13.H11", "H36.45"]


def test_the_same_choice_gives_the_same_world(world: World) -> None:
    again = make_world(OPTIONS)
    for name in ("dossiers", "steps", "officers", "documents", "document_handlers", "results", "posts"):
        pd.testing.assert_frame_equal(getattr(world, name), getattr(again, name))


def test_working_days_of_2025_written_out_are_those_of_the_law() -> None:
    days = np.arange(np.datetime64("2025-01-01"), np.datetime64("2026-01-01"))
    lawful = holidays.country_holidays("VN", years=2025)
    assert is_worked(days).tolist() == [lawful.is_working_day(day) for day in days.tolist()]
    off = np.array(["2025-04-26", "2025-05-02", "2025-07-05", "2025-07-06"], "datetime64[D]")
    assert is_worked(off).tolist() == [True, False, False, False]
