"""Reads the figures of a scorecard and the closed periods from the published marts.

Formatting is in ``terminal`` and ``files``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from dagster_project.errors import CchcError, ConfigError
from dagster_project.home import Home
from dagster_project.publish.literals import text, texts
from dagster_project.publish.manifest import published_manifest
from dagster_project.scorecard.marts import open_marts
from dagster_project.scorecard.to_date import to_date_query

CALENDARS = ("rep", "cal")
ROOT_UNIT = "root"
# Beginning of the codes that are counted for the whole body only.
OF_WHOLE_BODY = "PUB_"
TREND_PERIODS = 4
# The place in the register of indicators from which on one is a detail (dim_indicators.display_order).
DETAILS_FROM = 500
YEARS = 3


@dataclass(frozen=True)
class Period:
    """One row of dim_periods."""

    period_key: str
    calendar: str
    period: str
    period_type: str
    starts_on: date
    ends_on: date
    is_closed: bool


@dataclass(frozen=True)
class Counts:
    """A value with the counts it comes from; counts are None where a value has none."""

    numerator: float | None
    denominator: float | None
    value: float | None


@dataclass(frozen=True)
class ScorecardRow:
    """One indicator of one unit and field under one rule.

    ``trend``: values of the preceding periods of the type, oldest first; of a score only those out of the
    same maximum. ``years``: those of the closed calendar years. ``to_date``: from the beginning of the
    period's year to its end, None where that cannot be told. ``field_name`` is None over all fields.
    ``max_score``: what ``score`` can reach at most, None where no source says.
    """

    unit_id: str
    unit_name: str
    field_code: str
    field_name: str | None
    indicator_code: str
    rule_version: str
    name_vi: str
    name_en: str
    measure_type: str
    numerator: float | None
    denominator: float | None
    value: float | None
    target: float | None
    is_met: bool | None
    status: str
    published_value: float | None
    score: float | None
    max_score: float | None
    display_order: int
    trend: tuple[float | None, ...]
    years: tuple[float | None, ...]
    to_date: Counts | None

    @property
    def is_empty(self) -> bool:
        """Nothing was counted, now or before: there is no figure to read."""
        return not any(value is not None for value in (self.value, *self.trend, *self.years))

    @property
    def is_headline(self) -> bool:
        """Stands on the terminal; details (strict readings, ages …) stand in files and pages."""
        return self.display_order < DETAILS_FROM


@dataclass(frozen=True)
class Scorecard:
    """The figures of one unit, with all units below it, in one period, as one release has them.

    ``rows`` are the unit's figures over all fields, then every target that was set for the unit, or for a
    unit above it, in one field.
    """

    release_id: str
    as_of_on: date | None
    is_synthetic: bool
    period: Period
    trend_periods: tuple[str, ...]
    years: tuple[str, ...]
    unit_id: str
    unit_code: str
    unit_name: str
    scope: str
    rows: tuple[ScorecardRow, ...]


def read_scorecard(
    home: Home,
    period: str | None = None,
    calendar: str = "rep",
    unit: str | None = None,
    scope: str = "with_children",
    trend_periods: int = TREND_PERIODS,
) -> Scorecard:
    """The scorecard of one period; default is the newest closed quarter with figures, or the newest one.

    ``unit`` is a unit's code or id; without it, the one unit that has targets over all fields (later on the
    unit that took it over), else all units together. ``trend_periods``: how many periods before this one.
    Raises ConfigError for an unknown calendar, period or unit.
    """
    if calendar not in CALENDARS:
        raise ConfigError(f"--calendar {calendar}: unknown; choose rep (15th to 14th) or cal")
    manifest = published_manifest(home)
    with open_marts(home) as connection:
        wanted = _find_period(connection, calendar, period)
        earlier = _earlier_periods(connection, wanted, trend_periods)
        years = _closed_years(connection, wanted)
        unit_id, unit_code, unit_name = _find_unit(connection, unit or _unit_with_targets(connection, wanted))
        rows = _rows(connection, wanted, earlier, years, unit_id, scope)
        release_id = release_of(connection)
        as_of = connection.execute("select max(as_of_on) from fct_indicators").fetchone()
    return Scorecard(
        release_id=release_id,
        as_of_on=as_of[0] if as_of else None,
        is_synthetic=manifest is not None and manifest.is_synthetic,
        period=wanted,
        trend_periods=tuple(each.period for each in earlier),
        years=tuple(each.period for each in years),
        unit_id=unit_id,
        unit_code=unit_code,
        unit_name=unit_name,
        scope=scope,
        rows=rows,
    )


def closed_periods(home: Home) -> list[str]:
    """Keys (``rep:2024Q1``) of the published release's closed periods, by calendar and time."""
    with open_marts(home) as connection:
        found = connection.execute(
            "select period_key from dim_periods where is_closed order by calendar, starts_on, ends_on"
        ).fetchall()
    return [str(key) for (key,) in found]


