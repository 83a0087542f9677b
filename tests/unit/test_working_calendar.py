"""Public holidays as the working calendar takes them; the swaps an official document sets are dbt's seed."""

from __future__ import annotations

import csv
from datetime import date, timedelta

from dagster_project.working_calendar import special_days
from tests.conftest import ROOT

SPECIAL = {day.date_on: day for day in special_days(2018, 2027)}


def off(first: str, last: str) -> set[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return {start + timedelta(days=step) for step in range((end - start).days + 1)}


def test_lunar_holidays_and_days_in_lieu_are_known() -> None:
    # Labour Code 2019, Article 112; the spans are those the Government announced.
    expected = (
        off("2023-01-20", "2023-01-26")  # Tết Quý Mão
        | off(
            "2023-04-29", "2023-05-03"
        )  # the Kings' day on a Saturday, 30 April on a Sunday: two days in lieu
        | off("2024-02-08", "2024-02-14")
        | {date(2024, 4, 18), date(2025, 4, 7)}
        | off("2025-01-27", "2025-01-31")
        | off("2026-02-16", "2026-02-20")
        | {date(2026, 4, 27), date(2026, 11, 24)}
    )
    assert {day for day in expected if day not in SPECIAL or SPECIAL[day].is_working_day} == set()
    assert SPECIAL[date(2024, 2, 12)].name_vi == "Mùng ba Tết Nguyên Đán"


def test_worked_saturdays_and_their_days_off_with_the_seed_on_top() -> None:
    with (ROOT / "dbt/seeds/working_day_overrides.csv").open(encoding="utf-8") as handle:
        seed = {date.fromisoformat(row["date_on"]): row for row in csv.DictReader(handle)}

    def is_working(day: date) -> bool:
        if day in seed:
            return seed[day]["is_working_day"] == "true"
        return SPECIAL[day].is_working_day if day in SPECIAL else day.weekday() < 5

    worked = ("2024-05-04", "2025-04-26", "2026-01-10", "2026-08-22")
    days_off = ("2024-04-29", "2025-05-02", "2026-01-02", "2026-08-31")
    assert [is_working(date.fromisoformat(day)) for day in worked] == [True] * 4
    assert [is_working(date.fromisoformat(day)) for day in days_off] == [False] * 4
    assert all(row["legal_source"] and row["status"] == "in_force" for row in seed.values())
    year = [date(2024, 1, 1) + timedelta(days=step) for step in range(366)]
    # 262 weekdays less 1 January, 5 of Tết, 18 April, 29 and 30 April, 1 May, 2 and 3 September, plus 4 May
    assert sum(is_working(day) for day in year) == 262 - 12 + 1
