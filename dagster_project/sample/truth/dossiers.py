"""Dossiers by period: the columns of form II.06 and what the rates over dossiers are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dagster_project.sample.truth.daily import (
    Groups,
    Totals,
    as_days,
    group,
    records,
    running_totals,
    standing_totals,
)
from dagster_project.sample.truth.periods import Periods
from dagster_project.sample.truth.promises import clock_stops, due_at, kept_every_promise

if TYPE_CHECKING:
    from dagster_project.sample.world import World

PLACE = ["unit_code", "field_code", "procedure_level"]
_WITHOUT_RESULT = ("withdrawn", "stopped")
# Decree 107/2021: from which day of receipt each level scans
_SCANS_FROM = {"province": "2022-06-01", "district": "2022-12-01", "commune": "2023-06-01"}
_FINISHED = ("done", "refused", *_WITHOUT_RESULT)


@dataclass(frozen=True)
class DossierTotals:
    """Running totals over the accepted dossiers; the columns of ``sums`` are the groups of ``keys``."""

    keys: pd.DataFrame
    sums: dict[str, Totals]

    def form(self, periods: Periods) -> pd.DataFrame:
        """Form II.06, columns 3-13, and of these withdrawn, refused, stopped: per period and place."""
        return records(periods, self.keys, self._columns(periods))

    def open_overdue(self, periods: Periods) -> Any:
        """Open dossiers past their due date at each period's end, without those whose clock stands."""
        return self.sums["past_due"].at_end(periods) - self.sums["excused"].at_end(periods)

    def _columns(self, periods: Periods) -> dict[str, Any]:
        happened = {
            name: self.sums[name].during(periods)
            for name in (
                "received_online", "received_other", "finished_early", "finished_on_time", "finished_late",
                "withdrawn", "refused", "stopped",
            )
        }  # fmt: skip
        carried_in = self.sums["open"].before(periods.starts_on)
        open_total = self.sums["open"].at_end(periods)
        open_overdue = self.open_overdue(periods)
        return {
            "received_online": happened["received_online"],
            "received_other": happened["received_other"],
            "carried_in": carried_in,
            "received_total": happened["received_online"] + happened["received_other"] + carried_in,
            "finished_early": happened["finished_early"],
            "finished_on_time": happened["finished_on_time"],
            "finished_late": happened["finished_late"],
            "finished_total": self.sums["finished"].during(periods),
            "open_in_time": open_total - open_overdue,
            "open_overdue": open_overdue,
            "open_total": open_total,
            "withdrawn": happened["withdrawn"],
            "refused": happened["refused"],
            "stopped": happened["stopped"],
        }


def accepted_dossiers(world: World) -> pd.DataFrame:
    """The dossiers that count, with the day of receipt and finish and how the finish is judged.

    Adds ``received_on``, ``finished_on`` (NaT while open), ``is_judged`` (finished with a result or refused
    and with a due date), ``verdict`` (early, on_time, late; None while open), ``is_by_time``,
    ``is_original`` (every date promised at first was kept).
    """
    dossiers = world.dossiers[world.dossiers["received_at"].notna()].reset_index(drop=True)
    outcome = dossiers["outcome"].astype(str)
    finished_at = dossiers["finished_at"].where(outcome.isin(_FINISHED))
    governing = due_at(world.due_dates, dossiers["dossier_no"], finished_at)
    finished_on, due_on = as_days(finished_at), as_days(governing)
    is_finished, has_due = ~np.isnat(finished_on), ~np.isnat(due_on)
    is_judged = is_finished & has_due & ~outcome.isin(_WITHOUT_RESULT).to_numpy()
    verdict = np.select(
        [~is_finished, ~is_judged, finished_on < due_on, finished_on == due_on],
        ["", "on_time", "early", "on_time"],
        "late",
    )
    return dossiers.assign(
        outcome=outcome,
        received_on=as_days(dossiers["received_at"]),
        finished_on=finished_on,
        is_judged=is_judged,
        verdict=verdict,
        is_by_time=is_judged & (np.asarray(finished_at, "datetime64[s]") <= governing),
        is_original=is_judged & kept_every_promise(world, dossiers["dossier_no"], finished_at),
    )


