"""What ``--faults`` plants in the synthetic department, told from its tables alone."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

from dagster_project.sample.exports.as_known import Registers, extract_of
from dagster_project.sample.faults import AT_ONCE, OF_EACH, RESET_STEP
from dagster_project.sample.workdays import is_working_day, working_day_number
from dagster_project.sample.world import Options, World, make_world

SCALE = 0.1


@lru_cache
def world(faults: bool = True, scale: float = SCALE, seed: int = 2023) -> World:
    return make_world(Options(scale, seed, faults))


def hit(code: str) -> np.ndarray:
    """Numbers of the dossiers with one fault."""
    planted = world().planted
    return np.sort(planted.loc[planted["finding_code"] == code, "dossier_no"].to_numpy(np.int64))


def life(code: str) -> pd.DataFrame:
    """These dossiers, with the last due date they were given."""
    due = world().due_dates.groupby("dossier_no").last()[["due_at", "known_from_at"]]
    return world().dossiers.iloc[hit(code)].join(due, on="dossier_no")


def restated(code: str) -> pd.DataFrame:
    """What registers say of these dossiers, beside what happened."""
    happened = life(code).set_index("dossier_no")
    return world().restatements.merge(happened, on="dossier_no", suffixes=("", "_really"))


def test_each_fault_is_planted_as_often_as_stated() -> None:
    counts = world().planted["finding_code"].value_counts().to_dict()
    assert counts == {
        "finish_on_day_off": OF_EACH, "finish_at_day_end": OF_EACH, "refused_on_last_day": OF_EACH,
        "many_finishes_at_once": AT_ONCE, "due_date_edited": OF_EACH, "reappointed_again": OF_EACH,
        "overdue_reset": OF_EACH, "finish_equals_due": 2 * OF_EACH, "changed_after_close": OF_EACH,
        "finish_before_last_step": 3 * OF_EACH + OF_EACH // 2,
    }  # fmt: skip
    assert not world().planted.duplicated().any()


def test_without_the_option_there_is_none() -> None:
    clean = world(faults=False)
    assert len(clean.planted) == len(clean.restatements) == 0
    finished = clean.dossiers["finished_at"].dropna()
    assert is_working_day(finished.to_numpy()).all()
    assert (finished.dt.strftime("%H:%M") < "23:59").all()
    assert not (clean.due_dates["reason"] == "edited").any()
    assert RESET_STEP not in set(clean.steps["step_name"])


def test_nobody_is_refused_on_the_last_of_several_days_without_the_option() -> None:
    clean = world(faults=False)
    refused = clean.dossiers[(clean.dossiers["outcome"] == "refused").to_numpy()]
    due = clean.due_dates.groupby("dossier_no").last()
    refused = refused.join(due[["due_at", "known_from_at"]], on="dossier_no")
    last_day = refused["finished_at"].dt.normalize() == refused["due_at"].dt.normalize()
    known, due_day = (working_day_number(refused[name].to_numpy()) for name in ("known_from_at", "due_at"))
    assert len(refused) > 50
    assert not (last_day & (due_day - known >= 2)).any()


def test_same_seed_same_faults_and_other_seeds_others() -> None:
    again = make_world(Options(SCALE, 2023, faults=True))
    for name in ("planted", "restatements", "due_dates", "steps"):
        pd.testing.assert_frame_equal(getattr(world(), name), getattr(again, name))
    assert not world().planted["dossier_no"].equals(world(seed=8).planted["dossier_no"])


def test_faults_leave_everything_else_alone() -> None:
    clean, faulty = world(faults=False), world()
    untouched = ~np.isin(np.arange(len(clean.dossiers)), faulty.planted["dossier_no"].to_numpy(np.int64))
    pd.testing.assert_frame_equal(clean.dossiers[untouched], faulty.dossiers[untouched])


def test_on_time_stays_on_time_and_late_stays_late() -> None:
    def on_time(made: World) -> pd.Series:
        due = made.due_dates.groupby("dossier_no").last()["due_at"]
        finished = made.dossiers.set_index("dossier_no")["finished_at"].dropna()
        return (finished.dt.normalize() <= due.reindex(finished.index).dt.normalize()).rename("on_time")

    pd.testing.assert_series_equal(on_time(world(faults=False)), on_time(world()))


def test_what_happened_at_odd_hours() -> None:
    off, late = life("finish_on_day_off"), life("finish_at_day_end")
    assert not is_working_day(off["finished_at"].to_numpy()).any()
    assert set(late["finished_at"].dt.strftime("%H:%M")) == {"23:59"}
    many = life("many_finishes_at_once")
    assert len(set(zip(many["unit_code"], many["finished_at"], strict=True))) == 1
    for frame in (off, late, many):
        assert ((frame["returned_at"] > frame["finished_at"]) | frame["returned_at"].isna()).all()
        assert (frame["outcome"] == "done").all()


def test_refused_on_the_last_of_several_days() -> None:
    refused = life("refused_on_last_day")
    assert (refused["outcome"] == "refused").all()
    assert (refused["finished_at"].dt.normalize() == refused["due_at"].dt.normalize()).all()
    known, due = (working_day_number(refused[name].to_numpy()) for name in ("known_from_at", "due_at"))
    assert (due - known >= 2).all()


def test_appointments_with_and_without_letters() -> None:
    due = world().due_dates
    edited = due[(due["reason"] == "edited").to_numpy()]
    assert sorted(edited["dossier_no"]) == hit("due_date_edited").tolist()
    assert edited["document_code"].isna().all()
    letters = due[(due["reason"] == "reappointed").to_numpy()]
    assert letters["document_code"].is_unique
    count = letters["dossier_no"].value_counts()
    assert sorted(count[count == 2].index) == hit("reappointed_again").tolist()
    assert count.max() == 2
    of_two = due[due["dossier_no"].isin(hit("reappointed_again")).to_numpy()]
    assert (of_two.groupby("dossier_no")["known_from_at"].diff().dropna() > pd.Timedelta(0)).all()
    assert (of_two.groupby("dossier_no")["version_no"].diff().dropna() == 1).all()


def test_registers_lie_about_finishes() -> None:
    on_due = restated("finish_equals_due")
    assert (on_due["finished_at"] == on_due["due_at"]).all()
    assert (on_due["finished_at_really"] > on_due["due_at"]).all()
    earlier = restated("finish_before_last_step")
    assert (earlier["finished_at"] < earlier["finished_at_really"]).all()
    assert (earlier["finished_at"] > earlier["received_at"]).all()
    revised = restated("changed_after_close")
    assert (extract_of(revised["stated_at"]) == extract_of(revised["finished_at_really"]) + 3).all()


def test_a_register_says_the_truth_until_it_is_revised() -> None:
    registers, revised = Registers(world()), restated("changed_after_close").iloc[0]
    number, first = revised["dossier_no"], int(extract_of([revised["finished_at_really"]])[0])
    stated = {}
    for extract_no in range(Options().extract_count):
        rows = registers.dossiers(extract_no)
        stated[extract_no] = rows.loc[rows["dossier_no"] == number, "finished_at"].tolist()
    assert stated[first] == [revised["finished_at_really"]]
    assert stated[first + 3] == [revised["finished_at"]]


def test_a_reset_leaves_a_progress_row_behind() -> None:
    steps = world().steps
    resets = steps[(steps["step_name"] == RESET_STEP).to_numpy()].set_index("dossier_no")
    assert resets.index.tolist() == hit("overdue_reset").tolist()
    finished = world().dossiers.set_index("dossier_no")["finished_at"]
    assert (resets["started_at"] > finished.reindex(resets.index)).all()
    assert not steps.duplicated(["dossier_no", "step_no"]).any()
    assert resets["status_code"].isna().all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_where_dossiers_are_few_faults_keep_out_of_each_others_way(seed: int) -> None:
    made = world(scale=0.01, seed=seed)
    assert made.restatements["dossier_no"].is_unique
    gaps = made.due_dates.groupby("dossier_no")[["known_from_at"]].diff().dropna()
    assert (gaps["known_from_at"] > pd.Timedelta(0)).all()
    twice = made.planted.loc[made.planted["finding_code"] == "reappointed_again", "dossier_no"]
    moved = made.due_dates[made.due_dates["dossier_no"].isin(twice)].groupby("dossier_no")["due_at"].diff()
    assert (moved.dropna() > pd.Timedelta(0)).all()


@pytest.mark.parametrize("scale", [0.002, 0.02])
def test_a_small_sample_has_fewer(scale: float) -> None:
    planted = world(scale=scale).planted
    assert "many_finishes_at_once" not in set(planted["finding_code"])
    assert (planted["finding_code"].value_counts() <= 4 * OF_EACH).all()
    assert len(planted) > 0
