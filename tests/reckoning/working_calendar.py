"""Days on which offices work, and the hours they keep.

Labour Code 2019, Articles 111(3) and 112: public holidays, and the day in lieu of one that falls on a day of
rest. Days that were swapped for public servants stand below, each with its announcement.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date, datetime, time, timedelta

import holidays

FIRST_YEAR, LAST_YEAR = 2017, 2028

# A day off in exchange for a Saturday on which offices work.
SWAPS = {
    date(2018, 12, 31): date(2019, 1, 5),  # announced for the New Year of 2019
    date(2019, 4, 29): date(2019, 5, 4),  # announced for 30 April 2019
    date(2024, 4, 29): date(2024, 5, 4),  # Government Office, April 2024
    date(2025, 5, 2): date(2025, 4, 26),  # Government Office, December 2024
    date(2026, 1, 2): date(2026, 1, 10),  # 12729/VPCP-KGVX of 25 December 2025
    date(2026, 8, 31): date(2026, 8, 22),  # 9859/VPCP-KGVX of 2025
}

# Office hours that the departments keep; eight hours are one working day.
MORNING = (time(7, 0), time(11, 30))
AFTERNOON = (time(13, 30), time(17, 0))
SESSIONS = (MORNING, AFTERNOON)
END_OF_MORNING, END_OF_DAY = MORNING[1], AFTERNOON[1]


def _working_days() -> list[int]:
    off = set(holidays.country_holidays("VN", years=range(FIRST_YEAR, LAST_YEAR + 1))) | set(SWAPS)
    worked = set(SWAPS.values())
    first, last = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
    days = (first + timedelta(days=step) for step in range((last - first).days + 1))
    return [day.toordinal() for day in days if day in worked or (day.weekday() < 5 and day not in off)]


# the working days as ordinals, in order: the place in the list is the number of the working day
_DAYS = _working_days()
_SET = frozenset(_DAYS)


def is_working(day: date) -> bool:
    """Whether offices work on the day."""
    return day.toordinal() in _SET


def number_of(day: date) -> int:
    """How many working days there were up to the day; a day off has the number of the one before it."""
    return bisect_right(_DAYS, day.toordinal())


def day_number(number: int) -> date:
    """The working day with the number."""
    return date.fromordinal(_DAYS[number - 1])


def next_working(day: date) -> date:
    """The day itself if offices work on it, else the first working day after it (Civil Code 2015, 148(5))."""
    return date.fromordinal(_DAYS[bisect_left(_DAYS, day.toordinal())])


def working_days_between(start: date, end: date) -> int:
    """Working days after ``start`` up to and with ``end`` (the first day does not count, Civil Code 147(2))."""
    return number_of(end) - number_of(start)


def add_office_hours(start: datetime, hours: float) -> datetime:
    """The moment at which so many office hours have run since ``start``, over nights and days off.

    Receipts state hours and minutes: seconds are dropped.
    """
    start, left = start.replace(second=0, microsecond=0), timedelta(hours=hours)
    day = next_working(start.date())
    while True:
        for opens, closes in SESSIONS:
            begin, end = max(datetime.combine(day, opens), start), datetime.combine(day, closes)
            if begin < end:
                if left <= end - begin:
                    return begin + left
                left -= end - begin
        day = next_working(day + timedelta(days=1))


def office_hours_between(start: datetime, end: datetime) -> float:
    """Office hours from one moment to another, to the minute."""
    start, end = start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)
    return _hours_on(end) + 8.0 * (number_before(end) - number_before(start)) - _hours_on(start)


def number_before(moment: datetime) -> int:
    """Working days that were over when the day of the moment began."""
    return number_of(moment.date() - timedelta(days=1))


def _hours_on(moment: datetime) -> float:
    """Office hours of its day that have passed at the moment."""
    if not is_working(moment.date()):
        return 0.0
    passed = timedelta()
    for opens, closes in SESSIONS:
        begin, end = (datetime.combine(moment.date(), one) for one in (opens, closes))
        passed += max(min(moment, end) - begin, timedelta())
    return passed / timedelta(hours=1)