def dossier_totals(world: World, accepted: pd.DataFrame) -> DossierTotals:
    """Running totals per unit, field and level over the accepted dossiers (from ``accepted_dossiers``)."""
    places = group(accepted, PLACE)
    received_on, finished_on = accepted["received_on"], accepted["finished_on"]
    is_online = (accepted["channel"].astype(str) == "online").to_numpy()
    has_to_be_scanned = ~is_online & _has_to_be_scanned(world, accepted)
    received_masks = {
        "received_online": is_online,
        "received_other": ~is_online,
        "to_scan": has_to_be_scanned,
        "scanned": has_to_be_scanned & accepted["has_digitized_components"].to_numpy(bool),
        "reusing": accepted["is_reusing_data"].to_numpy(bool),
    }
    finished_masks = {
        "finished": np.ones(len(accepted), bool),
        **{f"finished_{verdict}": accepted["verdict"] == verdict for verdict in ("early", "on_time", "late")},
        **{outcome: accepted["outcome"] == outcome for outcome in ("withdrawn", "refused", "stopped")},
        "judged": accepted["is_judged"],
        "judged_by_date": accepted["is_judged"] & (accepted["verdict"] != "late"),
        "judged_by_time": accepted["is_by_time"],
        "judged_original": accepted["is_original"],
    }
    sums = {name: _where(places, received_on, mask) for name, mask in received_masks.items()}
    sums |= {name: _where(places, finished_on, mask) for name, mask in finished_masks.items()}
    sums["open"] = standing_totals(places, received_on, finished_on)
    sums |= _open_by_due_date(world, accepted, places)
    return DossierTotals(places.keys, sums)


def _where(places: Groups, days: pd.Series, mask: Any) -> Totals:
    chosen = np.asarray(mask, bool)
    return running_totals(places.of(chosen), days.to_numpy()[chosen])


def _open_by_due_date(world: World, accepted: pd.DataFrame, places: Groups) -> dict[str, Totals]:
    """Open dossiers that have a due date, and those of them past it, at the end of every day.

    A version governs the ends of the days from the one on which it got known until the next version's day
    or the finish. It is past due from the day after its own day on; not while the clock stands that stopped
    on or before its day.
    """
    ordered = world.due_dates.sort_values(["dossier_no", "known_from_at", "version_no"], kind="stable")
    row_of_dossier = pd.Series(np.arange(len(accepted)), accepted["dossier_no"].to_numpy())
    rows = row_of_dossier.reindex(ordered["dossier_no"].to_numpy())
    ordered = ordered[rows.notna().to_numpy()]
    row = rows.dropna().to_numpy(np.int64)
    governs_from = np.maximum(as_days(ordered["known_from_at"]), as_days(accepted["received_on"])[row])
    finished_on = as_days(accepted["finished_on"])[row]
    next_known_on = np.append(governs_from[1:], np.datetime64("NaT", "D"))
    next_known_on[np.append(row[1:] != row[:-1], True)] = np.datetime64("NaT", "D")
    governs_until = np.fmin(next_known_on, finished_on)
    past_due_from = np.maximum(governs_from, as_days(ordered["due_at"]) + 1)
    of_versions = Groups(places.keys, places.codes[row])
    past_due = standing_totals(of_versions, past_due_from, governs_until)
    versions = pd.DataFrame(
        {
            "dossier_no": ordered["dossier_no"].to_numpy(),
            "code": places.codes[row],
            "due_on": as_days(ordered["due_at"]),
            "from_on": past_due_from,
            "until_on": governs_until,
        }
    )
    excused = versions.merge(clock_stops(world), on="dossier_no")
    stopped_on, restarted_on = as_days(excused["stopped_at"]), as_days(excused["restarted_at"])
    is_excused = stopped_on <= as_days(excused["due_on"])
    excused_from = np.where(is_excused, as_days(excused["from_on"]), np.datetime64("NaT"))
    excused_until = np.fmin(as_days(excused["until_on"]), restarted_on)
    of_excused = Groups(places.keys, excused["code"].to_numpy())
    return {
        "open_with_due_date": standing_totals(of_versions, governs_from, governs_until),
        "past_due": past_due,
        "excused": standing_totals(of_excused, excused_from, excused_until),
    }


def _has_to_be_scanned(world: World, accepted: pd.DataFrame) -> Any:
    """Whether each dossier came after its level's start and its procedure gives a result on paper."""
    starts = accepted["procedure_level"].astype(str).map(_SCANS_FROM).astype("datetime64[s]")
    without_paper = world.procedures.loc[~world.procedures["has_paper_result"].astype(bool), "procedure_code"]
    has_paper = ~accepted["procedure_code"].isin(without_paper)
    return (has_paper & (accepted["received_at"] >= starts)).to_numpy()
