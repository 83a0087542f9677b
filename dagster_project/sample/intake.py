"""Who asks for what, where and when: the arrivals of the sample department, in order of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dagster_project.sample.catalog import Catalog
from dagster_project.sample.options import FIRST_ON, Options
from dagster_project.sample.randomness import stream
from dagster_project.sample.workdays import (
    OFFICE_MINUTES,
    is_working_day,
    nth_working_day,
    office_minutes,
    working_day_number,
)

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

CHANNELS = ("online", "counter", "post")
ONLINE, COUNTER, POST = range(3)
WHOLE_DEPARTMENT_SCALE = 5.0


@dataclass(frozen=True)
class Arrivals:
    """One entry per dossier, by time of receipt (of submission, if it is never accepted).

    ``moment``: office minutes; ``day``: working-day number; ``unit`` and ``receiving_unit``: rows of the
    catalog's units; ``field``: rows of its fields; ``procedure``: rows of its procedures; ``channel``:
    places in ``CHANNELS``; the rest are flags and ids.
    """

    moment: Ints
    day: Ints
    date: NDArray[np.datetime64]
    unit: Ints
    receiving_unit: Ints
    field: Ints
    procedure: Ints
    channel: Ints
    is_remote: Bools
    applicant: Ints

    def __len__(self) -> int:
        return len(self.moment)


def field_mix(options: Options, settings: dict[str, Any]) -> dict[str, float]:
    """Share of each field in what the department receives: the office view up to scale 1, the whole
    department from scale 5, in between in between."""
    volume = settings["volume"]
    part = float(np.clip((options.scale - 1) / (WHOLE_DEPARTMENT_SCALE - 1), 0, 1))
    office, whole = volume["office_mix"], volume["whole_mix"]
    return {field: office[field] * (1 - part) + whole[field] * part for field in office}


def trend(settings: dict[str, Any], name: str, dates: Any) -> Floats:
    """A share that changes over the months (catalog: trends), on each of these dates."""
    points = settings["trends"][name]
    at = np.array([np.datetime64(f"{month}-01", "D") for month in points]).astype(np.int64)
    days: Ints = np.asarray(dates).astype("datetime64[D]").astype(np.int64)
    result: Floats = np.interp(days, at, np.array(list(points.values()), dtype=np.float64))
    return result


def make_arrivals(options: Options, catalog: Catalog) -> Arrivals:
    """All dossiers that come in between the first and the last day, department and districts."""
    settings = catalog.settings
    rng = stream(options, "arrivals")
    dates, per_day = _day_weights(options, settings)
    volume = settings["volume"]
    yearly = [volume["department_per_year"], volume["districts_per_year"]]
    expected = np.array(yearly, dtype=float) * options.scale * per_day.sum()
    counts = np.maximum(1, np.rint(expected)).astype(np.int64)
    total = int(counts.sum())
    day_counts = rng.multinomial(total, per_day / per_day.sum())
    day = np.repeat(working_day_number(dates), day_counts)
    moment = office_minutes(day, (rng.beta(1.1, 1.5, total) * OFFICE_MINUTES).astype(np.int64))
    moment.sort()
    date = nth_working_day(day)
    is_district = rng.random(total) < counts[1] / total
    field, unit = _fields_and_units(rng, options, catalog, date, is_district)
    is_remote = _is_remote(rng, catalog, unit)
    return Arrivals(
        moment=moment,
        day=day,
        date=date,
        unit=unit,
        receiving_unit=_receiving_units(rng, catalog, unit, is_district),
        field=field,
        procedure=_procedures(rng, catalog, field, unit, is_district, date),
        channel=_channels(options, catalog, date),
        is_remote=is_remote,
        applicant=rng.integers(0, max(1, int(0.62 * total)), total),
    )


def _day_weights(options: Options, settings: dict[str, Any]) -> tuple[NDArray[np.datetime64], Floats]:
    """Working days of the horizon and the part of a year's dossiers (2023 = 1) that comes on each."""
    volume = settings["volume"]
    days = np.arange(np.datetime64(FIRST_ON, "D"), options.last_day + 1)
    days = days[is_working_day(days)]
    stamps = pd.DatetimeIndex(days)
    weight = stamps.year.map(volume["year_factor"]).to_numpy(dtype=float)
    weight = weight * stamps.month.map(volume["month_factor"]).to_numpy(dtype=float)
    weight = weight * np.array([volume["month_surge"].get(month, 1.0) for month in stamps.strftime("%Y-%m")])
    weight = weight * np.array(volume["weekday_factor"])[stamps.weekday]
    numbers = working_day_number(days)
    lull = np.array([*volume["tet_factor"], 1.0])
    for first_off, last_off in volume["tet_days_off"].values():
        before = working_day_number(np.array([np.datetime64(first_off, "D")]))[0] - numbers
        after = numbers - working_day_number(np.array([np.datetime64(last_off, "D")]))[0] - 1
        nearest = np.where(before >= 0, before, np.maximum(after, 0))
        weight = weight * lull[np.minimum(nearest, len(lull) - 1)]
    normal: Floats = weight / weight[stamps.year == 2023].sum()
    return days, normal


