"""Every rate, as the law or the form words it: in which periods a dossier counts, and whether it counts as good.

A verdict is (indicator, rule version, in the numerator, in the denominator, why it is left out).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from functools import cached_property

from tests.reckoning import clock
from tests.reckoning.due_dates import governing_at, in_order, is_overdue
from tests.reckoning.endings import ending_of
from tests.reckoning.histories import History
from tests.reckoning.periods import Period

Verdict = tuple[str, str, int, int, str | None]
WITHOUT_RESULT = ("withdrawn", "stopped")  # never judged by date: the applicant or the law ended them


class Dossier:
    """One history with what every rate asks for."""

    def __init__(self, history: History, as_of: date) -> None:
        self.history = history
        self.as_of = as_of
        self.ending = ending_of(history, as_of)
        self.received_at = self.ending.received_at
        self.finished_at = self.ending.finished_at
        self.ended_as = self.ending.ended_as
        self.is_counted = self.ending.exclusion is None
        self.appointments = in_order(history.appointments)

    @cached_property
    def received_on(self) -> date:
        assert self.received_at is not None
        return self.received_at.date()

    @cached_property
    def finished_on(self) -> date | None:
        """The day the finish counts on: a finish stated before the receipt counts on the day of receipt."""
        if self.finished_at is None:
            return None
        return max(self.finished_at.date(), self.received_on)

    @cached_property
    def due_at_finish(self) -> datetime | None:
        return governing_at(self.appointments, self.finished_at) if self.finished_at else None

    @cached_property
    def judged_at(self) -> datetime:
        """Its finish; the end of the as-of day while it is open."""
        return self.finished_at or datetime.combine(self.as_of, time.max)

    @cached_property
    def due_when_judged(self) -> datetime | None:
        return governing_at(self.appointments, self.judged_at)

    def due_at_end_of(self, day: date) -> datetime | None:
        """The due date as it governed at the end of a day."""
        return governing_at(self.appointments, datetime.combine(day, time.max))

    @cached_property
    def stops(self) -> list[clock.Stop]:
        assert self.received_at is not None
        return clock.stops(self.history, self.received_at, self.finished_at or datetime.max)

    def is_finished_in(self, period: Period) -> bool:
        """Whether it is finished by the period's last day; it is open then if not."""
        return self.finished_on is not None and self.finished_on <= period.reckoned_on

    def is_received_in(self, period: Period) -> bool:
        return self.received_on >= period.starts_on

    def last_day(self) -> date:
        """The last day on which it is in a period: of its finish, else the as-of day."""
        return self.finished_on or self.as_of


def ot_06(dossier: Dossier, period: Period) -> Iterator[Verdict]:
    """Finished early or on time, form II.06, Circular 01/2020/TT-VPCP: by the date known at the finish.

    By day, because a term ends with its last day (Civil Code 148(6)); by the second for limits in hours.
    """
    if not dossier.is_finished_in(period):
        return
    due_at, finished_at = dossier.due_at_finish, dossier.finished_at
    left_out = dossier.ended_as if dossier.ended_as in WITHOUT_RESULT else None
    if left_out is None and due_at is None:
        left_out = "no_due_date"
    if left_out or due_at is None or finished_at is None:
        yield ("OT_06", "by_date_v1", 0, 0, left_out)
        yield ("OT_06", "by_time_v1", 0, 0, left_out)
        return
    yield ("OT_06", "by_date_v1", int(finished_at.date() <= due_at.date()), 1, None)
    on_time = finished_at.replace(microsecond=0) <= due_at.replace(microsecond=0)
    yield ("OT_06", "by_time_v1", int(on_time), 1, None)


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


RATES = (ot_06, late_open, online)


def verdicts(dossier: Dossier, period: Period) -> tuple[Verdict, ...]:
    """Every verdict on one dossier in one period that it touches."""
    return tuple(verdict for rate in RATES for verdict in rate(dossier, period))


def form_state(dossier: Dossier, period: Period) -> tuple[str, datetime | None]:
    """The column of form II.06 in which it stands at the end of the period, and the due date it is judged by.

    A dossier without result or without due date stands under "on time" or "in time": the form has no other place.
    """
    if not dossier.is_finished_in(period):
        due_at = dossier.due_at_end_of(period.reckoned_on)
        return ("overdue" if is_overdue(due_at, dossier.stops, period.reckoned_on) else "in_time", due_at)
    due_at, finished_at = dossier.due_at_finish, dossier.finished_at
    if dossier.ended_as in WITHOUT_RESULT or due_at is None or finished_at is None:
        return ("on_time", due_at)
    days = (finished_at.date() - due_at.date()).days
    return ("early" if days < 0 else "late" if days > 0 else "on_time", due_at)
