"""What is known of the life of each dossier, as arrays, before it becomes tables.

Moments are office minutes. An appointment is a working-day number: it means 17:00 of that day. ``NEVER``
stands for what does not come.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dagster_project.sample.columns import Moments, moments, wall_due
from dagster_project.sample.intake import Bools, Floats, Ints
from dagster_project.sample.workdays import (
    OFFICE_MINUTES,
    next_working_day,
    nth_working_day,
    working_day_number,
)

NEVER_DAY = int(working_day_number(np.array(["2027-06-30"], dtype="datetime64[D]"))[0])
NEVER = NEVER_DAY * OFFICE_MINUTES

OUTCOMES = ("done", "refused", "withdrawn", "stopped", "open", "not_accepted", "pending")
DONE, REFUSED, WITHDRAWN, STOPPED, OPEN, NOT_ACCEPTED, PENDING = range(len(OUTCOMES))
NO_PAUSE, TAX_PAUSE, POSTING_PAUSE = range(3)
NO_EXTENSION, REAPPOINTED, LAST_MINUTE = range(3)


@dataclass
class Timeline:
    """Arrays of one entry per dossier; moments in office minutes, ``*_due`` in working-day numbers.

    ``requested`` / ``answered`` / ``renewed_due``: supplements after acceptance (two rounds);
    ``extension`` (kind), ``extended`` (when known), ``extended_due``: changes of the appointment, two rounds;
    ``governing_due``: the last appointment; ``last_known``: since when it is known; ``planned``: when the
    work would be done if nothing ended it before; ``closed``: end of the dossier; ``overtime``: minutes after
    17:00 at which it was finished on that day (0: in office time); ``cut``: where the sample ends.
    """

    received: Ints
    outcome: Ints
    limit: Floats
    first_stage: Floats
    second_stage: Floats
    is_calendar: Bools
    first_due: Ints
    requested: list[Ints]
    answered: list[Ints]
    renewed_due: list[Ints]
    clock_start: Ints
    pause: Ints
    paused: Ints
    tax_done: Ints
    resumed: Ints
    second_due: Ints
    extension: list[Ints]
    extended: list[Ints]
    extended_due: list[Ints]
    governing_due: Ints
    last_known: Ints
    planned: Ints
    closed: Ints
    overtime: Ints
    cut: int


def due_day(start: Ints, days: Any, is_calendar: Bools) -> Ints:
    """Appointments: this many working days after each moment's day, or calendar days and then the next
    working day. In: office minutes, days. Out: working-day numbers, at most ``NEVER_DAY``."""
    day = np.minimum(start // OFFICE_MINUTES, NEVER_DAY)
    due: Ints = day + np.ceil(np.asarray(days)).astype(np.int64)
    rows = np.flatnonzero(is_calendar)
    if len(rows):
        ends = nth_working_day(day[rows]) + np.ceil(np.asarray(days)[rows]).astype("timedelta64[D]")
        due[rows] = working_day_number(next_working_day(ends))
    return np.minimum(due, NEVER_DAY)


def minutes_of_day(rng: np.random.Generator, size: int) -> Ints:
    """A minute of the office day, more often before noon."""
    result: Ints = (rng.beta(1.2, 1.4, size) * OFFICE_MINUTES).astype(np.int64)
    return result


def placed(array: Ints, rows: Ints, values: Ints) -> Ints:
    """A copy of the array with these values in these rows."""
    changed = array.copy()
    changed[rows] = values
    return changed


def is_accepted(line: Timeline) -> Bools:
    """Whether each dossier was ever accepted: only these have an appointment and steps."""
    result: Bools = ~np.isin(line.outcome, (NOT_ACCEPTED, PENDING))
    return result


def finish_moments(line: Timeline) -> Moments:
    """Wall time at which each dossier ended, after office hours where it was; NaT while it is open."""
    after_hours = wall_due(np.minimum(line.closed, line.cut) // OFFICE_MINUTES)
    after_hours = after_hours + (line.overtime * 60).astype("timedelta64[s]")
    return np.where(
        (line.overtime > 0) & (line.closed < line.cut), after_hours, moments(line.closed, line.cut)
    )
