"""Single dossiers at a moment: those finished, and those open at the end of each day of reckoning.

What the running totals of ``dossiers`` cannot say, because it depends on more than one moment of a dossier's
life, is asked here dossier by dossier: how often papers were asked for, what was promised, how long it is
overdue.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dagster_project.sample.truth.daily import Groups, as_days, group, running_totals
from dagster_project.sample.truth.dossiers import PLACE
from dagster_project.sample.truth.history import History
from dagster_project.sample.truth.periods import Periods
from dagster_project.sample.truth.promises import clock_stops

if TYPE_CHECKING:
    from dagster_project.sample.world import World

_SECOND = np.timedelta64(1, "s")


def last_second(days: Any) -> Any:
    """The last second of each day: the moments of the world are whole seconds."""
    return (as_days(days) + 1).astype("datetime64[s]") - _SECOND


@dataclass(frozen=True)
class Cases:
    """The accepted dossiers with their places, and the periods that they are asked about."""

    accepted: pd.DataFrame
    places: Groups
    periods: Periods
    due_dates: pd.DataFrame
    stops: pd.DataFrame

    @cached_property
    def finished(self) -> pd.DataFrame:
        """A row per finished dossier: row in ``accepted``, number, end (``judged_at``), due date by then."""
        rows = np.flatnonzero(~np.isnat(as_days(self.accepted["finished_on"])))
        return self._judged(rows, np.asarray(self.accepted["finished_at"], "datetime64[s]")[rows])

    @cached_property
    def open(self) -> pd.DataFrame:
        """A row per day of reckoning and dossier open at its end, as ``finished``; with the day's place.

        ``measured_on``: that day, or the day on which its clock stopped if it stands at the day's end.
        """
        received_on = as_days(self.accepted["received_on"])
        finished_on = as_days(self.accepted["finished_on"])
        parts = [
            np.flatnonzero((received_on <= day) & (np.isnat(finished_on) | (finished_on > day)))
            for day in self._days
        ]
        day_no = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        rows = np.concatenate(parts) if parts else np.zeros(0, np.int64)
        judged = self._judged(rows, last_second(self._days[day_no]))
        numbers, moments = judged["dossier_no"], np.asarray(judged["judged_at"], "datetime64[s]")
        stops = History(self.stops, "stopped_at")
        stopped_at = stops.last_by(numbers, moments, "stopped_at")
        restarted_at = stops.last_by(numbers, moments, "restarted_at")
        stands = ~np.isnat(stopped_at) & (np.isnat(restarted_at) | (restarted_at > moments))
        measured_on = np.where(stands, as_days(stopped_at), as_days(moments))
        return judged.assign(day_no=day_no, measured_on=measured_on)

    def flow(self, mask: Any) -> Any:
        """Finished dossiers of each period and place for which ``mask`` (per row of ``finished``) holds."""
        rows = self.finished["row"].to_numpy()[np.asarray(mask, bool)]
        return self.on_days(rows, as_days(self.accepted["finished_on"])[rows])

    def stock(self, mask: Any) -> Any:
        """Dossiers open at each period's end, per place, for which ``mask`` (per row of ``open``) holds."""
        chosen = self.open[np.asarray(mask, bool)]
        per_day = np.zeros((len(self._days), self.places.size), np.int64)
        np.add.at(per_day, (chosen["day_no"], self.places.codes[chosen["row"]]), 1)
        return per_day[self.day_no_of_periods]

    def on_days(self, rows: Any, days: Any) -> Any:
        """Rows of ``accepted`` to which something happened on ``days``: counts per period and place."""
        return running_totals(Groups(self.places.keys, self.places.codes[rows]), days).during(self.periods)

    @property
    def day_no_of_periods(self) -> Any:
        """The place of each period's day of reckoning among the days of ``open``."""
        return np.searchsorted(self._days, self.periods.reckoned_on)

    @cached_property
    def _days(self) -> Any:
        return np.unique(self.periods.reckoned_on)

    @cached_property
    def _versions(self) -> History:
        ordered = self.due_dates.sort_values(["dossier_no", "version_no"], kind="stable")
        return History(ordered, "known_from_at")

    def _judged(self, rows: Any, judged_at: Any) -> pd.DataFrame:
        numbers = self.accepted["dossier_no"].to_numpy(np.int64)[rows]
        return pd.DataFrame(
            {
                "row": rows,
                "dossier_no": numbers,
                "judged_at": judged_at,
                "due_at": self._versions.last_by(numbers, judged_at, "due_at"),
            }
        )


def make_cases(world: World, accepted: pd.DataFrame, periods: Periods) -> Cases:
    """The cases of a world; ``accepted`` is that of ``accepted_dossiers``."""
    return Cases(accepted, group(accepted, PLACE), periods, world.due_dates, clock_stops(world))
