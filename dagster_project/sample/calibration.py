"""Brings the on-time rate of the department in calendar year 2023 to the published figure, exactly."""

from __future__ import annotations

import numpy as np

from dagster_project.errors import ConfigError
from dagster_project.sample.catalog import DEPARTMENT, Catalog
from dagster_project.sample.intake import Arrivals, Bools, Ints
from dagster_project.sample.lifelines import DONE, REFUSED, WITHDRAWN, Timeline
from dagster_project.sample.options import Options
from dagster_project.sample.randomness import stream
from dagster_project.sample.workdays import OFFICE_MINUTES, working_day_number

MUST_HOLD_FROM_SCALE = 0.1
_LARGEST_REMOVAL = 0.02


def on_time_target(finished: int, percent: float) -> int | None:
    """The numerator whose rate of ``finished`` rounds to ``percent``; None if no number does."""
    nearest = round(finished * percent / 100)
    return nearest if finished and round(100 * nearest / finished, 2) == round(percent, 2) else None


def calibrate(options: Options, catalog: Catalog, arrivals: Arrivals, line: Timeline) -> None:
    """Moves as few dossiers as needed between late and on time, those nearest to their appointment first.

    A denominator that no numerator fits (it happens below some 10,000 dossiers) is first made smaller by a
    few withdrawals. Raises ``ConfigError`` if the figure cannot be reached, from scale 0.1 on.
    """
    percent = catalog.settings["published_on_time_2023"]
    rng = stream(options, "calibration")
    first, last = working_day_number(np.array(["2022-12-31", "2023-12-31"], dtype="datetime64[D]"))
    is_ours = np.isin(catalog.units["unit_code"], catalog.below(DEPARTMENT))[arrivals.unit]
    day = line.closed // OFFICE_MINUTES
    counted = is_ours & np.isin(line.outcome, (DONE, REFUSED)) & (day > first) & (day <= last)
    marginal = counted & (line.outcome == DONE) & _due_within(line)
    finished = int(counted.sum())
    for fewer in range(max(1, int(finished * _LARGEST_REMOVAL))):
        target = on_time_target(finished - fewer, percent)
        if target is not None:
            removed = rng.permutation(np.flatnonzero(marginal & (day <= line.governing_due)))[:fewer]
            line.outcome[removed] = WITHDRAWN
            line.overtime[removed] = 0
            counted[removed] = marginal[removed] = False
            break
    else:
        if options.scale >= MUST_HOLD_FROM_SCALE:
            raise ConfigError(f"--scale {options.scale:g}: no count of {finished} dossiers makes {percent} %")
        target = round(finished * percent / 100)
    missing = target - int((counted & (day <= line.governing_due)).sum())
    candidates = _nearest(rng, line, marginal & ((day > line.governing_due) == (missing > 0)))
    chosen = candidates[: abs(missing)]
    if len(chosen) < abs(missing) and options.scale >= MUST_HOLD_FROM_SCALE:
        raise ConfigError(f"--seed {options.seed}: too few dossiers near their appointment for {percent} %")
    _move(rng, line, chosen, to_on_time=missing > 0)


def _due_within(line: Timeline) -> Bools:
    """Appointments from February to November 2023: a move of some days stays in the year."""
    first, last = working_day_number(np.array(["2023-02-01", "2023-11-30"], dtype="datetime64[D]"))
    result: Bools = (line.governing_due >= first) & (line.governing_due <= last)
    return result


def _nearest(rng: np.random.Generator, line: Timeline, mask: Bools) -> Ints:
    """The dossiers of the mask by distance between finish and appointment, in random order within a day."""
    rows = rng.permutation(np.flatnonzero(mask))
    distance = np.abs(line.closed[rows] // OFFICE_MINUTES - line.governing_due[rows])
    result: Ints = rows[np.argsort(distance, kind="stable")]
    return result


def _move(rng: np.random.Generator, line: Timeline, rows: Ints, to_on_time: bool) -> None:
    """Finish these on the day of their appointment, or on the working day after it."""
    day = line.governing_due[rows] + (0 if to_on_time else 1)
    line.closed[rows] = day * OFFICE_MINUTES + rng.integers(200, OFFICE_MINUTES - 1, len(rows))
    line.planned[rows] = line.closed[rows]
    line.overtime[rows] = 0
