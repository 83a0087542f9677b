"""Petitions to the sample department: feedback of citizens, complaints, denunciations, voters' petitions."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from dagster_project.sample.catalog import DEPARTMENT, Catalog
from dagster_project.sample.officers import FIRST_ON, Days, Numbers, draw_valid
from dagster_project.sample.options import Options
from dagster_project.sample.randomness import stream
from dagster_project.sample.workdays import CLOSES, add_working_days, next_working_day


class _Kind(NamedTuple):
    """How one type of petition runs: per year, prefix of its code, limit, and how it ends (assumed)."""

    per_year: int
    prefix: str
    limit_days: int  # working days from acceptance
    late_share: float
    satisfied_share: float | None  # of the answered ones; None: nobody is asked


_KINDS = {
    "PAKN": _Kind(190, "PAKN", 10, 0.08, 0.86),
    "khiếu nại": _Kind(34, "KN", 30, 0.10, None),
    "tố cáo": _Kind(9, "TC", 30, 0.06, None),
    "kiến nghị cử tri": _Kind(52, "CT", 15, 0.05, 0.93),
}
_TRANSFERRED_SHARE = 0.12
_ASKED_SHARE = 0.55
_UNIT_WEIGHTS = {"Quản lý đất đai": 3.0, "Bảo vệ môi trường": 3.0, "Thanh tra": 2.0, "Chi nhánh": 1.2}


def make_petitions(options: Options, catalog: Catalog) -> pd.DataFrame:
    """Petitions, the same number at every scale. In: seed, units. Out: one row each, by moment of sending:

    petition_code, unit_code, petition_type, sent_at, accepted_at, transferred_at (passed on to another body,
    which then answers), due_at (as the office writes it), answered_at (NaT: not yet or not at all),
    is_satisfied (True, False, None: not asked), published_at (answers to feedback), complexity, is_remote,
    instance_no, handling. Nothing lies after the last moment of the horizon.
    """
    rng = stream(options, "petitions")
    petitions = pd.concat([_of_kind(options, rng, name) for name in _KINDS], ignore_index=True)
    petitions = petitions.sort_values(["sent_at", "petition_type"], kind="stable", ignore_index=True)
    petitions.insert(0, "petition_code", _codes(petitions))
    petitions.insert(1, "unit_code", _units(rng, catalog, petitions["sent_at"].to_numpy()))
    return _with_cases(stream(options, "petition cases"), petitions, options.last_moment)


def _with_cases(
    rng: np.random.Generator, petitions: pd.DataFrame, last_moment: np.datetime64
) -> pd.DataFrame:
    """What makes clocks differ (assumed shares): hard cases, remote places, second complaints, refusals."""
    count = len(petitions)
    kind = petitions["petition_type"].to_numpy(object)
    is_complaint, is_feedback = kind == "khiếu nại", kind == "PAKN"
    hardness = rng.choice(
        np.array(["normal", "complex", "very_complex"], object), count, p=(0.75, 0.18, 0.07)
    )
    hardness[is_complaint & (hardness == "very_complex")] = "complex"
    is_answered = petitions["answered_at"].notna().to_numpy()
    unsaid = np.full(count, None, dtype=object)
    handling = unsaid.copy()
    handling[is_answered] = "answered"
    handling[petitions["transferred_at"].notna().to_numpy()] = "transferred_out"
    chance = rng.random(count)
    handling[is_feedback & is_answered & (chance < 0.04)] = "supplement_asked"
    handling[is_feedback & is_answered & (chance < 0.02)] = "refused"
    is_published = is_feedback & (handling == "answered") & (rng.random(count) < 0.9)
    published_at = np.full(count, np.datetime64("NaT", "s"))
    answered_on = petitions["answered_at"].to_numpy().astype("datetime64[D]")
    published_at[is_published] = _at(
        add_working_days(
            answered_on[is_published], rng.choice(4, is_published.sum(), p=(0.4, 0.3, 0.2, 0.1))
        ),
        np.full(is_published.sum(), CLOSES),
    )
    published_at[published_at > last_moment] = np.datetime64("NaT", "s")
    return petitions.assign(
        published_at=published_at,
        complexity=np.where(is_complaint | (kind == "tố cáo"), hardness, unsaid),
        is_remote=np.where(is_complaint, rng.random(count) < 0.1, unsaid),
        instance_no=np.where(is_complaint, 1 + (rng.random(count) < 0.15), 1).astype(np.int64),
        handling=handling,
    )


def _of_kind(options: Options, rng: np.random.Generator, name: str) -> pd.DataFrame:
    kind = _KINDS[name]
    span = (options.last_day - FIRST_ON).astype(np.int64) + 1
    count = round(kind.per_year * span / 365)
    sent_on = FIRST_ON + rng.integers(0, span, count)
    # Citizens write at any time of day, officers answer in office hours.
    sent_at = _at(sent_on, 6 * 60 + rng.integers(0, 17 * 60, count))
    accepted_on = add_working_days(next_working_day(sent_on), rng.integers(1, 4, count))
    accepted_at = _at(accepted_on, _office_minutes(rng, count))
    is_passed = rng.random(count) < _TRANSFERRED_SHARE
    passed_at = _at(add_working_days(accepted_on, rng.integers(1, 4, count)), _office_minutes(rng, count))
    due_on = add_working_days(accepted_on, kind.limit_days)
    is_late = rng.random(count) < kind.late_share
    used = np.ceil(kind.limit_days * rng.beta(4, 1.6, count)).astype(np.int64)
    late = kind.limit_days + rng.geometric(0.2, count)
    answered_on = add_working_days(accepted_on, np.where(is_late, late, used))
    answered_at = _at(answered_on, _office_minutes(rng, count))
    answered_at[is_passed] = np.datetime64("NaT")
    moments = {
        "accepted_at": accepted_at,
        "transferred_at": np.where(is_passed, passed_at, np.datetime64("NaT", "s")),
        "answered_at": answered_at,
    }
    known = {
        key: np.where(at <= options.last_moment, at, np.datetime64("NaT", "s")) for key, at in moments.items()
    }
    has_due = ~np.isnat(known["accepted_at"])
    return pd.DataFrame(
        {
            "petition_type": name,
            "sent_at": sent_at,
            "accepted_at": known["accepted_at"],
            "transferred_at": known["transferred_at"],
            "due_at": np.where(has_due, _at(due_on, np.full(count, 17 * 60)), np.datetime64("NaT", "s")),
            "answered_at": known["answered_at"],
            "is_satisfied": _satisfied(rng, kind, is_late, ~np.isnat(known["answered_at"])),
        }
    )


def _satisfied(rng: np.random.Generator, kind: _Kind, is_late: Any, is_answered: Any) -> Any:
    """Answers of those who were asked; a late answer pleases fewer."""
    count = len(is_late)
    answers = np.full(count, None, dtype=object)
    chances, asked = rng.random(count), rng.random(count) < _ASKED_SHARE
    if kind.satisfied_share is not None:
        is_pleased = chances < np.where(is_late, kind.satisfied_share - 0.35, kind.satisfied_share)
        heard = asked & is_answered
        answers[heard] = is_pleased[heard]
    return answers


def _at(days: Days, minutes: Numbers) -> Any:
    return days.astype("datetime64[s]") + (minutes * 60).astype("timedelta64[s]")


def _office_minutes(rng: np.random.Generator, count: int) -> Numbers:
    minute = rng.integers(0, 450, count)
    return np.where(minute < 240, 450 + minute, 810 + minute - 240)


def _codes(petitions: pd.DataFrame) -> pd.Series:
    """A series of numbers per type and year of sending."""
    year = petitions["sent_at"].dt.year
    number = petitions.groupby([petitions["petition_type"], year]).cumcount() + 1
    prefix = petitions["petition_type"].map({name: kind.prefix for name, kind in _KINDS.items()})
    return prefix + "-" + year.astype(str) + "-" + number.astype(str).str.zfill(4)


def _units(rng: np.random.Generator, catalog: Catalog, sent_at: Any) -> Any:
    units = catalog.units[catalog.units["unit_code"].isin(catalog.below(DEPARTMENT))]
    weights = [
        next((w for word, w in _UNIT_WEIGHTS.items() if word in name), 0.6) for name in units["unit_name"]
    ]
    days = sent_at.astype("datetime64[D]")
    rows = draw_valid(rng, units["valid_from_on"].to_numpy(), units["valid_to_on"].to_numpy(), weights, days)
    return units["unit_code"].to_numpy()[rows]
