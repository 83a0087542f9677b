"""What every number of the page must be, reckoned once more from the release's Parquet files.

A number says in its key what it is; the first word of the key names the function here that knows the answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

ON_TIME = "indicator_code = 'OT_06' and rule_version = 'by_date_v1'"
OVERDUE = "indicator_code = 'LATE_OPEN' and rule_version = 'by_date_v1'"
BANDS = {1: 5, 6: 10, 11: 30, 31: 10**6}
Value = float | None
_FAMILIES: dict[str, Callable[..., Value]] = {}


def family(function: Callable[..., Value]) -> Callable[..., Value]:
    """Knows the numbers whose key begins with the function's name (without ``_of``)."""
    _FAMILIES[function.__name__.removesuffix("_of")] = function
    return function


@dataclass
class Release:
    """The Parquet files of a release; the period and the unit that a page shows, and the keys on it."""

    connection: duckdb.DuckDBPyConnection
    period: str
    unit: str
    keys: Sequence[str] = ()

    def rows(self, query: str, **names: str) -> list[tuple[Any, ...]]:
        """Rows of a query; ``$period`` and ``$unit`` stand for the page's, ``$units`` for all units below."""
        given = {"period": self.period, "unit": self.unit, **names}
        used = {name: value for name, value in given.items() if f"${name}" in query}
        return self.connection.execute(query, used).fetchall()

    def one(self, query: str, **names: str) -> Value:
        """The one value of a query; None where there is no row."""
        found = self.rows(query, **names)
        assert len(found) <= 1, query
        return None if not found or found[0][0] is None else float(found[0][0])

    def expected(self, key: str) -> Value:
        """What a number with this key must be."""
        name, *parts = key.split("|")
        return _FAMILIES[name](self, *parts)

    @cached_property
    def last_day(self) -> date:
        return self.rows("select ends_on from dim_periods where period_key = $period")[0][0]

    @cached_property
    def units(self) -> set[str]:
        found = self.rows(
            "select descendant_unit_id from bridge_unit_ancestors cross join dim_periods"
            " where ancestor_unit_id = $unit and period_key = $period"
            " and ends_on between valid_from_on and valid_to_on"
        )
        return {unit for (unit,) in found}

    @cached_property
    def ages(self) -> dict[str, int]:
        """Days past due by dossier code of what was overdue, up to the end or the stop of the clock."""
        end = self.last_day + timedelta(days=1)
        overdue = self.rows(
            "select dossier_key, dossier_code, unit_id, due_at from fct_dossiers where dossier_key in"
            f" (select dossier_key from fct_dossier_verdicts where {OVERDUE} and in_numerator = 1"
            " and period_key = $period)"
        )
        ages = {}
        for key, code, unit, due_at in overdue:
            if unit not in self.units:
                continue
            versions = self.rows(
                f"select due_at from fct_dossier_due_dates where dossier_key = {key} and is_governing"
                f" and known_from_at < date '{end}' order by known_from_at"
            )
            due_on = (versions[-1][0] if versions else due_at).date()
            events = self.rows(
                f"select event_at, clock_state_code from fct_dossier_events where dossier_key = {key}"
                f" and event_at < date '{end}' order by event_at"
            )
            last_run = max((moment for moment, state in events if state == "running"), default=None)
            stops = [m for m, state in events if state == "stopped" and last_run and m > last_run]
            ages[code] = ((min(stops).date() if stops else self.last_day) - due_on).days
        return ages

    @cached_property
    def staff(self) -> dict[str, Counter[str]]:
        """Counts of people and work by unit; what nobody knows is not in a counter."""
        found: dict[str, Counter[str]] = {unit: Counter() for unit in self.units}
        standing = {
            unit
            for (unit,) in self.rows(
                f"select unit_id from dim_units where date '{self.last_day}' between valid_from_on and valid_to_on"
            )
        }
        for unit, officer in self.rows(
            "select distinct unit_id, officer_id from dim_officers"
            f" where date '{self.last_day}' between valid_from_on and valid_to_on"
        ):
            if unit in found and officer != "unknown":
                found[unit]["officers"] += 1
        for unit, assigned, filled in self.rows(
            "select unit_id, posts_assigned, posts_filled from fct_posts"
            f" where year <= {self.last_day.year} order by year"
        ):
            if unit in found and unit in standing:
                found[unit]["posts_assigned"], found[unit]["posts_filled"] = assigned, filled
                found[unit]["posts_vacant"] = assigned - filled
        for row in self.rows(
            "select members.unit_id, sum(documents_in), sum(documents_out), sum(dossiers_finished),"
            " sum(steps_done) from fct_officer_periods"
            " join (select distinct officer_key, unit_id from dim_officers) as members using (officer_key)"
            " where period_key = $period group by all"
        ):
            unit, *counts = row
            if unit in found:
                names = ("documents_in", "documents_out", "dossiers_finished", "steps_done")
                found[unit].update(dict(zip(names, map(int, counts), strict=True)))
        return {
            unit: counts for unit, counts in found.items() if counts["officers"] or counts["posts_assigned"]
        }


