"""What an inspector looks for, planted by ``--faults``: a few of each, drawn by the seed, known to the truth.

Without the option the department does none of this. Some faults happen to the dossiers themselves (they were
refused on the last day, closed at night), so that every table and the truth follow. Others are lies that a
register tells about the finish (``restatements``): the steps and the truth keep what really happened.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dagster_project.sample.columns import NONE, Moments, last_day_number
from dagster_project.sample.intake import Arrivals, Bools, Ints
from dagster_project.sample.lifelines import DONE, NEVER, REFUSED, Timeline
from dagster_project.sample.options import EXTRACT_MOMENTS, Options
from dagster_project.sample.randomness import stream
from dagster_project.sample.workdays import (
    OFFICE_MINUTES,
    add_working_days,
    is_working_day,
    nth_working_day,
    working_day_number,
)

OF_EACH = 8
"""How many dossiers each fault is planted in; fewer where a small sample has not as many that fit."""

AT_ONCE = 12
"""How many dossiers of one unit are closed in the same minute: the registers write no seconds."""

RESET_STEP = "Đặt lại hồ sơ quá hạn"
"""What one-stop software writes as progress when it sets the finish of an overdue dossier to its due date."""

_EXTRACTS = np.array(EXTRACT_MOMENTS, dtype="datetime64[s]")
_MINUTE, _HOUR = np.timedelta64(60, "s"), np.timedelta64(3600, "s")
_UNTIL_MIDNIGHT = 6 * 60 + 59  # minutes from 17:00 to 23:59

Planted = dict[str, Ints]


@dataclass(frozen=True)
class Lies:
    """What registers say instead of the finish.

    ``findings``: finding → dossier numbers; ``restatements``: dossier_no, stated_at (known to extracts from
    then on), finished_at; ``resets``: dossier_no, at, of the progress rows that tell of it.
    """

    findings: Planted
    restatements: pd.DataFrame
    resets: pd.DataFrame


def no_restatements() -> pd.DataFrame:
    """The table of what registers say instead of the finish, without a row."""
    empty = np.zeros(0, dtype="datetime64[s]")
    return pd.DataFrame({"dossier_no": np.zeros(0, np.int64), "stated_at": empty, "finished_at": empty})


def as_table(planted: Planted) -> pd.DataFrame:
    """Planted faults as rows: dossier_no, finding_code."""
    parts = [pd.DataFrame({"dossier_no": rows, "finding_code": code}) for code, rows in planted.items()]
    return pd.concat([pd.DataFrame({"dossier_no": [], "finding_code": []}), *parts], ignore_index=True)


# ------------------------------------------------------------------------------------ what happened


def plant_in_timeline(options: Options, arrivals: Arrivals, line: Timeline, returned: Ints) -> Planted:
    """Closes some dossiers on a day off, at 23:59, many in one minute, and refuses some on the last day.

    Changes ``line`` and ``returned`` in place. Nobody changes between on time and late, or the month.
    """
    day = line.closed // OFFICE_MINUTES
    last_allowed = last_day_number(options) - 1
    closed = (day < last_allowed) & (line.closed < NEVER)
    done = closed & (line.outcome == DONE) & (returned // OFFICE_MINUTES > day)
    rng = stream(options, "faults/finishes")
    found: Planted = {}

    rows = found["refused_on_last_day"] = _draw(
        rng, closed & _could_be_refused_on_last_day(line, day, last_allowed)
    )
    minute = rng.integers(60, OFFICE_MINUTES - 10, len(rows))
    _finish_at(line, returned, rows, line.governing_due[rows] * OFFICE_MINUTES + minute)

    rows = found["many_finishes_at_once"] = _of_one_unit(rng, arrivals, line, returned, done, last_allowed)
    taken = np.isin(np.arange(len(day)), rows)

    on = nth_working_day(np.where(closed, day, 0))
    is_free = ~is_working_day(on + 1) & _same_month(on, on + 1)
    rows = _draw(rng, done & ~taken & is_free & (line.governing_due != day))
    line.overtime[rows] = rng.integers(15 * 60, 22 * 60, len(rows))
    found["finish_on_day_off"] = rows
    taken[rows] = True

    rows = found["finish_at_day_end"] = _draw(rng, done & ~taken)
    line.overtime[rows] = _UNTIL_MIDNIGHT
    return found


def _draw(rng: np.random.Generator, mask: Bools, count: int = OF_EACH) -> Ints:
    """Some rows of the mask, ascending."""
    return np.sort(rng.permutation(np.flatnonzero(mask))[:count])


def _same_month(some: Moments, others: Moments) -> Bools:
    result: Bools = some.astype("datetime64[M]") == others.astype("datetime64[M]")
    return result


def _could_be_refused_on_last_day(line: Timeline, day: Ints, last_allowed: int) -> Bools:
    """Refused before a last day that was not the only one."""
    due = line.governing_due
    could: Bools = (line.outcome == REFUSED) & (day < due) & (due < last_allowed)
    could &= due - line.last_known // OFFICE_MINUTES >= 2
    ended_on, due_on = (nth_working_day(np.where(could, each, 0)) for each in (day, due))
    result: Bools = could & _same_month(ended_on, due_on)
    return result


def _finish_at(line: Timeline, returned: Ints, rows: Ints, closed: Ints) -> None:
    """Ends these dossiers at another moment; they are fetched as long after it as before."""
    moved = np.where(returned[rows] < NEVER, returned[rows] + closed - line.closed[rows], NEVER)
    returned[rows] = np.minimum(moved, NEVER)
    line.closed[rows] = closed
    line.planned[rows] = closed
    line.overtime[rows] = 0


def _of_one_unit(
    rng: np.random.Generator,
    arrivals: Arrivals,
    line: Timeline,
    returned: Ints,
    done: Bools,
    last_allowed: int,
) -> Ints:
    """Closes dossiers of one unit in the same minute of the day to which most of them can be put off."""
    day = np.where(done, line.closed // OFFICE_MINUTES, 0)
    month_end = (nth_working_day(day).astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    latest = np.minimum(working_day_number(month_end), last_allowed)
    # On time stays on time, late stays late.
    latest = np.where(day <= line.governing_due, np.minimum(latest, line.governing_due), latest)
    fitting = np.zeros((int(arrivals.unit.max()) + 1, last_allowed + 2), dtype=np.int64)
    np.add.at(fitting, (arrivals.unit[done], day[done]), 1)
    np.add.at(fitting, (arrivals.unit[done], latest[done] + 1), -1)
    fitting = fitting.cumsum(axis=1)
    unit, chosen = np.unravel_index(int(fitting.argmax()), fitting.shape)
    if fitting[unit, chosen] < AT_ONCE:
        return np.zeros(0, dtype=np.int64)
    of_unit = arrivals.unit == unit
    rows = _draw(rng, done & of_unit & (day <= chosen) & (latest >= chosen), AT_ONCE)
    minutes = np.arange(250, OFFICE_MINUTES - 10)
    used = line.closed[of_unit & (line.closed // OFFICE_MINUTES == chosen)] % OFFICE_MINUTES
    minute = int(rng.choice(minutes[~np.isin(minutes, used)]))
    _finish_at(line, returned, rows, np.full(len(rows), int(chosen) * OFFICE_MINUTES + minute))
    return rows


# ------------------------------------------------------------------------------------ appointments


def plant_in_due_dates(options: Options, due_dates: pd.DataFrame) -> tuple[pd.DataFrame, Planted]:
    """The appointments with some letters missing and some dossiers given a second letter; who was hit."""
    rng = stream(options, "faults/appointments")
    letter = (due_dates["reason"] == "reappointed").to_numpy()
    rows = rng.permutation(np.flatnonzero(letter))
    edited, rest = np.sort(rows[:OF_EACH]), rows[OF_EACH:]
    changed = due_dates.copy()
    changed.loc[edited, "reason"] = "edited"
    changed.loc[edited, "document_code"] = np.nan
    twice = np.sort(rest[_has_room_for_a_letter(due_dates, rest)][:OF_EACH])
    changed = pd.concat([changed, _earlier_letters(due_dates, twice)], ignore_index=True)
    changed = changed.sort_values(["dossier_no", "known_from_at"], kind="stable", ignore_index=True)
    changed["version_no"] = changed.groupby("dossier_no").cumcount().to_numpy() + 1
    numbers = due_dates["dossier_no"].to_numpy()
    return changed, {"due_date_edited": numbers[edited], "reappointed_again": numbers[twice]}


def _has_room_for_a_letter(due_dates: pd.DataFrame, rows: Ints) -> Bools:
    """At least two working days lie between this and the version before, in what it says and when."""
    room = np.ones(len(rows), dtype=bool)
    for column in ("due_at", "known_from_at"):
        numbers = working_day_number(due_dates[column].to_numpy())
        room &= numbers[rows] - numbers[rows - 1] >= 2
    return room


def _earlier_letters(due_dates: pd.DataFrame, rows: Ints) -> pd.DataFrame:
    """A letter a working day before each of these, that puts the date off by one day only."""
    later, before = due_dates.iloc[rows], due_dates.iloc[rows - 1]
    taken = due_dates["document_code"].dropna().str.removeprefix("PXL-").astype(int)
    first = int(taken.max()) + 1 if len(taken) else 1
    return later.assign(
        due_at=_shifted(before["due_at"], 1),
        known_from_at=_shifted(later["known_from_at"], -1),
        document_code=[f"PXL-{number:06d}" for number in range(first, first + len(rows))],
    )


def _shifted(moments: pd.Series, days: int) -> Moments:
    """The same time of day some working days later or earlier; moments of working days only."""
    values = moments.to_numpy().astype("datetime64[s]")
    on = values.astype("datetime64[D]")
    result: Moments = add_working_days(on, days).astype("datetime64[s]") + (values - on)
    return result


# ------------------------------------------------------------------------------------ what registers say


def lies_about_finishes(
    options: Options, dossiers: pd.DataFrame, due_dates: pd.DataFrame, planted: Planted
) -> Lies:
    """Who is said to have finished on the due date, earlier, or otherwise after the quarter was closed.

    In: the dossiers that bear another fault already; they are left alone.
    """
    rng = stream(options, "faults/lies")
    due = np.full(len(dossiers), NONE)
    due[due_dates["dossier_no"].to_numpy()] = due_dates["due_at"].to_numpy().astype("datetime64[s]")
    finished, received = (
        dossiers[name].to_numpy().astype("datetime64[s]") for name in ("finished_at", "received_at")
    )
    free = (dossiers["outcome"] == "done").to_numpy() & ~np.isin(
        np.arange(len(dossiers)), np.concatenate(list(planted.values()))
    )
    late = free & (finished.astype("datetime64[D]") > due.astype("datetime64[D]"))
    rows = rng.permutation(np.flatnonzero(late))
    reset, silent = np.sort(rows[:OF_EACH]), np.sort(rows[OF_EACH : 2 * OF_EACH])
    free[rows[: 2 * OF_EACH]] = False

    filled = np.where(free, finished, options.last_day.astype("datetime64[s]"))
    earlier = _shifted(pd.Series(filled), -2) + 7 * _MINUTE
    could = free & (earlier > received + _HOUR) & (earlier != due)
    antedated = _draw(rng, could)
    free[antedated] = could[antedated] = False

    # Three extracts on, the quarter in which a month lies is over in both calendars.
    seen_in = np.searchsorted(_EXTRACTS, filled)
    free &= seen_in + 3 < options.extract_count
    moved_back = _draw(rng, could & free, OF_EACH // 2)
    free[moved_back] = False
    later = filled + 41 * _MINUTE
    moved_on = _draw(rng, free & (later != due), OF_EACH - len(moved_back))
    revised = np.concatenate([moved_back, moved_on])

    on_due = np.sort(np.concatenate([reset, silent]))
    restated = np.concatenate([on_due, antedated, revised])
    restatements = pd.DataFrame(
        {
            "dossier_no": restated,
            "stated_at": np.concatenate(
                [finished[on_due], finished[antedated], _EXTRACTS[seen_in[revised] + 3] - 30 * _HOUR]
            ),
            "finished_at": np.concatenate(
                [due[on_due], earlier[antedated], earlier[moved_back], later[moved_on]]
            ),
        }
    )
    findings = {
        "finish_equals_due": on_due,
        "finish_before_last_step": np.sort(np.concatenate([on_due, antedated, moved_back])),
        "changed_after_close": np.sort(revised),
        "overdue_reset": reset,
    }
    resets = pd.DataFrame({"dossier_no": reset, "at": finished[reset] + 20 * _MINUTE})
    return Lies(findings, restatements.sort_values("dossier_no", ignore_index=True), resets)


def with_reset_steps(steps: pd.DataFrame, resets: pd.DataFrame) -> pd.DataFrame:
    """The steps with a row more for each reset: by whom the dossier was handed over, after it was."""
    ends = steps[steps["status_code"].isin(["9"]).to_numpy()].set_index("dossier_no")
    last = steps.groupby("dossier_no")["step_no"].max()
    numbers = resets["dossier_no"].to_numpy()
    made = ends.loc[numbers].reset_index()
    at = resets["at"].to_numpy()
    names = steps["step_name"].cat.add_categories([RESET_STEP])
    made = made.assign(
        step_no=last.loc[numbers].to_numpy() + 1,
        step_name=pd.Categorical([RESET_STEP] * len(made), categories=names.cat.categories),
        started_at=at,
        finished_at=at,
        due_at=NONE,
        allowed_days=np.nan,
        status_code=pd.Categorical([None] * len(made), categories=steps["status_code"].cat.categories),
    )
    both = pd.concat([steps.assign(step_name=names), made[steps.columns]], ignore_index=True)
    return both.sort_values(["dossier_no", "step_no"], kind="stable", ignore_index=True)
