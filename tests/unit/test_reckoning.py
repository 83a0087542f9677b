"""The independent reckoning on cases that the law or a published document answers, so that it is no mere echo."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from tests.reckoning.clock import Stop
from tests.reckoning.due_dates import governing_at, is_overdue
from tests.reckoning.endings import ending_of
from tests.reckoning.histories import Appointment, History, Limit, Pause, Step, Supplement
from tests.reckoning.limits import due_after, recomputed_due_at
from tests.reckoning.random_histories import random_histories
from tests.reckoning.working_calendar import office_hours_between


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "limit", "due"),
    [
        # Civil Code 147(2): the first day does not count. The date given in Đức Trọng in July 2025.
        ("2025-07-04 15:30", Limit(8, "working_day"), "2025-07-16 17:00"),
        # Labour Code 112: Tết 2024, 8 to 14 February
        ("2024-02-07 09:00", Limit(1, "working_day"), "2024-02-15 17:00"),
        # a Saturday worked in exchange: 4 May 2024
        ("2024-05-03 09:00", Limit(1, "working_day"), "2024-05-04 17:00"),
        # received on a day off
        ("2024-03-09 09:00", Limit(1, "working_day"), "2024-03-11 17:00"),
        # half days: whole ones, then a morning
        ("2024-03-01 09:00", Limit(8.5, "working_day"), "2024-03-14 11:30"),
        # 148(5): a calendar term that ends on a holiday moves on, over 30 April, 1 May 2024 and what was swapped
        ("2024-04-12 09:00", Limit(15, "calendar_day"), "2024-05-02 17:00"),
        # 148(3): a month that has no such day ends with its last
        ("2024-01-31 09:00", Limit(1, "month"), "2024-02-29 17:00"),
        # working hours across a night, across a noon, and to the very end of a day
        ("2024-03-01 16:00", Limit(4, "hour"), "2024-03-04 10:00"),
        ("2024-03-01 11:00", Limit(1, "hour"), "2024-03-01 14:00"),
        ("2024-03-01 07:00", Limit(8, "hour"), "2024-03-01 17:00"),
        # Decree 99/2022, Article 16: before 15:00 the same day, else the next working one
        ("2024-03-01 14:59:59", Limit(1, "same_day"), "2024-03-01 17:00"),
        ("2024-03-01 15:00", Limit(1, "same_day"), "2024-03-04 17:00"),
        # 15 days + 8 working days: the first part ends on a Saturday and stays there
        ("2024-03-01 09:00", Limit(15, "calendar_day", 8, "working_day"), "2024-03-27 17:00"),
    ],
)
def test_limits_end_where_the_law_says(start: str, limit: Limit, due: str) -> None:
    assert due_after(at(start), limit) == at(due)


def test_papers_begin_the_limit_anew_and_the_tax_office_extends_it() -> None:
    until = at("2024-12-31 23:59")
    history = History("a", at("2024-03-01 09:00"), limit=Limit(5, "working_day"))
    # Decree 61, 19(4): from the answer on; what was asked for before acceptance is neither
    history.supplements = [
        Supplement(at("2024-02-27 09:00"), at("2024-02-28 09:00")),
        Supplement(at("2024-03-04 09:00"), at("2024-03-08 09:00")),
    ]
    assert recomputed_due_at(history, at("2024-03-01 09:00"), until) == at("2024-03-15 17:00")
    history.pauses = [Pause(at("2024-03-12 09:00"), at("2024-03-19 09:00"), "tax")]
    assert recomputed_due_at(history, at("2024-03-01 09:00"), until) == at("2024-03-22 17:00")
    # Decree 61, 19(5): consultation runs within the limit
    history.pauses = [Pause(at("2024-03-12 09:00"), at("2024-03-19 09:00"), "consultation")]
    assert recomputed_due_at(history, at("2024-03-01 09:00"), until) == at("2024-03-15 17:00")
    history.pauses = [Pause(at("2024-03-12 09:00"), None, "posting")]
    assert recomputed_due_at(history, at("2024-03-01 09:00"), until) is None


def test_the_competent_agency_starts_the_clock_under_decree_309_only() -> None:
    limit, until = Limit(1, "working_day"), at("2026-12-31 23:59")
    before = History("a", at("2026-08-04 09:00"), at("2026-08-06 09:00"), limit=limit)
    since = History("b", at("2026-08-05 09:00"), at("2026-08-07 09:00"), limit=limit)
    assert recomputed_due_at(before, at("2026-08-04 09:00"), until) == at("2026-08-05 17:00")
    assert recomputed_due_at(since, at("2026-08-05 09:00"), until) == at("2026-08-10 17:00")


def test_remote_areas_lengthen_only_the_limit_of_the_procedure() -> None:
    start, until = at("2024-03-01 09:00"), at("2024-12-31 23:59")
    history = History(
        "a", start, field_code="land", is_remote_area=True, procedure_limit=Limit(2, "working_day")
    )
    assert recomputed_due_at(history, start, until) == at("2024-03-19 17:00")
    history.limit = Limit(12, "working_day")  # a stated limit holds its case already
    assert recomputed_due_at(history, start, until) == at("2024-03-19 17:00")


def test_a_later_letter_changes_nothing_that_was() -> None:
    dates = [
        Appointment(at("2024-03-15 17:00"), at("2024-03-01 09:00"), "initial"),
        Appointment(at("2024-03-29 17:00"), at("2024-03-14 09:00"), "reappointed"),
    ]
    assert governing_at(dates, at("2024-02-01 00:00")) == at("2024-03-15 17:00")
    assert governing_at(dates, at("2024-03-14 08:59:59")) == at("2024-03-15 17:00")
    assert governing_at(dates, at("2024-03-14 09:00")) == at("2024-03-29 17:00")


def test_while_the_clock_stands_only_what_was_late_before_is_late() -> None:
    due_at = at("2024-03-15 08:00")
    assert not is_overdue(due_at, [], date(2024, 3, 15))
    assert is_overdue(due_at, [], date(2024, 3, 16))
    assert not is_overdue(due_at, [Stop(at("2024-03-15 16:00"), None)], date(2024, 6, 30))
    assert is_overdue(due_at, [Stop(at("2024-03-16 00:00"), None)], date(2024, 6, 30))
    assert is_overdue(due_at, [Stop(at("2024-03-14 09:00"), at("2024-06-30 09:00"))], date(2024, 6, 30))


def test_recorded_events_end_a_dossier_before_its_own_row_does() -> None:
    history = History("a", at("2024-03-01 09:00"), finished_at=at("2024-03-15 17:00"))
    history.steps = [Step(at("2024-03-18 10:00"), 3, "9"), Step(at("2024-03-20 10:00"), 4, "10")]
    assert ending_of(history, date(2024, 3, 31)).finished_at == at("2024-03-18 10:00")
    # as known on an earlier day: by its own row
    assert ending_of(history, date(2024, 3, 17)).finished_at == at("2024-03-15 17:00")


def test_office_hours_between_leave_out_nights_and_days_off() -> None:
    assert office_hours_between(at("2024-03-01 16:00"), at("2024-03-04 08:30")) == 2.5
    assert office_hours_between(at("2024-03-01 07:00"), at("2024-03-02 12:00")) == 8


def test_histories_are_the_same_for_the_same_seed() -> None:
    assert random_histories(50, 1) == random_histories(50, 1)
    assert random_histories(50, 1) != random_histories(50, 2)