@contextmanager
def open_release(folder: Path, period: str, unit: str) -> Iterator[Release]:
    """The tables of ``releases/<id>/parquet`` as views."""
    with duckdb.connect() as connection:
        for file in sorted((folder / "parquet").glob("*.parquet")):
            connection.execute(f"create view {file.stem} as from '{file}'")
        yield Release(connection, period, unit)


@family
def fct_indicators(release: Release, *parts: str) -> Value:
    *place, column = parts
    names = ("p", "u", "s", "f", "c", "v")
    return release.one(
        f'select "{column}" from fct_indicators where (period_key, unit_id, scope, field_code, indicator_code,'
        " rule_version) = ($p, $u, $s, $f, $c, $v)",
        **dict(zip(names, place, strict=True)),
    )


@family
def to_date(release: Release, *parts: str) -> Value:
    """Of the one period that reaches from the first day of the year to this period's last."""
    period, *place, column = parts
    calendar, _, label = period.partition(":")
    periods = release.rows(
        "select period_key, starts_on, ends_on from dim_periods"
        f" where calendar = '{calendar}' and period like '{label[:4]}%'"
    )
    first = min(starts for _, starts, _ in periods)
    ((last,),) = release.rows(f"select ends_on from dim_periods where period_key = '{period}'")
    (whole,) = [key for key, starts, ends in periods if (starts, ends) == (first, last)]
    return fct_indicators(release, whole, *place, column)


@family
def change(release: Release, what: str, unit: str, *place: str) -> Value:
    assert what == "before"
    before = release.rows(
        "select earlier.period_key from dim_periods as earlier"
        " join dim_periods as now using (calendar, period_type)"
        " where now.period_key = $period and earlier.ends_on < now.starts_on order by earlier.ends_on desc"
    )
    now = fct_indicators(release, release.period, unit, "with_children", *place, "value")
    then = fct_indicators(release, before[0][0], unit, "with_children", *place, "value") if before else None
    return None if now is None or then is None else now - then


@family
def overdue(release: Release, band: str) -> Value:
    if band == "total":
        return len(release.ages)
    first = int(band)
    return sum(first <= days <= BANDS[first] for days in release.ages.values())


@family
def dossier(release: Release, code: str) -> Value:
    return release.ages[code]


@family
def staff_of(release: Release, unit: str, name: str) -> Value:
    shown = {key.split("|")[1] for key in release.keys if key.startswith("staff|")}
    if unit == "total":
        chosen = list(release.staff.values())
    elif unit == "small":
        chosen = [counts for each, counts in release.staff.items() if each not in shown]
    else:
        chosen = [release.staff[unit]]
    measure = name.removesuffix("_per_officer")
    known = [counts[measure] for counts in chosen if measure in counts or measure == "officers"]
    if not known:
        return None
    if measure != name:
        people = sum(counts["officers"] for counts in chosen)
        return sum(known) / people if people else None
    return sum(known)


@family
def officer(release: Release, person: str, name: str) -> Value:
    return release.one(
        f"select sum({name}) from fct_officer_periods where period_key = $period and officer_key in"
        " (select officer_key from dim_officers where officer_id = $person)",
        person=person,
    )


@family
def late(release: Release, field_code: str, unit: str) -> Value:
    return release.one(
        "select denominator - numerator from fct_indicators where period_key = $period and scope = 'own'"
        f" and unit_id = $one and field_code = $field and {ON_TIME}",
        one=unit,
        field=field_code,
    )


@family
def place(release: Release, field_code: str, unit: str) -> Value:
    """One more than the units of the same table with a better rate."""
    listed = [key.split("|")[2] for key in release.keys if key.startswith(f"place|{field_code}|")]
    rates = {
        each: fct_indicators(release, release.period, each, "own", field_code, "OT_06", "by_date_v1", "value")
        for each in listed
    }
    own = rates[unit]
    return None if own is None else 1 + sum(rate > own for rate in rates.values() if rate is not None)


@family
def step(release: Release, name: str, count: str) -> Value:
    unit_ids = ", ".join(f"'{unit}'" for unit in release.units)
    condition = "" if count == "finished" else " and not is_on_time"
    return release.one(
        "select count(*) from fct_dossier_steps as steps join dim_periods on cast(steps.finished_at as date)"
        " between starts_on and ends_on where period_key = $period and step_name = $step"
        f" and is_on_time is not null{condition} and dossier_key in"
        f" (select dossier_key from fct_dossiers where unit_id in ({unit_ids}))",
        step=name,
    )


