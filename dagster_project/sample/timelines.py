"""The life of each dossier from receipt to finish, in office minutes; nothing is cut at the horizon here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dagster_project.sample.catalog import Catalog
from dagster_project.sample.columns import cut_of
from dagster_project.sample.delays import delayed, extend
from dagster_project.sample.intake import Arrivals, Bools, Floats
from dagster_project.sample.lifelines import (
    DONE,
    NEVER,
    NEVER_DAY,
    NO_PAUSE,
    NOT_ACCEPTED,
    OPEN,
    POSTING_PAUSE,
    REFUSED,
    STOPPED,
    TAX_PAUSE,
    WITHDRAWN,
    Timeline,
    due_day,
    minutes_of_day,
    placed,
)
from dagster_project.sample.options import Options
from dagster_project.sample.randomness import stream
from dagster_project.sample.workdays import (
    OFFICE_MINUTES,
    next_working_day,
    nth_working_day,
    working_day_number,
)

_SUPPLEMENT_DAYS = (5.0, 0.8)  # median and sigma of the days until the applicant answers


def make_timeline(options: Options, catalog: Catalog, arrivals: Arrivals) -> Timeline:
    """The whole life of every dossier that is accepted (of the others only receipt and outcome mean much)."""
    line = _accepted(options, catalog, arrivals)
    _supplement(options, catalog, line)
    _pause(options, catalog, line)
    is_delayed = delayed(options, catalog, arrivals, line)
    is_late = extend(options, catalog, line, is_delayed)
    _finish(options, catalog, arrivals, line, is_late)
    _end_otherwise(options, catalog, line)
    return line


def _lognormal(rng: np.random.Generator, shape: Sequence[float], size: int) -> Floats:
    """Draws with this median and sigma."""
    median, sigma = shape
    result: Floats = median * np.exp(sigma * rng.standard_normal(size))
    return result


def _accepted(options: Options, catalog: Catalog, arrivals: Arrivals) -> Timeline:
    """Planned outcome, limit, stages and first appointment."""
    rng = stream(options, "outcomes")
    behaviour, table = catalog.settings["behaviour"], catalog.procedures
    size = len(arrivals)
    shares = [behaviour[name] for name in ("refused", "withdrawn", "stopped", "not_accepted")]
    drawn = np.searchsorted(np.cumsum(shares), rng.random(size), side="right")
    outcome = np.array([REFUSED, WITHDRAWN, STOPPED, NOT_ACCEPTED, DONE])[drawn]
    extra = np.where(arrivals.is_remote, float(behaviour["remote_extra_days"]), 0.0)
    # Mortgages keep their limit everywhere: the law of registration knows no remote areas.
    land = list(catalog.fields["field_code"]).index("land")
    extra[arrivals.field != land] = 0.0
    limit = table["limit_value"].to_numpy()[arrivals.procedure] + extra
    first = table["stage_1_days"].to_numpy()[arrivals.procedure] + extra
    second = table["stage_2_days"].to_numpy()[arrivals.procedure]
    reason = table["pause_reason"].map({"tax": TAX_PAUSE, "posting": POSTING_PAUSE}).fillna(NO_PAUSE)
    pause = reason.to_numpy(dtype=np.int64)[arrivals.procedure]
    share = np.array(
        [0.0, catalog.settings["pause_share"]["tax"], catalog.settings["pause_share"]["posting"]]
    )
    pause[(rng.random(size) >= share[pause]) | np.isnan(first) | (outcome == REFUSED)] = NO_PAUSE
    is_calendar = (table["limit_unit"] == "calendar_day").to_numpy()[arrivals.procedure]
    never = np.full(size, NEVER)
    first_stage = np.where(pause != NO_PAUSE, first, limit)
    first_due = due_day(arrivals.moment, first_stage, is_calendar)
    return Timeline(
        received=arrivals.moment,
        outcome=outcome,
        limit=limit,
        first_stage=first_stage,
        second_stage=np.where(pause != NO_PAUSE, second, 0.0),
        is_calendar=is_calendar,
        first_due=first_due,
        requested=[never, never],
        answered=[never, never],
        renewed_due=[np.full(size, NEVER_DAY), np.full(size, NEVER_DAY)],
        clock_start=arrivals.moment.copy(),
        pause=pause,
        paused=never,
        tax_done=never,
        resumed=never,
        second_due=np.full(size, NEVER_DAY),
        extension=[np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)],
        extended=[never, never],
        extended_due=[np.full(size, NEVER_DAY), np.full(size, NEVER_DAY)],
        governing_due=first_due.copy(),
        last_known=arrivals.moment.copy(),
        planned=never,
        closed=never.copy(),
        overtime=np.zeros(size, dtype=np.int64),
        cut=cut_of(options),
    )


def _supplement(options: Options, catalog: Catalog, line: Timeline) -> None:
    """Requests after acceptance; the clock starts anew when the papers come."""
    rng = stream(options, "supplements")
    behaviour = catalog.settings["behaviour"]
    # A mortgage of one or two days is refused or registered: nobody asks for papers.
    asked = (rng.random(len(line.received)) < behaviour["supplement_after"] * 1.12) & (line.limit >= 3)
    for round_no in range(2):
        rows = np.flatnonzero(asked)
        latest = np.maximum(line.first_stage[rows].astype(np.int64) - 1, 1)
        # Within three days as the law wants, or too late.
        wait = np.where(
            rng.random(len(rows)) < 0.85, rng.integers(0, 3, len(rows)), rng.integers(3, 8, len(rows))
        )
        wait = np.minimum(wait, latest - 1) * OFFICE_MINUTES + rng.integers(45, OFFICE_MINUTES, len(rows))
        requested = line.clock_start[rows] + wait
        away = np.maximum(90, _lognormal(rng, _SUPPLEMENT_DAYS, len(rows)) * OFFICE_MINUTES).astype(np.int64)
        answered = np.minimum(requested + away, NEVER)
        answered[rng.random(len(rows)) < behaviour["supplement_unanswered"]] = NEVER
        line.requested[round_no] = placed(line.requested[round_no], rows, requested)
        line.answered[round_no] = placed(line.answered[round_no], rows, answered)
        line.clock_start[rows] = answered
        renewed = due_day(answered, line.first_stage[rows], line.is_calendar[rows])
        line.renewed_due[round_no][rows] = renewed
        line.governing_due[rows] = renewed
        asked = asked & (line.clock_start < NEVER)
        asked &= rng.random(len(asked)) < behaviour["supplement_second"]
    line.last_known = line.clock_start.copy()


def _pause(options: Options, catalog: Catalog, line: Timeline) -> None:
    """Time off the clock with the tax office and the applicant, or while the commune posts the loss."""
    rng = stream(options, "pauses")
    settings = catalog.settings["pause_days"]
    rows = np.flatnonzero((line.pause != NO_PAUSE) & (line.clock_start < NEVER))
    size = len(rows)
    used = np.where(
        rng.random(size) < 0.93, 0.3 + 0.7 * rng.beta(3.0, 1.6, size), 1.0 + 0.6 * rng.random(size)
    )
    stage = np.maximum(60, line.first_stage[rows] * used * OFFICE_MINUTES).astype(np.int64)
    paused = np.minimum(line.clock_start[rows] + stage, NEVER)
    tax = _lognormal(rng, settings["tax_office"], size)
    payment = np.minimum(_lognormal(rng, settings["payment"], size), 120.0)
    tax_done = paused + np.maximum(120, tax * OFFICE_MINUTES).astype(np.int64)
    resumed = tax_done + np.maximum(45, payment * OFFICE_MINUTES).astype(np.int64)
    posting = np.flatnonzero(line.pause[rows] == POSTING_PAUSE)
    # Posting ends on the first working day after the thirty days.
    ends = nth_working_day(np.minimum(paused[posting] // OFFICE_MINUTES, NEVER_DAY))
    ends = next_working_day(ends + np.timedelta64(settings["posting_calendar"] + 1, "D"))
    resumed[posting] = working_day_number(ends) * OFFICE_MINUTES + minutes_of_day(rng, len(posting))
    resumed[rng.random(size) < catalog.settings["behaviour"]["pause_unresumed"]] = NEVER
    line.paused = placed(line.paused, rows, paused)
    line.tax_done = placed(line.tax_done, rows, np.minimum(tax_done, NEVER))
    line.resumed = placed(line.resumed, rows, np.minimum(resumed, NEVER))
    resumed = line.resumed[rows]
    line.second_due[rows] = due_day(resumed, line.second_stage[rows], line.is_calendar[rows])
    line.governing_due[rows] = line.second_due[rows]
    line.last_known[rows] = resumed


def _finish(options: Options, catalog: Catalog, arrivals: Arrivals, line: Timeline, is_late: Bools) -> None:
    """When the work is done: early, on the day, or some working days late."""
    rng = stream(options, "finishes")
    behaviour, size = catalog.settings["behaviour"], len(is_late)
    due, start = line.governing_due, line.last_known // OFFICE_MINUTES
    room = due - start
    minute = minutes_of_day(rng, size)
    is_early = (rng.random(size) >= behaviour["same_day"]) & ~is_late
    early = start + 1 + (rng.beta(2.6, 1.5, size) * np.maximum(room - 1, 1)).astype(np.int64)
    # What comes in before ten in the morning with a limit of a day is often ready the same afternoon.
    at_once = is_early & (room == 1) & (line.last_known % OFFICE_MINUTES < 150)
    late_days = np.array([catalog.settings["late_days"][code] for code in catalog.fields["field_code"]])
    median, sigma = late_days[arrivals.field].T
    days = np.clip(np.ceil(median * np.exp(sigma * rng.standard_normal(size))), 1, 150).astype(np.int64)
    day = np.select([is_late, at_once, is_early & (room >= 2)], [due + days, start, early], due)
    # Who is refused on the last of several days has a question to ask: only faults do that.
    day = np.where((line.outcome == REFUSED) & (day == due) & (room >= 2), due - 1, day)
    minute = np.where(at_once, 250 + minute * 199 // OFFICE_MINUTES, minute)
    same_day = (day == due) & ~is_late
    after_hours = same_day & (rng.random(size) < behaviour["same_day_after_office"])
    line.overtime = np.where(after_hours, rng.integers(5, 150, size), 0)
    minute = np.where(
        after_hours, OFFICE_MINUTES - 1, np.where(same_day, 60 + minute * 389 // OFFICE_MINUTES, minute)
    )
    finished = np.minimum(day, NEVER_DAY) * OFFICE_MINUTES + minute
    line.planned = np.where((line.last_known >= NEVER) | (day >= NEVER_DAY), NEVER, finished)
    line.closed = line.planned.copy()


def _end_otherwise(options: Options, catalog: Catalog, line: Timeline) -> None:
    """Withdrawn and stopped dossiers end somewhere on the way; some of the abandoned never end at all."""
    rng = stream(options, "endings")
    size = len(line.closed)
    part, fate = rng.random(size), rng.random(size)
    days = rng.integers(15, 31, size)
    ends_early = np.isin(line.outcome, (WITHDRAWN, STOPPED)) & (line.closed < NEVER)
    on_the_way = line.received + ((0.05 + 0.9 * part) * (line.closed - line.received)).astype(np.int64) + 20
    abandoned = line.closed >= NEVER
    # The last thing that happened before nothing came any more.
    stuck_since = np.where(line.paused < NEVER, line.tax_done, np.minimum(line.requested[0], NEVER))
    second = line.requested[1] < NEVER
    stuck_since = np.where((line.paused >= NEVER) & second, line.requested[1], stuck_since)
    patience = np.where(line.paused < NEVER, 3, 1) * days * OFFICE_MINUTES + (part * 400).astype(np.int64)
    closes = abandoned & (fate < 0.75) & (stuck_since < NEVER)
    given_up = np.minimum(stuck_since + patience, NEVER)
    line.outcome = np.where(
        closes, np.where(fate < 0.5, STOPPED, WITHDRAWN), np.where(abandoned, OPEN, line.outcome)
    )
    line.closed = np.where(
        closes, given_up, np.where(ends_early, np.minimum(on_the_way, line.closed), line.closed)
    )
    line.overtime[closes | ends_early] = 0
