"""Which due date governs when, when an open dossier is overdue, and what each stage was promised.

Decree 61/2018/NĐ-CP, Article 19(4) and (9): a supplement gives a new date, a re-appointment with apology another
one. The date an applicant was given last, by a moment, governs at that moment; a letter written later never
changes what was true before it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from tests.reckoning import clock
from tests.reckoning.histories import Appointment, History

# Dates the law sets; a re-appointment with apology (19(9)) and an edit do not move what was promised.
LAWFUL = {"initial", "after_supplement", "stage_2"}


class Stage(NamedTuple):
    """A part of the work with a promise of its own."""

    ended_at: datetime
    promised_at: datetime | None


def in_order(appointments: list[Appointment]) -> list[Appointment]:
    """Oldest first; of two known from one second the better recorded stands last, then the later date.

    The same date for the same reason in the same second is one appointment, however often it was written down.
    """
    return sorted(set(appointments), key=lambda one: (one.known_from_at, one.trust, one.due_at, one.reason))


def governing_at(appointments: list[Appointment], moment: datetime) -> datetime | None:
    """The last date known by the moment; before the first one was known, the first."""
    if not appointments:
        return None
    found = appointments[0]
    for one in appointments[1:]:
        if one.known_from_at > moment:
            break
        found = one
    return found.due_at


def is_overdue(due_at: datetime | None, stops: list[clock.Stop], day: date) -> bool:
    """Whether an open dossier is overdue at the end of ``day``.

    A term ends with its last day (Civil Code 2015, 148(6)), so it is overdue from the next one on. While the
    clock stands still no day is used up: overdue is then only what was so when it stopped.
    """
    if due_at is None or due_at.date() >= day:
        return False
    since = clock.stopped_since(stops, day)
    return since is None or due_at.date() < since


def stages(
    history: History, appointments: list[Appointment], received_at: datetime, finished_at: datetime
) -> list[Stage]:
    """The stages of a finished dossier with the last date of each that the law set, known by the stage's end.

    Land procedures with a financial obligation are promised in two stages: the second appointment is planned, not
    a re-appointment. The first stage ends where the dossier went away for the last time before the second date
    was given; without a record of that, when the second date was given.
    """
    lawful = [one for one in appointments if one.reason in LAWFUL and one.known_from_at <= finished_at]
    second = next((one for one in lawful if one.reason == "stage_2"), None)
    if second is None:
        return [Stage(finished_at, _last(lawful))]
    known_at = second.known_from_at
    waits = clock.joined(clock.pauses(history, received_at, finished_at))
    left_at = max((one.begins_at for one in waits if one.is_over_by(known_at)), default=known_at)
    first = [one for one in lawful if one.reason != "stage_2" and one.known_from_at <= left_at]
    return [
        Stage(left_at, _last(first)),
        Stage(finished_at, _last([one for one in lawful if one.known_from_at >= known_at])),
    ]


def _last(appointments: list[Appointment]) -> datetime | None:
    return appointments[-1].due_at if appointments else None