@family
def procedure(release: Release, code: str, count: str) -> Value:
    unit_ids = ", ".join(f"'{unit}'" for unit in release.units)
    condition = "" if count == "finished" else " and in_numerator = 0"
    return release.one(
        f"select count(*) from fct_dossier_verdicts where period_key = $period and {ON_TIME}"
        f" and in_denominator = 1{condition} and dossier_key in (select dossier_key from fct_dossiers"
        f" where unit_id in ({unit_ids}) and procedure_key in"
        " (select procedure_key from dim_procedures where procedure_code = $code))",
        code=code,
    )


@family
def finding(release: Release, code: str, column: str) -> Value:
    unit_ids = ", ".join(f"'{unit}'" for unit in release.units)
    condition = {
        "of_all": "true",
        "of_units": f"unit_id in ({unit_ids})",
        "in_period": f"unit_id in ({unit_ids}) and dossier_key in"
        " (select dossier_key from fct_dossier_verdicts where period_key = $period)",
    }[column]
    return release.one(
        f"select count(*) from fct_integrity_findings where finding_code = $code and {condition}", code=code
    )


@family
def basis(release: Release, name: str) -> Value:
    unit_ids = ", ".join(f"'{unit}'" for unit in release.units)
    return release.one(
        f"select count(*) from fct_dossiers where unit_id in ({unit_ids}) and state_basis = $basis"
        f" and dossier_key in (select dossier_key from fct_dossier_verdicts where period_key = $period"
        f" and {ON_TIME} and in_denominator = 1)",
        basis=name,
    )


@family
def check(release: Release, status: str) -> Value:
    return release.one(
        "select count(*) from quality_results where status = $status"
        " and run_id = (select max(run_id) from quality_results)",
        status=status,
    )


@family
def file(release: Release, status: str, column: str) -> Value:
    counted = "count(distinct file)" if column == "files" else f"sum({column})"
    return release.one(f"select {counted} from ingest_outcomes where status = $status", status=status)


@family
def petitions(release: Release, kind: str, count: str) -> Value:
    """Those sent in the period to the page's units; what is not due yet is neither in time nor late."""
    sent = release.rows(
        "select unit_id, answered_at, is_answered_on_time, is_satisfied from fct_petitions"
        " join dim_periods on cast(sent_at as date) between starts_on and ends_on"
        " where period_key = $period and petition_type = $kind",
        kind=kind,
    )
    own = [row[1:] for row in sent if row[0] in release.units]
    return {
        "received": len(own),
        "answered": sum(answered is not None for answered, _, _ in own),
        "on_time": sum(in_time is True for _, in_time, _ in own),
        "answered_late": sum(in_time is False for _, in_time, _ in own),
        "asked": sum(satisfied is not None for _, _, satisfied in own),
        "satisfied": sum(satisfied is True for _, _, satisfied in own),
    }[count]


@family
def excluded(release: Release, code: str, version: str, reason: str) -> Value:
    unit_ids = ", ".join(f"'{unit}'" for unit in release.units)
    return release.one(
        "select count(*) from fct_dossier_verdicts where period_key = $period and indicator_code = $code"
        " and rule_version = $version and exclusion_code = $reason"
        f" and dossier_key in (select dossier_key from fct_dossiers where unit_id in ({unit_ids}))",
        code=code,
        version=version,
        reason=reason,
    )


@family
def land_target(release: Release) -> Value:
    found = release.rows(
        "select distinct target from fct_indicators join bridge_unit_ancestors as above"
        " on fct_indicators.unit_id = above.ancestor_unit_id where above.descendant_unit_id = $unit"
        " and period_key = $period and field_code = 'land' and scope = 'with_children' and target is not null"
    )
    return float(found[0][0])


@family
def restatements(release: Release) -> Value:
    """Figures of the report's units in its period and those of the trend."""
    back = {"quarter": 7, "month": 12, "half_year": 4, "year": 4}
    ((kind, calendar),) = release.rows(
        "select period_type, calendar from dim_periods where period_key = $period"
    )
    keys = release.rows(
        f"select period_key from dim_periods where period_type = '{kind}' and calendar = '{calendar}'"
        f" and ends_on <= date '{release.last_day}' order by ends_on desc limit {back[kind] + 1}"
    )
    found = release.rows("select period_key, unit_id from fct_indicators where status = 'restated'")
    return sum((key,) in keys and unit in release.units for key, unit in found)