def newest_closed_quarters(home: Home) -> list[str]:
    """The key of the newest closed quarter with figures, of each calendar that has one."""
    with open_marts(home) as connection:
        found = connection.execute(
            "select max_by(period_key, ends_on) from dim_periods where is_closed and period_type = 'quarter'"
            " and period_key in (select period_key from fct_indicators) group by calendar order by calendar"
        ).fetchall()
    return [str(key) for (key,) in found]


# The newest version of each unit and one name per indicator (its rule versions share it).
UNITS = """
    select
        unit_id,
        arg_max(unit_code, valid_from_on) as unit_code,
        arg_max(unit_name, valid_from_on) as unit_name
    from dim_units
    group by unit_id
"""
NAMES = """
    select indicator_code, min(name_vi) as name_vi, min(name_en) as name_en,
        min(display_order) as display_order
    from dim_indicators group by indicator_code
"""


def release_of(connection: duckdb.DuckDBPyConnection) -> str:
    """The id of the release that a connection reads."""
    # From the file itself: the manifest beside it may be a moment older or newer.
    found = connection.execute("select max(release_id) from published_indicators").fetchone()
    return str(found[0]) if found and found[0] is not None else "unknown"


_PERIOD_COLUMNS = "period_key, calendar, period, period_type, starts_on, ends_on, is_closed"


def _find_period(connection: duckdb.DuckDBPyConnection, calendar: str, period: str | None) -> Period:
    here = f"calendar = {text(calendar)}"
    if period is None:
        found = connection.execute(
            f"select {_PERIOD_COLUMNS} from dim_periods where {here} and period_type = 'quarter'"
            " order by period_key in (select period_key from fct_indicators) desc, is_closed desc,"
            " ends_on desc limit 1"
        ).fetchone()
        if found is None:
            raise CchcError("the published marts hold no quarter yet; load dossiers and run cchc refresh")
    else:
        found = connection.execute(
            f"select {_PERIOD_COLUMNS} from dim_periods where {here} and period = {text(period)}"
        ).fetchone()
        if found is None:
            known = connection.execute(
                f"select min(period), max(period) from dim_periods where {here} and period_type = 'quarter'"
            ).fetchone()
            first, last = known if known and known[0] else ("none", "none")
            raise ConfigError(
                f"--period {period}: not in calendar {calendar}; quarters go from {first} to {last}"
            )
    return Period(*found)


def _earlier_periods(connection: duckdb.DuckDBPyConnection, period: Period, count: int) -> list[Period]:
    found = connection.execute(
        f"select {_PERIOD_COLUMNS} from dim_periods where calendar = {text(period.calendar)}"
        f" and period_type = {text(period.period_type)} and ends_on < date {text(period.starts_on)}"
        f" order by ends_on desc limit {count}"
    ).fetchall()
    return [Period(*row) for row in reversed(found)]


def _closed_years(connection: duckdb.DuckDBPyConnection, period: Period) -> list[Period]:
    """The newest closed calendar years that the data cover from their first month on, oldest first."""
    found = connection.execute(
        f"select {_PERIOD_COLUMNS} from dim_periods where calendar = 'cal' and period_type = 'year'"
        " and is_closed and starts_on >= (select min(starts_on) from dim_periods"
        " where calendar = 'cal' and period_type = 'month'"
        " and period_key in (select period_key from fct_indicators))"
        f" order by ends_on desc limit {YEARS}"
    ).fetchall()
    return [Period(*row) for row in reversed(found) if row[0] != period.period_key]


def _unit_with_targets(connection: duckdb.DuckDBPyConnection, period: Period) -> str:
    found = connection.execute(
        f"""
        with targeted as (
            select distinct unit_id from fct_indicators
            where target is not null and field_code = 'all' and scope = 'with_children'
        ),
        units as (
            select unit_id, any_value(current_unit_id) as current_unit_id, min(valid_from_on) as begins_on,
                max(coalesce(valid_to_on, date '9999-12-31')) as ends_on
            from dim_units group by unit_id
        )
        select distinct case when ends_on < date {text(period.ends_on)} then current_unit_id else unit_id end
        from targeted inner join units using (unit_id)
        where begins_on <= date {text(period.ends_on)}
        """
    ).fetchall()
    return str(found[0][0]) if len(found) == 1 else ROOT_UNIT


def _find_unit(connection: duckdb.DuckDBPyConnection, unit: str) -> tuple[str, str, str]:
    found = connection.execute(
        f"with units as ({UNITS}) select unit_id, unit_code, unit_name from units"
        f" where {text(unit)} in (unit_id, unit_code) order by unit_id = {text(unit)} desc, unit_id limit 1"
    ).fetchone()
    if found is None:
        raise ConfigError(
            f"--unit {unit}: no such unit; see cchc sql 'select unit_code, unit_name from dim_units'"
        )
    return found[0], found[1] or found[0], found[2] or found[0]


