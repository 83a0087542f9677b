"""The steps of each dossier with who held it: counter, officers, tax office, commune, the applicant.

A step is a slot in a fixed order; a dossier has the slots that its life led through before it ended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dagster_project.sample.catalog import Catalog
from dagster_project.sample.columns import categories, moments
from dagster_project.sample.dossiers import MadeDossiers
from dagster_project.sample.intake import Bools, Floats, Ints
from dagster_project.sample.lifelines import (
    DONE,
    NEVER,
    NO_PAUSE,
    POSTING_PAUSE,
    REFUSED,
    STOPPED,
    WITHDRAWN,
    Timeline,
    finish_moments,
    is_accepted,
)
from dagster_project.sample.options import Options
from dagster_project.sample.randomness import stream
from dagster_project.sample.workdays import OFFICE_MINUTES, from_office_minutes

SLOTS = ("intake", "examine", "supplement", "examine_again", "supplement", "examine_again", "off_clock",
         "payment", "work", "check", "sign", "hand_over", "return")  # fmt: skip
INTAKE, EXAMINE, WAIT_1, AGAIN_1, WAIT_2, AGAIN_2, OFF_CLOCK, PAYMENT = range(8)
WORK, CHECK, SIGN, HAND_OVER, RETURN = range(8, 13)
STATUSES = ("9", "10", "7", "8", "refused")
ST_DONE, ST_RETURNED, ST_WITHDRAWN, ST_STOPPED, ST_REFUSED = range(len(STATUSES))
LAST_STAGE = (WORK, CHECK, SIGN, HAND_OVER)


@dataclass
class _Slots:
    """Start, end (office minutes), allowance (days, NaN: off the clock) by slot; ``used``: has it at all."""

    start: list[Ints]
    end: list[Ints]
    allowed: list[Floats]
    used: list[Bools]


def make_steps(
    options: Options, catalog: Catalog, officers: pd.DataFrame, made: MadeDossiers
) -> pd.DataFrame:
    """The world's steps, by dossier and step_no: one row per step begun by the end of the horizon."""
    line = made.timeline
    slots = _slots(options, catalog, made)
    until = np.where(line.closed < line.cut, line.closed, line.cut - 1)
    exists = np.stack(
        [
            used & (start <= until)
            for used, start in zip(slots.used[:RETURN], slots.start[:RETURN], strict=True)
        ]
        + [slots.used[RETURN]],
        axis=1,
    )
    exists &= is_accepted(line)[:, None]
    # A dossier that was withdrawn ended in the step before: one that would begin that minute never did.
    ended = np.isin(line.outcome, (WITHDRAWN, STOPPED))
    for slot in range(1, RETURN):
        exists[:, slot] &= ~(ended & (slots.start[slot] >= line.closed))
    count = exists.sum(axis=1)
    number = np.cumsum(exists, axis=1, dtype=np.int16)
    offset = np.cumsum(count) - count
    columns = _empty(int(count.sum()))
    overtime = finish_moments(line)
    for slot in range(len(SLOTS)):
        rows = np.flatnonzero(exists[:, slot])
        place = offset[rows] + number[rows, slot] - 1
        is_last = ended[rows] & (number[rows, slot] == count[rows])
        columns["dossier_no"][place] = rows
        columns["step_no"][place] = number[rows, slot]
        _fill_times(columns, place, rows, slots, slot, is_last, line)
        _fill_status(columns, place, rows, slot, is_last, line)
        _fill_holder(options, catalog, made, columns, place, rows, slot)
        if slot in (HAND_OVER, RETURN):
            at = "finished_at" if slot == HAND_OVER else "started_at"
            finished = place if slot == RETURN else place[line.closed[rows] < line.cut]
            columns[at][finished] = overtime[columns["dossier_no"][finished]]
    names, units = _step_names(catalog), catalog.units["unit_code"]
    columns["step_name"] = categories(columns["step_name"], names)
    columns["unit_code"] = categories(columns["unit_code"], units)
    columns["status_code"] = categories(columns["status_code"], STATUSES)
    return pd.DataFrame(columns)


def _empty(size: int) -> dict[str, Any]:
    moment = "datetime64[s]"
    return {
        "dossier_no": np.empty(size, dtype=np.int64),
        "step_no": np.empty(size, dtype=np.int64),
        "step_name": np.empty(size, dtype=np.int8),
        "unit_code": np.empty(size, dtype=np.int16),
        "officer_no": np.empty(size, dtype=np.int64),
        "started_at": np.empty(size, dtype=moment),
        "due_at": np.empty(size, dtype=moment),
        "finished_at": np.empty(size, dtype=moment),
        "allowed_days": np.empty(size, dtype=np.float64),
        "status_code": np.full(size, -1, dtype=np.int8),
    }


