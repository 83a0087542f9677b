"""Where a limit ends.

Civil Code 2015, Articles 147 and 148: the first day does not count, a term ends with its last day, and one that
ends on a day off moves to the next working day.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta

from tests.reckoning import clock
from tests.reckoning import working_calendar as office
from tests.reckoning.clock import Away
from tests.reckoning.histories import History, Limit

TOO_LATE_FOR_TODAY = time(15, 0)  # Decree 99/2022/NĐ-CP, Article 16: same-day procedures
REMOTE_AREA_DAYS = 10  # land in mountain, island and remote areas: ten working days more (Decree 101/2024)


def limit_of(history: History) -> Limit | None:
    """The dossier's own limit, which holds its case already; else the procedure's, longer for remote land."""
    limit = history.limit or history.procedure_limit
    if limit is None or history.limit or not (history.is_remote_area and history.field_code == "land"):
        return limit
    if limit.unit == "working_day":
        return limit._replace(value=limit.value + REMOTE_AREA_DAYS)
    return limit._replace(value_2=REMOTE_AREA_DAYS, unit_2="working_day")


def recomputed_due_at(history: History, received_at: datetime, until: datetime) -> datetime | None:
    """The due date by limit, start and stops, as known at the finish or the end of the as-of day (``until``).

    None without a limit, and while the clock stands still: nobody knows the date then.
    """
    limit = limit_of(history)
    if limit is None:
        return None
    start = clock.counts_from(history, received_at, until)
    away = clock.away_since(clock.stops(history, received_at, until), start, until)
    return None if away is None else due_after(start, limit, away)


def due_after(start: datetime, limit: Limit, away: Away | None = None) -> datetime:
    """The end of a limit that starts at ``start``, prolonged by the time in which the clock stood still."""
    away = away or Away()
    day = start.date()
    if limit.unit == "hour":
        return office.add_office_hours(start, limit.value + away.office_hours)
    if limit.unit == "same_day":
        if not office.is_working(day) or start.time() >= TOO_LATE_FOR_TODAY:
            day = office.next_working(day + timedelta(days=1))
        return _end_of_work(_plus_working(day, away.working_days))
    if limit.unit_2 is None:
        return _end_of(day, limit.value, limit.unit, away)
    # mixed: the second part runs from the end of the first, which moves off no day of rest
    assert limit.value_2 is not None
    return _end_of(_unrolled(day, limit.value, limit.unit), limit.value_2, limit.unit_2, away)


def _end_of(day: date, value: float, unit: str, away: Away) -> datetime:
    """The end of the last part of a limit."""
    if unit == "half_working_day":
        value, unit = value / 2, "working_day"
    if unit == "working_day":
        # whole days, then a half one that ends with the morning of the day after them
        is_half = value % 1 > 0
        end = office.day_number(office.number_of(day) + int(value) + away.working_days + is_half)
        return datetime.combine(end, office.END_OF_MORNING if is_half else office.END_OF_DAY)
    end = _unrolled(day, value, unit) + timedelta(days=away.calendar_days)
    return _end_of_work(office.next_working(end))


def _unrolled(day: date, value: float, unit: str) -> date:
    """The last day of a part of a limit, be it a day off or not."""
    if unit == "working_day":
        return _plus_working(day, int(value))
    if unit == "month":
        # 148(3): the day of the same number, the last of the month where there is none
        months = day.year * 12 + day.month - 1 + int(value)
        year, month = months // 12, months % 12 + 1
        return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))
    return day + timedelta(days=int(value))


def _plus_working(day: date, count: int) -> date:
    return office.day_number(office.number_of(day) + count) if count else day


def _end_of_work(day: date) -> datetime:
    return datetime.combine(day, office.END_OF_DAY)
