"""Reads one dossier's life from the published marts; nothing else is opened."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import duckdb

from dagster_project.errors import CchcError, ConfigError
from dagster_project.explain.durations import Spans, WorkingDays, spans_off_the_clock, step_days
from dagster_project.explain.life import (
    Entry,
    Finding,
    Header,
    Holder,
    Life,
    Step,
    Verdict,
    label,
)
from dagster_project.home import Home
from dagster_project.publish.literals import moment, text
from dagster_project.publish.manifest import published_manifest
from dagster_project.scorecard.marts import open_marts

NEAR_CODES = 3
# External units hold no officers of ours; unknown ones are nobody to name.
_UNITS = """
    select unit_id, arg_max(unit_name, valid_from_on) as unit_name, bool_or(kind = 'external') as is_external
    from dim_units group by unit_id
"""
_OFFICERS = "select officer_key, nullif(officer_id, 'unknown') as officer_id from dim_officers"


def read_life(home: Home, dossier_code: str, namespace: str | None = None, calendar: str = "rep") -> Life:
    """The life of a dossier; verdicts are of the newest quarter of ``calendar`` in which it counts.

    Raises ConfigError, one line, for an unknown calendar or code (with the codes that look most alike), and
    for a code that several namespaces gave.
    """
    if calendar not in ("rep", "cal"):
        raise ConfigError(f"--calendar {calendar}: unknown; choose rep (15th to 14th) or cal")
    manifest = published_manifest(home)
    with open_marts(home) as connection:
        if manifest is None:
            raise CchcError(f"{home.published}: nothing is published yet; run cchc refresh")
        key = _find(connection, dossier_code.strip(), namespace)
        header = _header(connection, key)
        steps = _step_rows(connection, key)
        timeline = _events(connection, key, steps)
        until = header.finished_at or datetime.combine(header.as_of_on, datetime.max.time())
        off_the_clock = spans_off_the_clock(timeline, until)
        moments = [row[name] for row in steps for name in ("started_at", "finished_at", "due_at")]
        days = _working_days(
            connection, [*moments, until, *(each for span in off_the_clock for each in span)]
        )
        return Life(
            release_id=manifest.release_id,
            is_synthetic=manifest.is_synthetic,
            header=header,
            timeline=tuple(_in_order([*timeline, *_due_dates(connection, key)])),
            steps=tuple(_step(row, days, off_the_clock, until) for row in steps),
            holders=_holders(connection, key),
            findings=_findings(connection, key),
            verdicts=_verdicts(connection, key, calendar),
        )


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = connection.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _find(connection: duckdb.DuckDBPyConnection, code: str, namespace: str | None) -> int:
    found = _rows(
        connection,
        "select dossier_key, namespace from fct_dossiers"
        f" where upper(dossier_code) = upper({text(code)})"
        + (f" and namespace = {text(namespace)}" if namespace else "")
        + f" order by dossier_code = {text(code)} desc, namespace",
    )
    if not found:
        near = _rows(
            connection,
            "select dossier_code from fct_dossiers"
            f" order by levenshtein(upper(dossier_code), upper({text(code)})), dossier_code"
            f" limit {NEAR_CODES}",
        )
        alike = ", ".join(dict.fromkeys(str(row["dossier_code"]) for row in near))
        hint = f"; the most alike: {alike}" if alike else "; no dossier is published"
        raise ConfigError(f"dossier {code}: not in the published marts{hint}")
    namespaces = [str(row["namespace"]) for row in found]
    if len(set(namespaces)) > 1:
        raise ConfigError(
            f"dossier {code}: {len(found)} namespaces gave this code;"
            f" choose --namespace {' or '.join(namespaces)}"
        )
    return int(found[0]["dossier_key"])


def _header(connection: duckdb.DuckDBPyConnection, key: int) -> Header:
    (row,) = _rows(
        connection,
        f"""
        with units as ({_UNITS}), officers as ({_OFFICERS})
        select
            dossiers.dossier_key, dossiers.dossier_code, dossiers.namespace, dossiers.procedure_code,
            procedures.procedure_name, fields.name_vi as field_name,
            coalesce(units.unit_name, dossiers.unit_id) as unit_name,
            coalesce(receivers.unit_name, dossiers.receiving_unit_id) as receiving_unit_name,
            channels.name_vi as channel_name, coalesce(officers.officer_id, 'unknown') as officer_id,
            dossiers.submitted_at, dossiers.received_at, dossiers.due_at, dossiers.due_reason,
            dossiers.finished_at, dossiers.returned_at, statuses.name_vi as status_name, dossiers.timeliness,
            dossiers.late_days, dossiers.working_days_used, dossiers.state_basis, dossiers.flags,
            dossiers.as_of_on
        from fct_dossiers as dossiers
        left join dim_procedures as procedures on dossiers.procedure_key = procedures.procedure_key
        left join dim_fields as fields on dossiers.field_code = fields.field_code
        left join units on dossiers.unit_id = units.unit_id
        left join units as receivers on dossiers.receiving_unit_id = receivers.unit_id
        left join dim_channels as channels on dossiers.channel = channels.channel
        left join officers on dossiers.responsible_officer_key = officers.officer_key
        left join dim_statuses as statuses on dossiers.status_code = statuses.status_code
        where dossiers.dossier_key = {key}
        """,
    )
    return Header(**row)


def _step_rows(connection: duckdb.DuckDBPyConnection, key: int) -> list[dict[str, Any]]:
    return _rows(
        connection,
        f"""
        with units as ({_UNITS}), officers as ({_OFFICERS})
        select
            steps.step_no, coalesce(steps.step_name, '') as name,
            steps.unit_id, coalesce(units.unit_name, steps.unit_id) as unit_name, officers.officer_id,
            coalesce(units.is_external, false) as is_external,
            steps.started_at, steps.finished_at, steps.due_at, steps.allowed_days
        from fct_dossier_steps as steps
        left join units on steps.unit_id = units.unit_id
        left join officers on steps.officer_key = officers.officer_key
        where steps.dossier_key = {key} and steps.is_governing
        order by coalesce(steps.started_at, steps.finished_at), steps.step_no, steps.step_key
        """,
    )


def _events(connection: duckdb.DuckDBPyConnection, key: int, steps: list[dict[str, Any]]) -> list[Entry]:
    # a step's event stands at its end, that of a running step at its beginning
    running: dict[datetime, list[tuple[str, str]]] = {}
    for step in steps:
        kind, at = (
            ("step", step["finished_at"]) if step["finished_at"] else ("step_begun", step["started_at"])
        )
        if at:
            running.setdefault(at, []).append((kind, step["name"]))
    rows = _rows(
        connection,
        f"""
        with units as ({_UNITS}), officers as ({_OFFICERS})
        select
            events.event_at, events.event_type, events.basis, events.clock_state_code, events.source,
            case when events.unit_id <> 'unknown' then units.unit_name end as holder,
            officers.officer_id, statuses.name_vi as status_name
        from fct_dossier_events as events
        left join units on events.unit_id = units.unit_id
        left join officers on events.officer_key = officers.officer_key
        left join dim_statuses as statuses on events.status_code = statuses.status_code
        where events.dossier_key = {key}
        order by events.event_no
        """,
    )
    entries = []
    for row in rows:
        kind, at = row["event_type"], row["event_at"]
        told = ""
        if kind == "step" and running.get(at):
            kind, told = running[at].pop(0)
        status = f" [{row['status_name']}]" if row["status_name"] else ""
        entries.append(
            Entry(
                at=at,
                kind=row["event_type"],
                text=label("events", kind) + (f": {told}" if told else "") + status,
                holder=row["holder"],
                officer_id=row["officer_id"],
                clock_state_code=row["clock_state_code"],
                basis=row["basis"],
                legal_source=None,
                source=row["source"],
            )
        )
    return entries


def _due_dates(connection: duckdb.DuckDBPyConnection, key: int) -> list[Entry]:
    rows = _rows(
        connection,
        f"""
        select
            dates.due_at, dates.known_from_at, dates.basis,
            case
                when dates.is_governing then 'due_date'
                when dates.reason = 'recomputed' then 'recomputed'
                else 'plan'
            end as kind,
            coalesce(reasons.name_vi, dates.reason) as reason_name, reasons.legal_source
        from fct_dossier_due_dates as dates
        left join dim_due_reasons as reasons on dates.reason = reasons.reason
        where dates.dossier_key = {key}
        order by dates.is_governing desc, dates.version_no
        """,
    )
    return [
        Entry(
            at=row["known_from_at"],
            kind=row["kind"],
            text=f"{label('events', row['kind'])} {row['due_at']:%d/%m/%Y %H:%M}: {row['reason_name']}",
            holder=None,
            officer_id=None,
            clock_state_code=None,
            basis=row["basis"],
            legal_source=row["legal_source"],
            source=None,
        )
        for row in rows
    ]


def _in_order(entries: list[Entry]) -> list[Entry]:
    """By time, what has none first; at one moment the submission, the receipt, then in the order given."""
    first = {"submitted": 0, "received": 1}
    return sorted(entries, key=lambda entry: (entry.at or datetime.min, first.get(entry.kind, 2)))


def _working_days(connection: duckdb.DuckDBPyConnection, moments: list[datetime | None]) -> WorkingDays:
    known = [each for each in moments if each is not None]
    rows = connection.execute(
        "select date_on, working_day_no from dim_dates"
        f" where date_on between cast({moment(min(known))} as date) and cast({moment(max(known))} as date)"
    ).fetchall()
    numbers: dict[date, int] = dict(rows)
    return WorkingDays(numbers)


def _step(row: dict[str, Any], days: WorkingDays, off_the_clock: Spans, until: datetime) -> Step:
    used, over = step_days(
        started_at=row["started_at"],
        ended_at=row["finished_at"] or until,
        due_at=row["due_at"],
        allowed_days=row["allowed_days"],
        off_the_clock=() if row["is_external"] else off_the_clock,
        days=days,
    )
    return Step(**row, used_days=used, over_days=over)


def _holders(connection: duckdb.DuckDBPyConnection, key: int) -> tuple[Holder, ...]:
    rows = _rows(
        connection,
        f"""
        with units as ({_UNITS}), officers as ({_OFFICERS})
        select
            coalesce(units.unit_name, holders.unit_id) as unit_name, officers.officer_id,
            holders.is_holder_at_due, holders.working_days_used, holders.working_days_allowed,
            holders.working_days_over, holders.late_days_share, holders.cause_code,
            coalesce(causes.name_vi, holders.cause_code) as cause_name, holders.is_subjective
        from fct_delay_responsibility as holders
        left join units on holders.unit_id = units.unit_id
        left join officers on holders.officer_key = officers.officer_key
        left join dim_delay_causes as causes on holders.cause_code = causes.cause_code
        where holders.dossier_key = {key}
        order by holders.late_days_share desc, holders.is_holder_at_due desc, unit_name, officers.officer_id
        """,
    )
    return tuple(Holder(**row) for row in rows)


def _findings(connection: duckdb.DuckDBPyConnection, key: int) -> tuple[Finding, ...]:
    rows = _rows(
        connection,
        f"""
        select finding_code, finding_name_vi as name, found_at, evidence, source
        from fct_integrity_findings where dossier_key = {key} order by found_at, finding_code
        """,
    )
    return tuple(Finding(**row) for row in rows)


def _verdicts(connection: duckdb.DuckDBPyConnection, key: int, calendar: str) -> tuple[Verdict, ...]:
    rows = _rows(
        connection,
        f"""
        with ranked as (
            select
                verdicts.*, periods.is_closed,
                row_number() over (
                    partition by verdicts.indicator_code, verdicts.rule_version
                    order by periods.ends_on desc
                ) as newest_first
            from fct_dossier_verdicts as verdicts
            inner join dim_periods as periods on verdicts.period_key = periods.period_key
            where verdicts.dossier_key = {key}
                and periods.calendar = {text(calendar)} and periods.period_type = 'quarter'
        )
        select
            ranked.indicator_code, ranked.rule_version,
            coalesce(names.name_vi, ranked.indicator_code) as name,
            ranked.period_key, ranked.is_closed, ranked.in_numerator = 1 as in_numerator,
            ranked.in_denominator = 1 as in_denominator, ranked.exclusion_code, names.direction,
            names.legal_source
        from ranked
        left join dim_indicators as names
            on ranked.indicator_code = names.indicator_code and ranked.rule_version = names.rule_version
        where ranked.newest_first = 1
        order by names.display_order, ranked.indicator_code, ranked.rule_version
        """,
    )
    return tuple(Verdict(**row) for row in rows)
