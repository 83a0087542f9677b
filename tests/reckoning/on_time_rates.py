"""The rates that say whether work was done in time.

A verdict is (indicator, rule version, in the numerator, in the denominator, why it is left out).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time

from tests.reckoning import working_calendar as office
from tests.reckoning.dossier import WITHOUT_RESULT, Dossier
from tests.reckoning.limits import limit_of
from tests.reckoning.periods import Period

Verdict = tuple[str, str, int, int, str | None]


def ot_06(dossier: Dossier, period: Period) -> Iterator[Verdict]:
    """Finished early or on time, form II.06, Circular 01/2020/TT-VPCP: by the date known at the finish.

    By day, because a term ends with its last day (Civil Code 148(6)), but for limits in hours; and by the second.
    """
    if not dossier.is_finished_in(period):
        return
    due_at, finished_at = dossier.due_at_finish, dossier.finished_at
    left_out = dossier.ended_as if dossier.ended_as in WITHOUT_RESULT else None
    if left_out is None and due_at is None:
        left_out = "no_due_date"
    if left_out or due_at is None or finished_at is None:
        yield ("OT_06", "by_date_v1", 0, 0, left_out)
        yield ("OT_06", "by_time_v1", 0, 0, left_out)
        return
    yield ("OT_06", "by_date_v1", int(dossier.against_due_date != 1), 1, None)
    on_time = finished_at.replace(microsecond=0) <= due_at.replace(microsecond=0)
    yield ("OT_06", "by_time_v1", int(on_time), 1, None)


def ot_orig(dossier: Dossier, period: Period) -> Iterator[Verdict]:
    """Finished by what the law promised at first, stage by stage: Decree 61/2018/NĐ-CP, Article 19.

    A re-appointment with apology or an edit does not help; a planned second stage is judged by its own date.
    """
    if not dossier.is_finished_in(period):
        return
    if dossier.ended_as in WITHOUT_RESULT:
        yield ("OT_ORIG", "by_date_v1", 0, 0, dossier.ended_as)
        return
    stages = dossier.stages
    is_first_known = any(one.reason == "initial" for one in dossier.appointments)
    if not is_first_known or any(stage.promised_at is None for stage in stages):
        yield ("OT_ORIG", "by_date_v1", 0, 0, "no_original_due_date")
        return
    kept = all(dossier.is_within(stage.ended_at, stage.promised_at) for stage in stages)
    yield ("OT_ORIG", "by_date_v1", int(kept), 1, None)


def ot_06_one_stop(dossier: Dossier, period: Period) -> Iterator[Verdict]:
    """OT_06 as common one-stop software counts it: no due date and withdrawn are on time, refused is no finish."""
    if not dossier.is_finished_in(period):
        return
    if dossier.ended_as in ("refused", "stopped"):
        yield ("OT_06", "one_stop_v1", 0, 0, dossier.ended_as)
    else:
        kept = (
            dossier.ended_as == "withdrawn" or dossier.is_finished_by_day(dossier.due_at_finish) is not False
        )
        yield ("OT_06", "one_stop_v1", int(kept), 1, None)


def ot_61(dossier: Dossier, period: Period) -> Iterator[Verdict]:
    """On time among all received: Decree 61/2018/NĐ-CP, Article 30(2)(c). An open dossier is not on time yet."""
    is_finished = dossier.is_finished_in(period)
    due_at = dossier.due_at_finish if is_finished else dossier.due_at_end_of(period.reckoned_on)
    if is_finished and dossier.ended_as in WITHOUT_RESULT:
        yield ("OT_61", "v1", 0, 0, dossier.ended_as)
    elif due_at is None:
        yield ("OT_61", "v1", 0, 0, "no_due_date")
    else:
        yield ("OT_61", "v1", int(is_finished and dossier.is_finished_by_day(due_at) is True), 1, None)


def ot_766(dossier: Dossier, period: Period) -> Iterator[Verdict]:
    """In time among all received or carried in: Decision 766/QĐ-TTg of 2022, description of the formula, item 2.1.

    The time between a request for papers and the answer is taken off the end. A dossier that has nothing beyond
    its first request ends with it; with a further one it is late. Read strictly, every dossier asked more than once
    is late. Without a due date the limit in days decides; another limit says nothing here.
    """
    is_finished = dossier.is_finished_in(period)
    due_at = dossier.due_at_finish if is_finished else dossier.due_at_end_of(period.reckoned_on)
    ended_at = dossier.finished_at if is_finished else None
    judged_at = ended_at or datetime.combine(period.reckoned_on, time.max)
    asked = [one for one in dossier.requests if one.begins_at <= judged_at]
    is_waiting = not is_finished and any(not one.is_over_by(judged_at) for one in asked)
    ended_at = asked[0].begins_at if is_waiting else judged_at
    answered = [one for one in asked if one.is_over_by(judged_at)]
    if due_at is not None:
        is_in_time = (ended_at - dossier.time_away(answered)).date() <= due_at.date()
    else:
        found = _within_limit(dossier, ended_at.date(), [(one.begins_at, one.ends_at) for one in answered])
        if found is None:
            yield ("OT_766", "v1", 0, 0, "no_due_date")
            yield ("OT_766", "strict_v1", 0, 0, "no_due_date")
            return
        is_in_time = found
    is_asked_again = len(asked) > 1
    yield ("OT_766", "v1", int(is_in_time and not (is_waiting and is_asked_again)), 1, None)
    yield ("OT_766", "strict_v1", int(is_in_time and not is_asked_again), 1, None)


def _within_limit(
    dossier: Dossier, ended_on: date, answered: list[tuple[datetime, datetime | None]]
) -> bool | None:
    """Whether the days of work, waits taken off, are within the limit in days; None without such a limit."""
    limit = limit_of(dossier.history)
    if limit is None or limit.unit_2 is not None:
        return None
    days = {"working_day": 1.0, "half_working_day": 0.5, "calendar_day": 1.0}.get(limit.unit)
    if days is None:
        return None

    def counted(first: date, last: date) -> int:
        if limit.unit == "calendar_day":
            return (last - first).days
        return office.working_days_between(first, last)

    away, until = 0, None
    for begins_at, ends_at in answered:
        assert ends_at is not None
        begins_at = max(begins_at, until or begins_at)
        away += max(counted(begins_at.date(), ends_at.date()), 0)
        until = max(until or ends_at, ends_at)
    return counted(dossier.received_on, ended_on) - away <= limit.value * days
