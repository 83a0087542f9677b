"""Working days of the steps of one dossier, by the rule of the model ``holding_durations``.

Days are compared by date: the first day does not count, half a day allowed reaches to the end of its day
(Civil Code 2015, Articles 147(2) and 148).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil

from dagster_project.explain.life import Entry

Spans = Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True)
class WorkingDays:
    """Running numbers of working days by date, as dim_dates has them."""

    numbers: dict[date, int]

    def between(self, start: datetime, end: datetime) -> int | None:
        """Working days after the day of ``start`` up to that of ``end``; None outside the calendar."""
        first, last = self.numbers.get(start.date()), self.numbers.get(end.date())
        return None if first is None or last is None else last - first


def spans_off_the_clock(events: Iterable[Entry], until: datetime) -> list[tuple[datetime, datetime]]:
    """From when to when the clock stood still, at the latest ``until``, from the events in order of time."""
    spans, stopped_at = [], None
    for event in events:
        if event.at is None or event.clock_state_code is None:
            continue
        if event.clock_state_code == "stopped":
            stopped_at = stopped_at or event.at
        elif stopped_at is not None:
            spans.append((stopped_at, event.at))
            stopped_at = None
    if stopped_at is not None:
        spans.append((stopped_at, until))
    return spans


def step_days(
    started_at: datetime | None,
    ended_at: datetime,
    due_at: datetime | None,
    allowed_days: float | None,
    off_the_clock: Spans,
    days: WorkingDays,
) -> tuple[int | None, int | None]:
    """Working days used in a step, and how many after (or, negative, before) its last allowed day.

    None where the beginning, the limit or the calendar does not tell.
    """
    if started_at is None:
        return None, None
    used = days.between(started_at, max(ended_at, started_at))
    if used is None:
        return None, None
    for stopped_at, restarted_at in off_the_clock:
        first, last = max(started_at, stopped_at), min(ended_at, restarted_at)
        if first < last:
            used -= days.between(first, last) or 0
    last_allowed = days.between(started_at, due_at) if due_at is not None else None
    if last_allowed is None and allowed_days is not None:
        last_allowed = ceil(allowed_days)
    return used, None if last_allowed is None else used - last_allowed