def _slots(options: Options, catalog: Catalog, made: MadeDossiers) -> _Slots:
    """Where every dossier's planned life is cut into steps."""
    line, size = made.timeline, len(made.arrivals)
    rng = stream(options, "steps")
    accepted = is_accepted(line)
    paused = line.paused < NEVER
    planned = line.planned
    end_of_work = np.where(paused, line.paused, planned)
    first_stop = np.minimum(line.requested[0], end_of_work)
    half_day = np.minimum(OFFICE_MINUTES // 2, 0.3 * (first_stop - line.received))
    handed_on = line.received + ((0.1 + 0.9 * rng.random(size)) * half_day).astype(np.int64)
    asked = [requested < NEVER for requested in line.requested]
    starts = [
        line.received,
        handed_on,
        line.requested[0],
        line.answered[0],
        line.requested[1],
        line.answered[1],
    ]
    ends = [handed_on, line.requested[0], line.answered[0], line.requested[1], line.answered[1], end_of_work]
    used = [accepted, accepted, asked[0], asked[0] & (line.answered[0] < NEVER), asked[1], asked[1]]
    last_look = np.select([asked[1], asked[0]], [line.answered[1], line.answered[0]], handed_on)
    cuts = _cuts(catalog, made, rng, paused, last_look, planned)
    # The last examination ends where printing begins, or where the papers leave for the tax office.
    examined = np.where(paused, line.paused, cuts[0])
    ends[1] = np.where(asked[0], ends[1], examined)
    ends[3] = np.where(asked[1], ends[3], examined)
    ends[5] = examined
    off_clock_end = np.where(line.pause == POSTING_PAUSE, line.resumed, line.tax_done)
    starts += [line.paused, line.tax_done, cuts[0], cuts[1], cuts[2], cuts[3], planned]
    ends += [off_clock_end, line.resumed, cuts[1], cuts[2], cuts[3], planned, made.returned]
    in_last_stage = accepted & (cuts[0] < NEVER)
    has_work = in_last_stage & ~_is_mortgage(catalog, made)
    returns = np.isin(line.outcome, (DONE, REFUSED)) & (line.closed < line.cut)
    used += [paused & accepted, paused & accepted & (line.pause != POSTING_PAUSE), has_work,
             in_last_stage, in_last_stage, in_last_stage, returns]  # fmt: skip
    return _Slots(starts, ends, _allowances(catalog, made), used)


def _is_mortgage(catalog: Catalog, made: MadeDossiers) -> Bools:
    field = list(catalog.fields["field_code"]).index("secured_transactions")
    result: Bools = made.arrivals.field == field
    return result


def _cuts(
    catalog: Catalog,
    made: MadeDossiers,
    rng: np.random.Generator,
    paused: Bools,
    last_look: Ints,
    planned: Ints,
) -> list[Ints]:
    """When examination (unless papers were with the tax office), printing, check and signature ended.

    Time goes to the steps by their allowance, by chance, and, where the dossier was late, by how much of
    delays each step uses to hold (catalog: slack).
    """
    line = made.timeline
    settings = catalog.settings["steps"]
    allowed = _allowances(catalog, made)
    late = planned // OFFICE_MINUTES > line.governing_due
    weights = []
    for slot, name in zip(
        (EXAMINE, *LAST_STAGE), ("examine", "print", "check", "sign", "hand_over"), strict=True
    ):
        slack = np.where(late, settings[name]["slack"], 1.0)
        weights.append(allowed[slot] * slack * rng.gamma(10.0, 0.1, len(planned)))
    weights[0] = np.where(paused, 0.0, weights[0])
    weights[1] = np.where(_is_mortgage(catalog, made), 0.0, weights[1])
    total = np.sum(weights, axis=0)
    start = np.where(paused, line.resumed, last_look)
    open_ended = (planned >= NEVER) | (start >= NEVER)
    span = np.where(open_ended, 0, planned - start)
    cuts, cumulated = [], np.zeros(len(planned))
    for weight in weights[:-1]:
        cumulated = cumulated + weight
        at = start + (span * cumulated / np.maximum(total, 1e-9)).astype(np.int64)
        cuts.append(np.where(open_ended, NEVER, at))
    cuts[0] = np.where(paused, np.where(open_ended, NEVER, line.resumed), cuts[0])
    return cuts


def _allowances(catalog: Catalog, made: MadeDossiers) -> list[Floats]:
    """Days each step may take, by slot; together they make the stage's limit. NaN off the clock."""
    line = made.timeline
    steps = catalog.settings["steps"]
    paused = line.pause != NO_PAUSE
    first = line.first_stage
    intake = np.minimum(float(steps["intake"]["days"]), first / 4)
    rest = np.where(paused, line.second_stage, first - intake)
    tail = np.minimum(sum(float(steps[name]["days"]) for name in ("check", "sign", "hand_over")), 0.5 * rest)
    middle = rest - tail
    mortgage = _is_mortgage(catalog, made)
    examine = np.where(paused, first - intake, np.where(mortgage, middle, 0.6 * middle))
    work = np.where(paused, middle, np.where(mortgage, 0.0, 0.4 * middle))
    none = np.full(len(first), np.nan)
    ends = [tail * part for part in (0.5, 0.25, 0.25)]
    return [intake, examine, none, examine, none, examine, none, none, work, *ends, none]


def _fill_times(
    columns: dict[str, Any], place: Ints, rows: Ints, slots: _Slots, slot: int, is_last: Bools, line: Timeline
) -> None:
    start, end = slots.start[slot][rows], slots.end[slot][rows]
    end = np.where(is_last, line.closed[rows], end)
    allowed = np.round(slots.allowed[slot][rows], 2)
    on_clock = ~np.isnan(allowed)
    due = start + np.rint(np.where(on_clock, allowed, 0) * OFFICE_MINUTES).astype(np.int64)
    columns["started_at"][place] = moments(start, line.cut)
    columns["finished_at"][place] = moments(end, line.cut)
    columns["due_at"][place] = np.where(on_clock, _step_due(due), np.datetime64("NaT", "s"))
    columns["allowed_days"][place] = allowed


def _fill_status(
    columns: dict[str, Any], place: Ints, rows: Ints, slot: int, is_last: Bools, line: Timeline
) -> None:
    outcome = line.outcome[rows]
    columns["status_code"][place[is_last]] = np.where(outcome[is_last] == WITHDRAWN, ST_WITHDRAWN, ST_STOPPED)
    if slot == HAND_OVER:
        for kind, status in ((DONE, ST_DONE), (REFUSED, ST_REFUSED)):
            columns["status_code"][place[outcome == kind]] = status
    if slot == RETURN:
        columns["status_code"][place[outcome == DONE]] = ST_RETURNED


def _step_names(catalog: Catalog) -> list[str]:
    return [settings["name"] for settings in catalog.settings["steps"].values()]


def _name_codes(catalog: Catalog, made: MadeDossiers, rows: Ints, slot: int) -> Ints:
    keys = list(catalog.settings["steps"])
    line = made.timeline
    if slot == OFF_CLOCK:
        posting = line.pause[rows] == POSTING_PAUSE
        return np.where(posting, keys.index("posting"), keys.index("tax"))
    if slot == WORK:
        land = made.arrivals.field[rows] == list(catalog.fields["field_code"]).index("land")
        return np.where(land, keys.index("print"), keys.index("draft"))
    return np.full(len(rows), keys.index(SLOTS[slot]))


def _fill_holder(
    options: Options,
    catalog: Catalog,
    made: MadeDossiers,
    columns: dict[str, Any],
    place: Ints,
    rows: Ints,
    slot: int,
) -> None:
    """Step name, unit and officer; a unit merged meanwhile is its successor, externals have no officer."""
    codes = _name_codes(catalog, made, rows, slot)
    columns["step_name"][place] = codes
    units = list(catalog.units["unit_code"])
    holders = [step.get("holder") for step in catalog.settings["steps"].values()]
    external = np.array([units.index(code) if code else -1 for code in holders])[codes]
    started_on = columns["started_at"][place].astype("datetime64[D]")
    own = (made.arrivals.receiving_unit if slot == INTAKE else made.arrivals.unit)[rows].copy()
    for code in catalog.unit_successions["old_unit_code"]:
        successor = catalog.successor(code)
        if successor:
            moved = (own == units.index(code)) & (started_on >= np.datetime64(successor[1], "D"))
            own[moved] = units.index(successor[0])
    columns["unit_code"][place] = np.where(external >= 0, external, own)
    picked = made.rosters.pick(stream(options, f"step {slot}"), own, started_on, leaders=slot == SIGN)
    if slot in (EXAMINE, AGAIN_1, AGAIN_2):
        responsible = made.dossiers["officer_no"].to_numpy()[rows]
        picked = np.where(made.rosters.in_post(responsible, started_on), responsible, picked)
    columns["officer_no"][place] = np.where(external >= 0, -1, picked)


def _step_due(minutes: Ints) -> Any:
    """Wall time of a step's limit; one that falls on the start of a day is the end of the day before."""
    at_opening = minutes % OFFICE_MINUTES == 0
    return from_office_minutes(minutes - at_opening) + np.where(at_opening, 60, 0).astype("timedelta64[s]")
