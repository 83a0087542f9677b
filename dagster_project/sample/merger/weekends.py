"""July 2025: offices of the new units worked on Saturdays, which made no Saturday a working day."""

from __future__ import annotations

import numpy as np

from dagster_project.sample.intake import Bools, Ints
from dagster_project.sample.lifelines import DONE, NEVER, Timeline
from dagster_project.sample.options import Options
from dagster_project.sample.randomness import stream
from dagster_project.sample.workdays import OFFICE_MINUTES, nth_working_day

_FIRST, _LAST = np.datetime64("2025-07-01", "D"), np.datetime64("2025-07-31", "D")
_SHARE = 0.4  # of what would have been finished on the Friday (assumed)
_OPENS, _CLOSES = 15 * 60, 22 * 60  # minutes after 17:00 on Friday: Saturday from 8:00 to 15:00


def work_on_weekends(options: Options, line: Timeline, returned: Ints, is_free: Bools) -> Ints:
    """Finishes some dossiers of a Friday on the Saturday instead; out: which.

    Changes ``line`` in place. None moves between on time and late. ``is_free``: dossiers that may be touched.
    """
    day = line.closed // OFFICE_MINUTES
    could = is_free & (line.closed < NEVER) & (line.outcome == DONE) & (line.governing_due != day)
    could &= returned // OFFICE_MINUTES > day
    on = nth_working_day(np.where(could, day, 0))
    is_friday = (on.astype(np.int64) + 3) % 7 == 4
    could &= is_friday & (on >= _FIRST) & (on < _LAST)
    rng = stream(options, "weekends")
    rows = np.flatnonzero(could & (rng.random(len(could)) < _SHARE))
    line.overtime[rows] = rng.integers(_OPENS, _CLOSES, len(rows))
    return rows
