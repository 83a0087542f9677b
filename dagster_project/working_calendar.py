"""Public holidays of Vietnam for the working calendar, from the ``holidays`` package.

Swapped working days that the package misses stand in the seed ``working_day_overrides``, which wins.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

# The calendar tables of dbt run over the same years (macros/calendar.sql).
FIRST_YEAR, LAST_YEAR = 2008, 2035


class SpecialDay(NamedTuple):
    """A day that is not what its day of the week says: a holiday, or a Saturday on which offices work."""

    date_on: date
    name_vi: str
    name_en: str
    is_working_day: bool


def special_days(first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR) -> list[SpecialDay]:
    """Holidays (in lieu and swapped days off included) and worked weekend days of whole years, by day.

    Source of the rules: Labour Code 2019, Articles 111(3) and 112, and its predecessor, as the package
    implements them (lunar days, days in lieu, the second day of National Day, swaps it knows of).
    """
    import holidays

    years = range(first_year, last_year + 1)
    vietnamese = holidays.country_holidays("VN", years=years, language="vi")
    english = holidays.country_holidays("VN", years=years, language="en_US")
    days_off = [SpecialDay(day, name, english[day], False) for day, name in vietnamese.items()]
    worked = [
        SpecialDay(day, "Làm bù", "Worked in exchange", True)
        for day in vietnamese.weekend_workdays
        if first_year <= day.year <= last_year
    ]
    return sorted(days_off + worked)