def _rows(
    connection: duckdb.DuckDBPyConnection,
    period: Period,
    earlier: list[Period],
    years: list[Period],
    unit_id: str,
    scope: str,
) -> tuple[ScorecardRow, ...]:
    found = connection.execute(
        f"""
        with names as ({NAMES}),
        units as ({UNITS}),
        above as (
            select ancestor_unit_id as unit_id from bridge_unit_ancestors
            where descendant_unit_id = {text(unit_id)}
                and date {text(period.ends_on)} between valid_from_on and valid_to_on
        ),
        targeted as (
            select unit_id, field_code, indicator_code from fct_indicators
            where period_key = {text(period.period_key)} and target is not null
                and scope = 'with_children' and field_code <> 'all'
                and unit_id in (select unit_id from above)
        )
        select
            figures.period_key, figures.unit_id, figures.field_code, figures.indicator_code,
            figures.rule_version, coalesce(units.unit_name, figures.unit_id), fields.name_vi,
            coalesce(rules.name_vi, names.name_vi, figures.indicator_code),
            coalesce(rules.name_en, names.name_en, figures.indicator_code),
            figures.measure_type, figures.numerator, figures.denominator, figures.value, figures.target,
            figures.is_met, figures.status, figures.published_value, figures.score,
            figures.max_score, coalesce(rules.display_order, names.display_order, 0)
        from fct_indicators as figures
        left join names using (indicator_code)
        left join dim_indicators as rules
            on figures.indicator_code = rules.indicator_code and figures.rule_version = rules.rule_version
        left join units on figures.unit_id = units.unit_id
        left join dim_fields as fields on figures.field_code = fields.field_code
        where list_contains({texts(each.period_key for each in (*earlier, *years, period))}, period_key)
            and (
                (figures.unit_id = {text(unit_id)} and scope = {text(scope)} and figures.field_code = 'all')
                -- announced for the whole body: whoever is asked about, it stands at the root
                or (figures.unit_id = {text(ROOT_UNIT)} and scope = {text(scope)}
                    and figures.field_code = 'all'
                    and starts_with(figures.indicator_code, {text(OF_WHOLE_BODY)}))
                or (scope = 'with_children' and exists (
                    select 1 from targeted
                    where targeted.unit_id = figures.unit_id and targeted.field_code = figures.field_code
                        and targeted.indicator_code = figures.indicator_code
                ))
            )
        order by figures.field_code <> 'all', names.display_order, figures.indicator_code, rule_version
        """
    ).fetchall()
    values = {row[:5]: (_number(row[12]), _number(row[18])) for row in found}
    places = {(row[1], row[2], scope if row[2] == "all" else "with_children") for row in found}
    to_date = _to_date(connection, period, places) if places else {}
    return tuple(
        _row(row, values, [each.period_key for each in earlier], [each.period_key for each in years], to_date)
        for row in found
        if row[0] == period.period_key
    )


def _to_date(
    connection: duckdb.DuckDBPyConnection, period: Period, places: set[tuple[str, str, str]]
) -> dict[tuple[Any, ...], Counts]:
    """The year to date of the places (unit, field, scope) by unit, field, indicator and rule version."""
    named = ", ".join(
        f"({text(unit)}, {text(field)}, {text(scope)})" for unit, field, scope in sorted(places)
    )
    query = to_date_query([period.period_key], f"(unit_id, field_code, scope) in ({named})")
    found = connection.execute(
        "select unit_id, field_code, indicator_code, rule_version, numerator, denominator, value"
        f" from ({query})"
    ).fetchall()
    return {row[:4]: Counts(*map(_number, row[4:])) for row in found}


def _row(
    found: tuple[Any, ...],
    values: dict[tuple[Any, ...], tuple[float | None, float | None]],
    earlier: list[str],
    years: list[str],
    to_date: dict[tuple[Any, ...], Counts],
) -> ScorecardRow:
    _, unit_id, field_code, code, version, unit_name, field_name, name_vi, name_en, measure, *rest = found
    *figures, is_met, status, published, score, max_score, display_order = rest
    numerator, denominator, value, target = (_number(figure) for figure in figures)
    same = found[1:5]

    def then(period_key: str) -> float | None:
        # Points out of another maximum (other indices were known) say nothing beside these.
        value, most = values.get((period_key, *same), (None, None))
        return value if measure != "score" or most == _number(max_score) else None

    return ScorecardRow(
        unit_id,
        unit_name,
        field_code,
        field_name,
        code,
        version,
        name_vi,
        name_en,
        measure,
        numerator,
        denominator,
        value,
        target,
        is_met,
        status,
        _number(published),
        _number(score),
        _number(max_score),
        int(display_order),
        trend=tuple(then(each) for each in earlier),
        years=tuple(then(each) for each in years),
        to_date=to_date.get(same),
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
