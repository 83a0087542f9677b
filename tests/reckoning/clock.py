"""When the clock of a dossier starts, stands still and starts anew.

Decree 61/2018/NĐ-CP, Article 19(4) and (5), with its successors 118/2025 and 309/2026; for land dossiers Decrees
101/2024 and 151/2025/NĐ-CP.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import NamedTuple

from tests.reckoning import working_calendar as office
from tests.reckoning.histories import History

DECREE_309 = date(2026, 8, 5)  # from then on, by the day of receipt
# Consultation of other agencies runs within the limit (Article 19(5)); all else in the record of pauses is time
# that the law takes off the clock: financial obligation, posting, appraisal, breach of land law, inheritance.
RUNS_ON = {"consultation"}


class Stop(NamedTuple):
    """A time in which the clock stands still; ``ends_at`` is None while it lasts."""

    begins_at: datetime
    ends_at: datetime | None

    def is_over_by(self, moment: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= moment


class Away(NamedTuple):
    """How long a clock stood still, in the three ways in which limits are counted."""

    working_days: int = 0
    calendar_days: int = 0
    office_hours: float = 0


def joined(spans: list[Stop]) -> list[Stop]:
    """Spans that touch or overlap stop the clock once."""
    found: list[Stop] = []
    for span in sorted(spans, key=lambda one: one.begins_at):
        last = found[-1] if found else None
        if last is not None and (last.ends_at is None or span.begins_at <= last.ends_at):
            ends_at = (
                None if last.ends_at is None or span.ends_at is None else max(last.ends_at, span.ends_at)
            )
            found[-1] = Stop(last.begins_at, ends_at)
        else:
            found.append(span)
    return found


def pauses(history: History, received_at: datetime, until: datetime) -> list[Stop]:
    """Lawful pauses that began between receipt and finish."""
    return [
        Stop(one.paused_at, one.resumed_at)
        for one in history.pauses
        if one.reason not in RUNS_ON and received_at <= one.paused_at <= until
    ]


def supplements(history: History, received_at: datetime, until: datetime) -> list[Stop]:
    """Waits for missing papers after acceptance; what was asked for before it stopped no clock."""
    return [
        Stop(one.requested_at, one.answered_at)
        for one in history.supplements
        if received_at <= one.requested_at <= until
    ]


def stops(history: History, received_at: datetime, until: datetime) -> list[Stop]:
    """When the clock stood still up to the finish."""
    return joined(pauses(history, received_at, until) + supplements(history, received_at, until))


def stopped_since(spans: list[Stop], day: date) -> date | None:
    """The day since which the clock stands still at the end of ``day``, if it does."""
    end_of_day = datetime.combine(day, time.max)
    for span in spans:
        if span.begins_at <= end_of_day and not span.is_over_by(end_of_day):
            return span.begins_at.date()
    return None


def counts_from(history: History, received_at: datetime, until: datetime) -> datetime:
    """From when the limit counts.

    On receipt of a complete dossier; under Decree 309, Article 17(3), when the competent agency has it. After
    missing papers came, the time is reckoned anew from the start (Decree 61, Article 19(4)).
    """
    start = received_at
    if received_at.date() >= DECREE_309 and history.competent_received_at is not None:
        start = max(start, history.competent_received_at)
    answers = [
        span.ends_at
        for span in supplements(history, received_at, until)
        if span.ends_at is not None and span.ends_at <= until
    ]
    return max([start, *answers])


def away_since(spans: list[Stop], start: datetime, until: datetime) -> Away | None:
    """How long the clock stood still after ``start``; None when it still does at ``until``."""
    working, days, hours = 0, 0, 0.0
    for span in spans:
        if span.begins_at > until or span.is_over_by(start):
            continue
        if not span.is_over_by(until):
            return None
        assert span.ends_at is not None
        begins_at = max(span.begins_at, start)
        working += office.working_days_between(begins_at.date(), span.ends_at.date())
        days += (span.ends_at.date() - begins_at.date()).days
        hours += office.office_hours_between(begins_at, span.ends_at)
    return Away(working, days, hours)
