"""Who answers for a delay: who held each late dossier, for how many working days, and at its due date.

In this world every wait outside the office is a step of its own, so the steps tell everything. The warehouse
joins spans with a calendar; this walks along sorted arrays.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import holidays
import numpy as np
import pandas as pd

from dagster_project.sample.truth.daily import as_days
from dagster_project.sample.truth.promises import clock_stops

if TYPE_CHECKING:
    from dagster_project.sample.world import World

COLUMNS = [
    "dossier_code", "unit_code", "officer_name", "is_holder_at_due", "used_days", "over_days",
    "allowed_hundredths", "share_millionths", "cause_code",
]  # fmt: skip
_HOLDER = ["dossier_no", "unit_code", "officer_name"]
_NEW_TERMS = ("after_supplement", "stage_2")
_NEVER = np.datetime64("9999-12-31", "D")


def delay_responsibility(world: World, accepted: pd.DataFrame, as_of_on: str) -> pd.DataFrame:
    """One row per late or overdue dossier, unit and officer that held it in the term it missed.

    In: the world, its accepted dossiers (from ``accepted_dossiers``), the day of reckoning. ``used_days`` and
    ``over_days`` are working days; ``is_holder_at_due`` is 0 or 1; shares are whole millionths.
    ``officer_name`` is None outside the office, and for who had left before the due date passed.
    """
    late = _late(world, accepted, np.datetime64(as_of_on, "D")) if len(accepted) else accepted
    if late.empty:
        return pd.DataFrame(columns=COLUMNS)
    held = _held(world, late)
    at_due = _holders_at_due(world, late, held)
    in_term = held[held["ended_at"] > held["term_from"]]
    holders = (
        pd.concat([_days(in_term), at_due.assign(is_holder_at_due=1)])
        .groupby(_HOLDER, dropna=False, sort=True)
        .agg(
            used_days=("used_days", "sum"),
            over_days=("over_days", "sum"),
            allowed=("allowed_days", lambda days: days.sum(min_count=1)),
            is_holder_at_due=("is_holder_at_due", "max"),
        )
        .reset_index()
    )
    return _described(world, late, holders)


def _late(world: World, accepted: pd.DataFrame, as_of: Any) -> pd.DataFrame:
    """Dossiers finished late or open past their due date at the end of ``as_of``, indexed by dossier_no."""
    dossiers = accepted.set_index("dossier_no")
    end = pd.Timestamp(as_of + 1) - pd.Timedelta(seconds=1)
    dossiers = dossiers.assign(until=dossiers["finished_at"].where(dossiers["finished_on"].notna(), end))
    dates = world.due_dates[world.due_dates["dossier_no"].isin(dossiers.index)]
    dates = dates[dates["known_from_at"] <= dates["dossier_no"].map(dossiers["until"])]
    dates = dates.sort_values(["dossier_no", "known_from_at", "version_no"], kind="stable")
    dossiers["due_on"] = dates.groupby("dossier_no")["due_at"].last().dt.normalize()
    terms = dates[dates["reason"].astype(str).isin(_NEW_TERMS)].groupby("dossier_no")["known_from_at"].max()
    dossiers["term_from"] = terms.reindex(dossiers.index).fillna(dossiers["received_at"])
    # the due date moves along while the clock stands: what is past it is measured on the day it stopped
    stops = clock_stops(world)
    standing = stops[stops["restarted_at"].isna()].groupby("dossier_no")["stopped_at"].min().dt.normalize()
    measured_on = standing.reindex(dossiers.index).astype("datetime64[s]").fillna(pd.Timestamp(as_of))
    is_overdue = dossiers["finished_on"].isna() & (dossiers["due_on"] < measured_on)
    return dossiers[is_overdue | (dossiers["verdict"] == "late")]


def _held(world: World, late: pd.DataFrame) -> pd.DataFrame:
    """The steps of late dossiers up to their end, with the officer who answers for each."""
    steps = world.steps[world.steps["dossier_no"].isin(late.index)]
    steps = steps.join(late[["until", "due_on", "term_from"]], on="dossier_no")
    steps = steps[steps["started_at"] < steps["until"]]
    ended_at = steps["finished_at"].fillna(steps["until"]).clip(upper=steps["until"])
    external = set(world.units.loc[world.units["kind"].astype(str) == "external", "unit_code"].astype(str))
    held = steps.assign(
        ended_at=ended_at,
        unit_code=steps["unit_code"].astype(str),
        is_external=steps["unit_code"].astype(str).isin(external),
    )
    answers_on = np.minimum(as_days(held["ended_at"]), as_days(held["due_on"]))
    return held.assign(officer_name=_in_post(world, held["officer_no"], answers_on))


def _in_post(world: World, officer_no: pd.Series, days: Any) -> Any:
    """Names of the officers who were still in post on a day; None for the others and for nobody (-1)."""
    posts = world.officers.set_index("officer_no")
    left = posts["left_on"].reindex(officer_no.to_numpy())
    last_days = np.where(left.isna(), _NEVER, as_days(left))
    names = posts["officer_name"].reindex(officer_no.to_numpy()).to_numpy(object)
    is_named = (last_days >= days) & ~pd.isna(names)
    return np.where(is_named, names, None)


def _holders_at_due(world: World, late: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """Per late dossier its holder when the due day ended: outside before inside, then who got it last."""
    running = held[
        (held["started_at"].dt.normalize() <= held["due_on"])
        & (held["ended_at"].dt.normalize() > held["due_on"])
    ]
    running = running.sort_values(["dossier_no", "is_external", "started_at", "step_no"], kind="stable")
    found = running.drop_duplicates("dossier_no", keep="last")[_HOLDER]
    rest = late[~late.index.isin(found["dossier_no"])].reset_index()
    alone = pd.DataFrame(
        {
            "dossier_no": rest["dossier_no"],
            "unit_code": rest["unit_code"].astype(str),
            "officer_name": _in_post(world, rest["officer_no"], as_days(rest["due_on"])),
        }
    )
    return pd.concat([found, alone]) if len(alone) else found


def _days(held: pd.DataFrame) -> pd.DataFrame:
    """Working days used in the term, and over the limit; limits are met by the end of their day."""
    if held.empty:
        return held.reindex(columns=[*_HOLDER, "used_days", "over_days", "allowed_days", "is_holder_at_due"])
    started_at = held["started_at"].where(held["started_at"] > held["term_from"], held["term_from"])
    number = _WorkingDays(held)
    used = number(held["ended_at"]) - number(started_at)
    has_limit = held["due_at"].notna().to_numpy()
    last = number(held["due_at"].fillna(held["started_at"])) - number(held["started_at"])
    over = np.where(has_limit, np.maximum(used - last, 0), 0)
    return held[_HOLDER].assign(
        used_days=used, over_days=over, allowed_days=held["allowed_days"], is_holder_at_due=0
    )


class _WorkingDays:
    """Running numbers of Vietnamese working days, for the days that some steps span."""

    def __init__(self, held: pd.DataFrame) -> None:
        columns = ["started_at", "ended_at", "due_at", "term_from"]
        days = np.concatenate([as_days(held[name].dropna()) for name in columns])
        self._first = days.min()
        every: Any = np.arange(self._first, days.max() + 1)
        years = range(int(str(every[0])[:4]), int(str(every[-1])[:4]) + 1)
        calendar = holidays.country_holidays("VN", years=years)
        is_worked = [calendar.is_working_day(day) for day in every.astype(date)]
        self._number = np.cumsum(is_worked)

    def __call__(self, moments: pd.Series) -> Any:
        return self._number[(as_days(moments) - self._first).astype(np.int64)]


def _described(world: World, late: pd.DataFrame, holders: pd.DataFrame) -> pd.DataFrame:
    over = holders["over_days"].to_numpy(np.int64)
    names = holders["officer_name"].astype(object)
    total = holders.groupby("dossier_no")["over_days"].transform("sum").to_numpy(np.int64)
    at_due = holders["is_holder_at_due"].to_numpy(np.int64)
    shares = np.where(total > 0, over / np.maximum(total, 1), at_due)
    reviews = world.delay_reviews.sort_values("reviewed_on", kind="stable")
    causes = reviews.drop_duplicates("dossier_no", keep="last").set_index("dossier_no")["cause_code"]
    numbers = holders["dossier_no"].to_numpy()
    return pd.DataFrame(
        {
            "dossier_code": late["dossier_code"].reindex(numbers).astype(str).to_numpy(object),
            "unit_code": holders["unit_code"].to_numpy(object),
            "officer_name": names.where(names.notna(), None),
            "is_holder_at_due": at_due,
            "used_days": holders["used_days"].to_numpy(np.int64),
            "over_days": over,
            "allowed_hundredths": (holders["allowed"].astype(float) * 100).round().astype("Int64"),
            "share_millionths": np.rint(shares * 1_000_000).astype(np.int64),
            "cause_code": causes.reindex(numbers).astype(object).fillna("unknown").to_numpy(object),
        }
    )[COLUMNS]
