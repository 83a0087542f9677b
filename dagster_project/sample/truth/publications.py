"""Procedures: when each had to be decided and put online, and whether it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dagster_project.sample.truth.calendar import last_days, working_day_before
from dagster_project.sample.truth.daily import as_days
from dagster_project.sample.truth.periods import Periods

if TYPE_CHECKING:
    from dagster_project.sample.world import World


def publication_rates(world: World, periods: Periods) -> pd.DataFrame:
    """PUB_ONTIME at the root, per period, field and in all: late once in the period is late."""
    found = [
        _of_period(world.procedures, due_on, done_on, periods, place).assign(rule_version=version)
        for version, (due_on, done_on) in _duties(world.procedures).items()
        for place in range(len(periods))
    ]
    return pd.concat(found, ignore_index=True).assign(
        unit_code="root", scope="own", indicator_code="PUB_ONTIME"
    )


def late_publications(world: World, as_of_on: str) -> pd.DataFrame:
    """The duties that were not kept by the day they were due: one row per version of a procedure and rule."""
    frames = []
    for version, (due_on, done_on) in _duties(world.procedures).items():
        is_late = (done_on > due_on) | (np.isnat(done_on) & (due_on < np.datetime64(as_of_on)))
        late = world.procedures[is_late]
        frames.append(
            pd.DataFrame(
                {
                    "procedure_code": late["procedure_code"].astype(object),
                    "valid_from_on": late["valid_from_on"].dt.strftime("%Y-%m-%d"),
                    "rule_version": version,
                    "due_on": pd.Series(due_on[is_late], late.index).dt.strftime("%Y-%m-%d"),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _duties(rows: pd.DataFrame) -> dict[str, tuple[Any, Any]]:
    """By which day each version had to be decided and put online, and when it was."""
    law_on, decided_on, published_on = (
        as_days(rows[name]) for name in ("law_effective_on", "decided_on", "published_on")
    )
    always = np.ones(len(rows), bool)
    return {
        "decided_v1": (working_day_before(law_on, 5), decided_on),
        "online_v1": (last_days(decided_on, np.full(len(rows), 5), always), published_on),
    }


def _of_period(rows: pd.DataFrame, due_on: Any, done_on: Any, periods: Periods, place: int) -> pd.DataFrame:
    is_due = (due_on >= periods.starts_on[place]) & (due_on <= periods.reckoned_on[place])
    due = rows[is_due].assign(is_on_time=(done_on <= due_on)[is_due])
    procedures = due.groupby(["procedure_code", "field_code"])["is_on_time"].all().reset_index()
    by_field = pd.concat([procedures, procedures.assign(field_code="all")]).groupby("field_code")[
        "is_on_time"
    ]
    counted = pd.DataFrame({"numerator": by_field.sum(), "denominator": by_field.size()}).reset_index()
    return counted.assign(period_key=periods.keys[place])
