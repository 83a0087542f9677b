"""What applicants are owed beside the date: an apology in time, one request for papers, and a soon one."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import holidays
import numpy as np
import pandas as pd

from dagster_project.sample.truth.cases import Cases, last_second
from dagster_project.sample.truth.daily import as_days
from dagster_project.sample.truth.history import History
from dagster_project.sample.truth.punctuality import Rate, requests_after_acceptance

if TYPE_CHECKING:
    from dagster_project.sample.world import World

_PROMISES = ("initial", "stage_2", "after_supplement")
_NOTICE_DAYS = 3
_FIRST_YEAR, _LAST_YEAR = 2010, 2028


def courtesy_rates(world: World, cases: Cases) -> list[Rate]:
    """APOLOGY, SUPP_LATE and SUPP_MULTI."""
    return [_apology(world, cases), _late_requests(world, cases), _repeated_requests(world, cases)]


def _apology(world: World, cases: Cases) -> Rate:
    outcome = cases.accepted["outcome"].to_numpy(object)
    due_dates = world.due_dates.sort_values(["dossier_no", "version_no"], kind="stable")
    reasons = due_dates["reason"].astype(str)
    promises = History(due_dates[reasons.isin(_PROMISES).to_numpy()], "known_from_at")
    letters = History(due_dates[(reasons == "reappointed").to_numpy()], "known_from_at")
    finished, still_open = cases.finished, cases.open
    ended_as = outcome[finished["row"].to_numpy()]
    missed, in_time = _missed(promises, letters, finished, finished["judged_at"])
    missed &= (ended_as != "withdrawn") & (ended_as != "stopped")
    open_missed, open_in_time = _missed(promises, letters, still_open, still_open["measured_on"])
    return (
        "APOLOGY",
        "v1",
        cases.flow(missed & in_time) + cases.stock(open_missed & open_in_time),
        cases.flow(missed) + cases.stock(open_missed),
    )


def overdue_days(still_open: pd.DataFrame) -> Any:
    """Days since the governing due day up to the day measured; 0 while in time or without one."""
    days = (as_days(still_open["measured_on"]) - as_days(still_open["due_at"])).astype(np.float64)
    days[still_open["due_at"].isna().to_numpy()] = 0
    return np.maximum(days, 0).astype(np.int64)


def _missed(promises: History, letters: History, judged: pd.DataFrame, compared: Any) -> tuple[Any, Any]:
    """Whether the last promise was missed, and whether a letter came after it and before its last day."""
    numbers, moments = judged["dossier_no"], judged["judged_at"]
    promised_on = as_days(promises.last_by(numbers, moments, "due_at"))
    known_at = promises.last_by(numbers, moments, "known_from_at")
    missed = ~np.isnat(promised_on) & (as_days(compared) > promised_on)
    before = letters.count_by(numbers, known_at - np.timedelta64(1, "s"))
    by_the_day_before = letters.count_by(numbers, last_second(promised_on - 1))
    return missed, missed & (by_the_day_before > before)


def _late_requests(world: World, cases: Cases) -> Rate:
    requests = _by_row(world, cases).drop_duplicates("row")
    row, asked_on = requests["row"].to_numpy(), as_days(requests["requested_at"])
    received_on = as_days(cases.accepted["received_on"])[row]
    is_late = _worked_days(received_on, asked_on) > _NOTICE_DAYS
    return ("SUPP_LATE", "v1", cases.on_days(row[is_late], asked_on[is_late]), cases.on_days(row, asked_on))


def _repeated_requests(world: World, cases: Cases) -> Rate:
    requests, periods = _by_row(world, cases), cases.periods
    row, asked_on = requests["row"].to_numpy(), as_days(requests["requested_at"])
    asked = np.zeros((2, len(periods), cases.places.size), np.int64)
    for period, (starts_on, reckoned_on) in enumerate(
        zip(periods.starts_on, periods.reckoned_on, strict=True)
    ):
        times = np.bincount(row[asked_on <= reckoned_on], minlength=len(cases.accepted))
        in_period = np.unique(row[(asked_on >= starts_on) & (asked_on <= reckoned_on)])
        for place, chosen in enumerate((in_period[times[in_period] > 1], in_period)):
            asked[place, period] = np.bincount(cases.places.codes[chosen], minlength=cases.places.size)
    return ("SUPP_MULTI", "v1", asked[0], asked[1])


def _by_row(world: World, cases: Cases) -> pd.DataFrame:
    """Requests after acceptance, oldest first, with the row of their dossier among the accepted."""
    requests = requests_after_acceptance(world).sort_values("requested_at", kind="stable")
    row_of = pd.Series(np.arange(len(cases.accepted)), cases.accepted["dossier_no"].to_numpy())
    return requests.assign(row=row_of.reindex(requests["dossier_no"].to_numpy()).to_numpy(np.int64))


def _worked_days(from_days: Any, to_days: Any) -> Any:
    """Working days after the first day up to the second."""
    first = np.datetime64(f"{_FIRST_YEAR}-01-01", "D")
    worked = _worked_so_far()
    return worked[(to_days - first).astype(np.int64)] - worked[(from_days - first).astype(np.int64)]


@lru_cache(maxsize=1)
def _worked_so_far() -> Any:
    calendar = holidays.country_holidays("VN", years=range(_FIRST_YEAR, _LAST_YEAR + 1))
    days = np.arange(np.datetime64(f"{_FIRST_YEAR}-01-01"), np.datetime64(f"{_LAST_YEAR + 1}-01-01"))
    return np.cumsum([calendar.is_working_day(day) for day in days.tolist()])