def _draw(rng: np.random.Generator, shares: Any, size: int) -> Ints:
    """Numbers 0..k-1 with these shares."""
    cumulated = np.cumsum(np.asarray(shares, dtype=float))
    found: Ints = np.searchsorted(cumulated / cumulated[-1], rng.random(size), side="right").astype(np.int64)
    return found


def _fields_and_units(
    rng: np.random.Generator, options: Options, catalog: Catalog, date: Any, is_district: Bools
) -> tuple[Ints, Ints]:
    """Field and resolving unit of each dossier; a unit that is closed that day is its successor."""
    row_of = {code: row for row, code in enumerate(catalog.units["unit_code"])}
    codes = list(catalog.fields["field_code"])
    mix = field_mix(options, catalog.settings)
    field = _draw(rng, [mix[code] for code in codes], len(is_district))
    field[is_district] = codes.index("land")
    unit = np.empty(len(field), dtype=np.int64)
    handlers = catalog.settings["handlers"]
    groups = [(code, (field == row) & ~is_district) for row, code in enumerate(codes)]
    for name, mask in [*groups, ("districts", is_district)]:
        shares = handlers[name]
        rows = np.array([row_of[code] for code in shares])
        unit[mask] = rows[_draw(rng, list(shares.values()), int(mask.sum()))]
    for code in catalog.unit_successions["old_unit_code"]:
        new, since = catalog.successor(code) or ("", FIRST_ON)
        unit[(unit == row_of[code]) & (date >= np.datetime64(since, "D"))] = row_of[new]
    return field, unit


def _is_remote(rng: np.random.Generator, catalog: Catalog, unit: Ints) -> Bools:
    shares = catalog.units["unit_code"].map(catalog.settings["behaviour"]["remote_area"]).fillna(0.0)
    result: Bools = rng.random(len(unit)) < shares.to_numpy(dtype=float)[unit]
    return result


def _receiving_units(rng: np.random.Generator, catalog: Catalog, unit: Ints, is_district: Bools) -> Ints:
    """Where the papers were handed in: mostly where they are resolved, some at another branch's counter."""
    row_of = {code: row for row, code in enumerate(catalog.units["unit_code"])}
    branches = np.array([row_of[code] for code in catalog.branches])
    elsewhere = (rng.random(len(unit)) < catalog.settings["behaviour"]["received_elsewhere"]) & ~is_district
    elsewhere &= np.isin(unit, branches)
    counters = branches[rng.integers(0, len(branches), len(unit))]
    return np.where(elsewhere, counters, unit)


def _procedures(
    rng: np.random.Generator, catalog: Catalog, field: Ints, unit: Ints, is_district: Bools, date: Any
) -> Ints:
    """The procedure (in the version that is valid that day) of each dossier."""
    table = catalog.procedures
    newest = table["valid_to_on"].isna().to_numpy()
    units = catalog.units["unit_code"].to_numpy()
    succeeded = dict(
        zip(
            catalog.procedure_successions["new_procedure_code"],
            catalog.procedure_successions["old_procedure_code"],
            strict=True,
        )
    )
    row_of = {code: row for row, code in enumerate(table["procedure_code"])}
    older = np.array([row_of.get(succeeded.get(code, code), -1) for code in table["procedure_code"]])
    procedure = np.empty(len(field), dtype=np.int64)
    combination = (field * len(units) + unit) * 2 + is_district
    for key in np.unique(combination):
        mask = combination == key
        in_field = (table["field_code"] == catalog.fields["field_code"][key // 2 // len(units)]).to_numpy()
        at_level = (table["level"] == ("district" if key % 2 else "province")).to_numpy()
        of_unit = (table["only_unit_code"] == units[key // 2 % len(units)]).to_numpy()
        # A unit with procedures of its own resolves only those; the others share the rest.
        own = of_unit if of_unit[in_field & at_level].any() else table["only_unit_code"].isna().to_numpy()
        rows = np.flatnonzero(newest & in_field & at_level & own)
        procedure[mask] = rows[_draw(rng, table["weight"].to_numpy()[rows], int(mask.sum()))]
    since = table["valid_from_on"].to_numpy().astype("datetime64[D]")
    return np.where(date < since[procedure], older[procedure], procedure)


def _channels(options: Options, catalog: Catalog, date: Any) -> Ints:
    chance = stream(options, "channels").random(len(date))
    online = trend(catalog.settings, "online", date)
    post = trend(catalog.settings, "post", date)
    return np.select([chance < online, chance < online + post], [ONLINE, POST], COUNTER).astype(np.int64)
