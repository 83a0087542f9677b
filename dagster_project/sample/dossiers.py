"""The dossiers as tables, in the state known at the end of the horizon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.sample.appointments import make_due_dates, make_pauses, make_supplements
from dagster_project.sample.calibration import calibrate
from dagster_project.sample.catalog import Catalog
from dagster_project.sample.columns import (
    NONE,
    Moments,
    categories,
    last_day_number,
    moments,
    numbered,
    only_where,
    texts,
    wall_due,
)
from dagster_project.sample.faults import Planted, plant_in_due_dates, plant_in_timeline
from dagster_project.sample.intake import CHANNELS, ONLINE, POST, Arrivals, Ints, make_arrivals, trend
from dagster_project.sample.lifelines import (
    DONE,
    NEVER,
    NOT_ACCEPTED,
    OPEN,
    OUTCOMES,
    PENDING,
    REFUSED,
    Timeline,
    finish_moments,
    is_accepted,
)
from dagster_project.sample.merger.weekends import work_on_weekends
from dagster_project.sample.options import FIRST_ON, LAST_ON, Options
from dagster_project.sample.randomness import stream
from dagster_project.sample.rosters import Rosters, make_rosters
from dagster_project.sample.timelines import make_timeline
from dagster_project.sample.workdays import OFFICE_MINUTES, working_day_number


@dataclass(frozen=True)
class MadeDossiers:
    """The tables of the dossiers, and what the steps still need: arrivals, timelines and rosters.

    ``planted``: finding → dossier numbers of the faults in these tables, empty without ``--faults``.
    """

    dossiers: pd.DataFrame
    due_dates: pd.DataFrame
    supplements: pd.DataFrame
    pauses: pd.DataFrame
    arrivals: Arrivals
    timeline: Timeline
    rosters: Rosters
    returned: Ints
    planted: Planted


def make_dossiers(options: Options, catalog: Catalog, officers: pd.DataFrame) -> MadeDossiers:
    """Dossiers, due_dates, supplements and pauses of the world, calibrated to the published year 2023.

    In: the postings of the officers (officer_no, unit_code, position, joined_on, left_on). Raises
    ``ConfigError`` when the published rate cannot be reached.
    """
    arrivals = make_arrivals(options, catalog)
    line = make_timeline(options, catalog, arrivals)
    _not_accepted(options, catalog, arrivals, line)
    calibrate(options, catalog, arrivals, line)
    _cut(line)
    rosters = make_rosters(options, catalog, officers)
    returned = _returned(options, catalog, line)
    planted = plant_in_timeline(options, arrivals, line, returned) if options.faults else {}
    if options.last_on > LAST_ON:
        _weekend_work(options, line, returned, planted)
    asked_before = _asked_before(options, catalog, arrivals, line)
    dossiers = _dossiers(options, catalog, arrivals, line, rosters, returned)
    dossiers["submitted_at"] = _submitted(options, arrivals, line, asked_before)
    due_dates = make_due_dates(line)
    if options.faults:
        due_dates, misdated = plant_in_due_dates(options, due_dates)
        planted = {**planted, **misdated}
    return MadeDossiers(
        dossiers=dossiers,
        due_dates=due_dates,
        supplements=make_supplements(options, arrivals, line, dossiers, asked_before, rosters),
        pauses=make_pauses(line),
        arrivals=arrivals,
        timeline=line,
        rosters=rosters,
        returned=returned,
        planted=planted,
    )


def _weekend_work(options: Options, line: Timeline, returned: Ints, planted: Planted) -> None:
    """Adds the dossiers that were finished on a Saturday of July 2025 to those with a finish on a day off."""
    is_free = np.ones(len(line.closed), dtype=bool)
    for rows in planted.values():
        is_free[rows] = False
    worked = work_on_weekends(options, line, returned, is_free)
    before = planted.get("finish_on_day_off", np.zeros(0, np.int64))
    planted["finish_on_day_off"] = np.sort(np.concatenate([before, worked]))


def _not_accepted(options: Options, catalog: Catalog, arrivals: Arrivals, line: Timeline) -> None:
    """Who waits for acceptance at the end (online only), and when the declined were told (``closed``)."""
    rng = stream(options, "acceptance")
    size = len(arrivals)
    online = arrivals.channel == ONLINE
    recent = arrivals.day > last_day_number(options) - 6
    share = catalog.settings["behaviour"]["pending"]
    waits = online & (rng.random(size) < np.where(recent, 0.25, share * 0.5))
    line.outcome[waits] = PENDING
    declined = line.outcome == NOT_ACCEPTED
    told = line.received + rng.integers(40, 3 * OFFICE_MINUTES, size)
    line.closed = np.where(declined, told, np.where(waits, NEVER, line.closed))
    line.outcome[declined & online & (told >= line.cut)] = PENDING
    # At the counter papers are looked through at once.
    line.closed = np.where(declined & ~online, np.minimum(told, line.received + 30), line.closed)
    line.overtime[declined | waits] = 0


def _cut(line: Timeline) -> None:
    """What is not finished at the end of the horizon is open."""
    unfinished = line.closed >= line.cut
    line.outcome[unfinished & (line.outcome != PENDING)] = OPEN
    line.closed[unfinished] = NEVER
    line.overtime[unfinished] = 0


def _returned(options: Options, catalog: Catalog, line: Timeline) -> Ints:
    """When applicants fetched what was done or refused, in office minutes."""
    rng = stream(options, "returns")
    size = len(line.closed)
    wait = 1 + (1.2 * np.exp(1.1 * rng.standard_normal(size)) * OFFICE_MINUTES).astype(np.int64)
    fetched = (rng.random(size) >= catalog.settings["behaviour"]["never_collected"]) & (
        line.closed < line.cut
    )
    fetched &= np.isin(line.outcome, (DONE, REFUSED))
    return np.where(fetched, np.minimum(line.closed + wait, NEVER), NEVER)


def _dossiers(
    options: Options, catalog: Catalog, arrivals: Arrivals, line: Timeline, rosters: Rosters, returned: Ints
) -> pd.DataFrame:
    """The register: one row per dossier, by time of receipt."""
    table, units = catalog.procedures, catalog.units["unit_code"]
    accepted = is_accepted(line)
    arrived, finished = moments(line.received, line.cut), finish_moments(line)
    declined = line.outcome == NOT_ACCEPTED
    done = line.outcome == DONE
    officer = rosters.pick(stream(options, "responsible"), arrivals.unit, arrivals.date)
    size = len(arrivals)
    chance = stream(options, "dossier flags").random((6, size))
    settings, online = catalog.settings, arrivals.channel == ONLINE
    paid = trend(settings, "paid_online", arrivals.date) + np.where(online, 0.25, 0.0)
    return pd.DataFrame(
        {
            "dossier_no": np.arange(size),
            "dossier_code": _dossier_codes(arrivals, units),
            "other_code": _other_codes(options, catalog, arrivals),
            "procedure_no": arrivals.procedure,
            "procedure_code": categories(arrivals.procedure, table["procedure_code"]),
            "field_code": categories(arrivals.field, catalog.fields["field_code"]),
            "procedure_level": categories(
                (table["level"] == "district").to_numpy(dtype=np.int64)[arrivals.procedure],
                ("province", "district"),
            ),
            "unit_code": categories(arrivals.unit, units),
            "receiving_unit_code": categories(arrivals.receiving_unit, units),
            "channel": categories(arrivals.channel, CHANNELS),
            "officer_no": np.where(line.outcome == PENDING, -1, officer),
            "applicant_no": arrivals.applicant,
            "limit_value": line.limit,
            "limit_unit": categories(line.is_calendar.astype(np.int64), ("working_day", "calendar_day")),
            "is_remote_area": arrivals.is_remote,
            "submitted_at": NONE,  # in its place; filled when it is known who was asked for more papers
            "received_at": np.where(accepted, arrived, NONE),
            "first_due_at": np.where(accepted, wall_due(line.first_due), NONE),
            "outcome": categories(line.outcome, OUTCOMES),
            "finished_at": np.where(accepted, finished, NONE),
            "refused_at": np.where(declined | (line.outcome == REFUSED), finished, NONE),
            "returned_at": np.where(accepted, moments(returned, line.cut), NONE),
            "has_digitized_components": online
            | (chance[0] < trend(settings, "digitized_components", arrivals.date)),
            "has_electronic_result": done & (chance[1] < trend(settings, "electronic_result", arrivals.date)),
            "is_reusing_data": chance[2] < trend(settings, "reusing_data", arrivals.date),
            "is_paid_online": chance[3] < paid,
            "is_synced": chance[4] < settings["behaviour"]["is_synced"],
        }
    )


def _dossier_codes(arrivals: Arrivals, units: pd.Series) -> pd.Series:
    """Resolving unit, day, number of the day: 001.10.13.H11-230311-0007."""
    keys = arrivals.day * len(units) + arrivals.unit
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    lengths = np.diff(np.r_[starts, len(ordered)])
    number = np.empty(len(keys), dtype=np.int64)
    number[order] = np.arange(len(keys)) - np.repeat(starts, lengths) + 1
    days, place = np.unique(arrivals.date, return_inverse=True)
    day_texts = pa.array(pd.DatetimeIndex(days).strftime("%y%m%d").tolist()).take(pa.array(place))
    unit_texts = pa.array(units.tolist()).take(pa.array(arrivals.unit))
    return texts(pc.binary_join_element_wise(unit_texts, day_texts, numbered("", number, 4), "-"))


def _other_codes(options: Options, catalog: Catalog, arrivals: Arrivals) -> pd.Series:
    """Codes of another system that some dossiers also bear: BTN-2023-001234, numbered through the year."""
    share = catalog.settings["behaviour"]["other_code"]
    bears = stream(options, "other codes").random(len(arrivals)) < share
    year = arrivals.date.astype("datetime64[Y]").astype(np.int64) + 1970
    number = np.zeros(len(arrivals), dtype=np.int64)
    for each in np.unique(year):
        number += np.where(year == each, np.cumsum(bears & (year == each)), 0)
    prefix = pc.binary_join_element_wise(pa.scalar("BTN"), pa.array(year).cast(pa.string()), "-")
    codes = pc.binary_join_element_wise(prefix, numbered("", number, 6), "-")
    return texts(only_where(bears, codes))


def _submitted(options: Options, arrivals: Arrivals, line: Timeline, asked_before: Moments) -> Moments:
    """When papers were sent: hours before receipt online, days by post, at once at the counter."""
    rng = stream(options, "submissions")
    arrived, size = moments(line.received, line.cut), len(arrivals)
    hours = np.clip(3.0 * np.exp(1.2 * rng.standard_normal(size)), 0.05, 110)
    hours = np.select([arrivals.channel == ONLINE, arrivals.channel == POST], [hours, 20 + 1.2 * hours], 0.0)
    hours[~is_accepted(line)] = 0.0
    base = np.where(np.isnat(asked_before), arrived, asked_before)
    sent = base - (np.rint(hours * 60) * 60).astype("timedelta64[s]")
    result: Moments = np.maximum(sent, np.datetime64(FIRST_ON, "s"))
    return result


def _asked_before(options: Options, catalog: Catalog, arrivals: Arrivals, line: Timeline) -> Moments:
    """When more papers were asked for before acceptance (online dossiers only); NaT where none were."""
    rng = stream(options, "supplements before acceptance")
    share = catalog.settings["behaviour"]["supplement_before"]
    ago = rng.integers(60, 6 * OFFICE_MINUTES, len(arrivals))
    asked = (rng.random(len(arrivals)) < share) & (arrivals.channel == ONLINE) & is_accepted(line)
    first = working_day_number(np.array([FIRST_ON], dtype="datetime64[D]"))[0] + 1
    asked &= line.received - ago >= first * OFFICE_MINUTES
    return np.where(asked, moments(line.received - ago, line.cut), NONE)
