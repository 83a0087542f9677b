"""Rates of what is overdue, of apologies, of the way in and of asking for papers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time

from tests.reckoning import clock
from tests.reckoning import working_calendar as office
from tests.reckoning.dossier import WITHOUT_RESULT, Dossier
from tests.reckoning.due_dates import is_overdue
from tests.reckoning.on_time_rates import Verdict
from tests.reckoning.periods import Period

NOTICE_DAYS = 3  # working days in which papers may be asked for, Decree 61/2018/NĐ-CP, Article 19(4)
AGE_BANDS = {"1_5": (1, 5), "6_10": (6, 10), "11_30": (11, 30), "OVER_30": (31, 10**6)}


def late_open(dossier: Dossier, period: Period) -> Iterator[Verdict]:
    """Overdue among the open at the end of the period's last day: form II.06, columns 11 and 13."""
    if dossier.is_finished_in(period):
        return
    due_at = dossier.due_at_end_of(period.reckoned_on)
    if due_at is None:
        yield ("LATE_OPEN", "by_date_v1", 0, 0, "no_due_date")
    else:
        overdue = is_overdue(due_at, dossier.stops, period.reckoned_on)
        yield ("LATE_OPEN", "by_date_v1", int(overdue), 1, None)


def online(dossier: Dossier, period: Period) -> Iterator[Verdict]:
    """Received online among the newly received: form II.06, columns 4 and 5."""
    if dossier.is_received_in(period):
        yield ("ONLINE", "v1", int(dossier.history.channel == "online"), 1, None)


def late_open_age(dossier: Dossier, period: Period) -> Iterator[Verdict]:
    """How long the overdue ones are: calendar days since the due day, none of them while the clock stood still."""
    if dossier.is_finished_in(period):
        return
    due_at = dossier.due_at_end_of(period.reckoned_on)
    if due_at is not None and is_overdue(due_at, dossier.stops, period.reckoned_on):
        until = clock.stopped_since(dossier.stops, period.reckoned_on) or period.reckoned_on
        days = (until - due_at.date()).days
        for band, (first, last) in AGE_BANDS.items():
            yield (f"LATE_OPEN_{band}", "v1", int(first <= days <= last), 1, None)


def apology(dossier: Dossier, period: Period) -> Iterator[Verdict]:
    """Late ones with an apology and a new date at least a day before: Decree 61/2018/NĐ-CP, Article 19(9).

    Late is what missed its last promise that is not a re-appointment or an edit: finished after it, or overdue
    against it at the end of the period.
    """
    is_finished = dossier.is_finished_in(period)
    judged_at = dossier.finished_at if is_finished else None
    if is_finished and dossier.ended_as in WITHOUT_RESULT:
        return
    judged_at = judged_at or datetime.combine(period.reckoned_on, time.max)
    promises = [one for one in dossier.appointments if one.reason not in ("reappointed", "edited")]
    if not promises:
        return
    promise = ([one for one in promises if one.known_from_at <= judged_at] or promises[:1])[-1]
    promised_on = promise.due_at.date()
    if is_finished:
        is_missed = judged_at.date() > promised_on
    else:
        is_missed = is_overdue(promise.due_at, dossier.stops, period.reckoned_on)
    if is_missed:
        letters = [
            one.known_from_at.date()
            for one in dossier.appointments
            if one.reason == "reappointed" and one.known_from_at >= promise.known_from_at
        ]
        yield ("APOLOGY", "v1", int(any((promised_on - day).days >= 1 for day in letters)), 1, None)


def supp_late(dossier: Dossier, period: Period) -> Iterator[Verdict]:
    """First asked for papers later than the third working day: Decree 61/2018/NĐ-CP, Article 19(4)."""
    first = dossier.requests[0].begins_at.date() if dossier.requests else None
    if first is not None and period.starts_on <= first <= period.reckoned_on:
        days = office.working_days_between(dossier.received_on, first)
        yield ("SUPP_LATE", "v1", int(days > NOTICE_DAYS), 1, None)


def supp_multi(dossier: Dossier, period: Period) -> Iterator[Verdict]:
    """Asked for papers more than once, of those asked in the period: one complete guidance, Article 17(2a)."""
    days = [one.begins_at.date() for one in dossier.requests if one.begins_at.date() <= period.reckoned_on]
    if days and days[-1] >= period.starts_on:
        yield ("SUPP_MULTI", "v1", int(len(days) > 1), 1, None)
