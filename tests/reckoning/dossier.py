"""One dossier with what every rate and form asks for, reckoned once from its history."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cached_property

from tests.reckoning import clock, due_dates
from tests.reckoning.due_dates import governing_at, in_order, is_overdue
from tests.reckoning.endings import ending_of
from tests.reckoning.histories import History
from tests.reckoning.limits import limit_of
from tests.reckoning.periods import Period

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

    @property
    def status_class(self) -> str:
        """Its state at the end of the as-of day; it waits while its clock stands still."""
        open_class = self.ending.status_class
        return (
            "paused" if open_class == "open" and clock.stopped_since(self.stops, self.as_of) else open_class
        )

    @cached_property
    def is_limit_in_hours(self) -> bool:
        """Whether the hour of the finish decides, not the day (Civil Code 2015, 148)."""
        limit = limit_of(self.history)
        return limit is not None and limit.unit == "hour" and limit.unit_2 is None

    def is_within(self, moment: datetime, due_at: datetime | None) -> bool:
        """Whether a moment keeps a promise: by its day, by the second where the limit is one of hours."""
        if due_at is None:
            return False
        if self.is_limit_in_hours:
            return moment.replace(microsecond=0) <= due_at.replace(microsecond=0)
        return moment.date() <= due_at.date()

    @cached_property
    def against_due_date(self) -> int | None:
        """How it was finished against its due date: early (-1), on time (0), late (1); None without a date."""
        due_at, finished_at = self.due_at_finish, self.finished_at
        if due_at is None or finished_at is None:
            return None
        if self.is_limit_in_hours:
            due, finished = due_at.replace(microsecond=0), finished_at.replace(microsecond=0)
            return (finished > due) - (finished < due)
        return (finished_at.date() > due_at.date()) - (finished_at.date() < due_at.date())

    def is_finished_by_day(self, due_at: datetime | None) -> bool | None:
        """Whether its finish lies on or before the day; None when there is none to compare."""
        if due_at is None or self.finished_at is None:
            return None
        return self.finished_at.date() <= due_at.date()

    @cached_property
    def requests(self) -> list[clock.Stop]:
        """Requests for papers between receipt and finish, in order; an answer after the finish ends with it."""
        assert self.received_at is not None
        until = datetime.max
        if self.finished_at is not None:
            until = max(self.finished_at, self.received_at)
        asked = clock.supplements(self.history, self.received_at, until)
        return sorted(
            (
                one._replace(ends_at=max(one.begins_at, min(one.ends_at, until))) if one.ends_at else one
                for one in asked
            ),
            key=lambda one: (one.begins_at, one.ends_at or datetime.max),
        )

    @staticmethod
    def time_away(requests: list[clock.Stop]) -> timedelta:
        """How long answered requests kept it away; those that overlap count once."""
        return sum(
            (one.ends_at - one.begins_at for one in clock.joined(requests) if one.ends_at), timedelta()
        )

    @cached_property
    def stages(self) -> list[due_dates.Stage]:
        assert self.received_at is not None and self.finished_at is not None
        return due_dates.stages(self.history, self.appointments, self.received_at, self.finished_at)

    def is_finished_in(self, period: Period) -> bool:
        """Whether it is finished by the period's last day; it is open then if not."""
        return self.finished_on is not None and self.finished_on <= period.reckoned_on

    def is_received_in(self, period: Period) -> bool:
        return self.received_on >= period.starts_on

    def last_day(self) -> date:
        """The last day on which it is in a period: of its finish, else the as-of day."""
        return self.finished_on or self.as_of


def form_state(dossier: Dossier, period: Period) -> tuple[str, datetime | None]:
    """The column of form II.06 in which it stands at the end of the period, and the due date it is judged by.

    A dossier without result or without due date stands under "on time" or "in time": the form has no other place.
    """
    if not dossier.is_finished_in(period):
        due_at = dossier.due_at_end_of(period.reckoned_on)
        return ("overdue" if is_overdue(due_at, dossier.stops, period.reckoned_on) else "in_time", due_at)
    if dossier.ended_as in WITHOUT_RESULT or dossier.against_due_date is None:
        return ("on_time", dossier.due_at_finish)
    return (("on_time", "late", "early")[dossier.against_due_date], dossier.due_at_finish)
