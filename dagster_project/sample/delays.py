"""Who misses the appointment, and who is given another one: by letter, in time or at the last minute."""

from __future__ import annotations

import numpy as np

from dagster_project.sample.catalog import Catalog
from dagster_project.sample.intake import Arrivals, Bools, Floats, Ints, field_mix
from dagster_project.sample.lifelines import (
    LAST_MINUTE,
    NEVER,
    NEVER_DAY,
    NO_EXTENSION,
    REAPPOINTED,
    Timeline,
    minutes_of_day,
    placed,
)
from dagster_project.sample.options import Options
from dagster_project.sample.randomness import stream
from dagster_project.sample.workdays import OFFICE_MINUTES, nth_working_day

_LATE_AGAIN = np.array([1.0, 0.5, 0.2])  # late against the new appointment, by kind of extension
_DAYS_MORE = np.array([3, 4, 5, 5, 7, 7, 10, 15])


def _quarter(options: Options, due: Ints) -> Ints:
    """Quarters since 2022Q4 (0) of each due day, that of the sample's last day for all that comes later."""
    months = nth_working_day(np.minimum(due, NEVER_DAY)).astype("datetime64[M]").astype(np.int64)
    first = np.datetime64("2022-10", "M").astype(np.int64)
    last = options.last_day.astype("datetime64[M]").astype(np.int64)
    quarters: Ints = np.clip((months - first) // 3, 0, (last - first) // 3)
    return quarters


def late_shares(options: Options, catalog: Catalog) -> Floats:
    """Share that ends late in a standard quarter, by row of units × fields, scaled so that the department
    as a whole comes near the published year 2023."""
    settings = catalog.settings
    units, fields = list(catalog.units["unit_code"]), list(catalog.fields["field_code"])
    share = np.array([settings["late_share"].get(unit, 0.0) for unit in units])
    factor = np.array([settings["late_field_factor"][field] for field in fields])
    mix = field_mix(options, settings)
    expected = sum(
        mix[field] * part * settings["late_share"][unit] * settings["late_field_factor"][field]
        for field in fields
        for unit, part in settings["handlers"][field].items()
    )
    shares: Floats = np.outer(share, factor)
    department = np.isin(units, catalog.districts, invert=True)
    shares[department] *= (1 - settings["published_on_time_2023"] / 100) / expected
    return shares


def delayed(options: Options, catalog: Catalog, arrivals: Arrivals, line: Timeline) -> Bools:
    """Which dossiers will miss the appointment that stands when the last stage begins."""
    settings = catalog.settings
    periods = np.array(list(settings["late_period_factor"].values()))
    in_districts = np.array(list(settings["late_period_factor_districts"].values()))
    is_district = np.isin(catalog.units["unit_code"], catalog.districts)[arrivals.unit]
    quarter = _quarter(options, line.governing_due)
    chance = late_shares(options, catalog)[arrivals.unit, arrivals.field]
    chance = chance * np.where(is_district, in_districts[quarter], periods[quarter])
    # Some of the delayed get a new appointment and keep it: more must miss the first one.
    letters = np.mean(list(settings["behaviour"]["reappointed_late"].values()))
    chance = chance / (
        1
        - letters * (1 - _LATE_AGAIN[REAPPOINTED])
        - settings["behaviour"]["last_minute_late"] * (1 - _LATE_AGAIN[LAST_MINUTE])
    )
    result: Bools = stream(options, "delays").random(len(chance)) < chance
    return result


def extend(options: Options, catalog: Catalog, line: Timeline, is_delayed: Bools) -> Bools:
    """New appointments by letter, early or at the last minute; out: which dossiers end late after all."""
    rng = stream(options, "extensions")
    behaviour = catalog.settings["behaviour"]
    size = len(is_delayed)
    year = np.clip((_quarter(options, line.governing_due) + 3) // 4, 0, 2)
    letter = np.where(
        is_delayed,
        np.array([behaviour["reappointed_late"][year] for year in (2022, 2023, 2024)])[year],
        behaviour["reappointed_on_time"],
    )
    edit = np.where(is_delayed, behaviour["last_minute_late"], behaviour["last_minute_on_time"])
    chance = rng.random(size)
    kind = np.select([chance < letter, chance < letter + edit], [REAPPOINTED, LAST_MINUTE], NO_EXTENSION)
    known_day = line.last_known // OFFICE_MINUTES
    kind[(line.governing_due - known_day < 2) | (line.last_known >= NEVER)] = NO_EXTENSION
    rows = np.flatnonzero(kind)
    due, earliest = line.governing_due[rows], known_day[rows] + 1
    before = np.maximum(due - 1 - rng.integers(0, 3, len(rows)), earliest)
    after = due + rng.integers(0, 4, len(rows))
    comes_late = np.where(
        kind[rows] == LAST_MINUTE,
        0.8,
        np.where(is_delayed[rows], behaviour["reappointment_letter_late"], 0.0),
    )
    day = np.where(rng.random(len(rows)) < comes_late, after, before)
    _extend_round(rng, line, 0, rows, kind[rows], day)
    is_late: Bools = is_delayed & (rng.random(size) < _LATE_AGAIN[kind])
    twice = (kind == REAPPOINTED) & (rng.random(size) < behaviour["reappointed_twice"])
    rows = np.flatnonzero(twice)
    _extend_round(rng, line, 1, rows, kind[rows], line.governing_due[rows] - 1)
    # A second letter is against the law (Decree 61/2018, article 19.9): only the later date went out.
    line.extended[0][rows] = NEVER
    return is_late


def _extend_round(
    rng: np.random.Generator, line: Timeline, round_no: int, rows: Ints, kind: Ints, day: Ints
) -> None:
    known = np.minimum(day, NEVER_DAY) * OFFICE_MINUTES + minutes_of_day(rng, len(rows))
    due = np.maximum(line.governing_due[rows], day) + _DAYS_MORE[rng.integers(0, len(_DAYS_MORE), len(rows))]
    due = np.minimum(due, NEVER_DAY)
    line.extension[round_no][rows] = kind
    line.extended[round_no] = placed(line.extended[round_no], rows, known)
    line.extended_due[round_no][rows] = due
    line.governing_due[rows] = due
    line.last_known[rows] = known
