"""Histories from the staged rows of a warehouse: what sources said, typed, before any rule was applied.

Which source tells of a dossier is decided in staging (``is_governing``; decisions 0032 and 0033) and taken as given.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from tests.reckoning.histories import Appointment, History, Limit, Pause, Step, Supplement

Row = dict[str, Any]
Rows = dict[int, list[Row]]


def read_as_of(warehouse: Path) -> date:
    """The as-of day of the run that built the warehouse."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        ((as_of,),) = connection.execute("select as_of_on from control.run_context").fetchall()
    found: date = as_of
    return found


def read_histories(warehouse: Path) -> list[History]:
    """One history per dossier that any staged row names."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:

        def rows(table: str, order: str = "record_key") -> Rows:
            found = connection.execute(f"select * from staging.{table} order by {order}")
            names = [column[0] for column in found.description]
            by_key: Rows = defaultdict(list)
            for row in found.fetchall():
                named = dict(zip(names, row, strict=True))
                by_key[named["dossier_key"]].append(named)
            return by_key

        parts = {
            table: rows(table)
            for table in ("stg_due_dates", "stg_supplement_requests", "stg_pauses", "stg_dossier_steps")
        }
        versions = rows("stg_dossier_versions", "extracted_at, version_no, record_key")
        procedures = _limits_of_procedures(connection)
        headers = {key: found[0] for key, found in rows("stg_dossiers").items()}
    keys = headers.keys() | {key for part in parts.values() for key in part}
    return [
        _history(
            headers.get(key),
            versions.get(key, []),
            {table: _counting(part.get(key, []), headers.get(key)) for table, part in parts.items()},
            procedures,
        )
        for key in sorted(keys)
        if headers.get(key)
        or any(row["dossier_code"] for part in parts.values() for row in part.get(key, []))
    ]


def _limits_of_procedures(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[date, date, Row]]]:
    found = connection.execute("""
        select procedure_code, limit_value, limit_unit, field_code, valid_from_on, valid_to_on
        from staging.stg_procedures
    """)
    by_code: dict[str, list[tuple[date, date, Row]]] = defaultdict(list)
    for code, value, unit, field_code, first, last in found.fetchall():
        row = {"limit_value": value, "limit_unit": unit, "field_code": field_code}
        by_code[code].append((first or date.min, last or date.max, row))
    return by_code


def _counting(rows: list[Row], header: Row | None) -> list[Row]:
    """Rows of the source that governs; what it took back counts only where it took back the whole dossier."""
    is_all_deleted = bool(header and header["is_deleted_at_source"])
    return [
        row for row in rows if row["is_governing"] and (is_all_deleted or not row["is_deleted_at_source"])
    ]


def _history(
    header: Row | None, versions: list[Row], parts: dict[str, list[Row]], procedures: Any
) -> History:
    if header is None:
        code = next(row["dossier_code"] for rows in parts.values() for row in rows)
        history = History(code, None, has_row=False)
    else:
        history = History(header["dossier_code"], header["received_at"])
        for name in (
            "competent_received_at", "submitted_at", "channel", "field_code", "procedure_code", "finished_at",
            "returned_at", "refused_at",
        ):  # fmt: skip
            setattr(history, name, header[name])
        history.is_remote_area = bool(header["is_remote_area"])
        history.is_deleted = header["is_deleted_at_source"]
        history.limit = _limit(header)
        _add_procedure(history, procedures)
        history.statuses_seen = _changes(
            [
                (row["extracted_at"], row["status_code"])
                for row in versions
                if row["source"] == header["state_source"]
            ]
        )
    trusted = header["state_precedence"] if header else None
    history.steps = [
        Step(
            row["finished_at"] or row["started_at"],
            row["step_no"] or 0,
            row["status_code"] if trusted is None or row["precedence"] <= trusted else None,
        )
        for row in parts["stg_dossier_steps"]
        if row["finished_at"] or row["started_at"]
    ]
    history.supplements = [
        Supplement(row["requested_at"], row["answered_at"])
        for row in parts["stg_supplement_requests"]
        if row["requested_at"]
    ]
    history.pauses = [
        Pause(row["paused_at"], row["resumed_at"], row["reason"].lower() if row["reason"] else None)
        for row in parts["stg_pauses"]
        if row["paused_at"]
    ]
    history.appointments = _appointments(
        header, versions, parts["stg_due_dates"], parts["stg_supplement_requests"]
    )
    return history


def _limit(row: Row) -> Limit | None:
    if row["limit_value"] is None or row["limit_unit"] is None:
        return None
    second = row.get("limit_value_2")
    return Limit(
        float(row["limit_value"]),
        row["limit_unit"].lower(),
        float(second) if second else None,
        row.get("limit_unit_2"),
    )


def _add_procedure(history: History, procedures: dict[str, list[tuple[date, date, Row]]]) -> None:
    """The limit of the procedure's version on the day of receipt, and its field where the dossier states none."""
    versions = sorted(procedures.get(history.procedure_code or "", []), key=lambda one: one[0])
    if history.received_at is None or not versions:
        return
    day = history.received_at.date()
    row = next((row for first, last, row in reversed(versions) if first <= day <= last), None)
    if row is None and day < versions[0][0]:
        row = versions[0][2]  # before the first known version: nothing older was ever seen
    if row is not None:
        history.procedure_limit = _limit(row)
        history.field_code = history.field_code or row["field_code"]


def _changes(seen: list[tuple[datetime, Any]]) -> list[tuple[datetime, Any]]:
    """Of what extracts showed, where it was another value than before."""
    found: list[tuple[datetime, Any]] = []
    for at, value in seen:
        if value is not None and (not found or found[-1][1] != value):
            found.append((at, value))
    return found


def _appointments(
    header: Row | None, versions: list[Row], appointments: list[Row], supplements: list[Row]
) -> list[Appointment]:
    """Every due date with its reason; what a row shows in passing counts only where no record says the same.

    A source that is trusted less than the one that keeps the appointments adds nothing to them.
    """
    received_at = header["received_at"] if header else None
    stated: set[Appointment] = set()
    keeper: int | None = None
    for row in appointments:
        reason = (row["reason"] or "unknown").lower()
        if row["due_at"] is None or reason == "planned":
            continue
        keeper = max(keeper or 0, row["precedence"])
        known = row["known_from_at"]
        if known is not None:
            stated.add(Appointment(row["due_at"], known, reason))
        elif reason == "initial" and received_at is not None:
            stated.add(Appointment(row["due_at"], received_at, reason, 3))
        else:
            stated.add(
                Appointment(row["due_at"], row["extracted_at"], reason, 3 if reason == "initial" else 1)
            )
    if header and header["original_due_at"]:
        known = received_at or header["submitted_at"] or header["extracted_at"]
        stated.add(Appointment(header["original_due_at"], known, "initial", 3))
    shown: list[Appointment] = []
    for row in supplements:
        if keeper is not None and row["precedence"] > keeper:
            continue
        if row["new_due_at"]:
            known = row["answered_at"] or row["requested_at"]
            stated.add(Appointment(row["new_due_at"], known, "after_supplement"))
        if row["previous_due_at"]:
            shown.append(Appointment(row["previous_due_at"], row["requested_at"], "unknown", 1))
    rows = [row for row in versions if row["due_at"] and (keeper is None or row["precedence"] <= keeper)]
    if rows:
        trusted = min((row["precedence"], row["source"]) for row in rows)
        dates = [
            (row["extracted_at"], row["due_at"])
            for row in rows
            if (row["precedence"], row["source"]) == trusted
        ]
        for no, (at, due_at) in enumerate(_changes(dates)):
            shown.append(Appointment(due_at, at, "edited" if no else "unknown", 2 if no else 1))
    explained = {one.due_at for one in stated}
    return list(stated | {one for one in shown if one.due_at not in explained})
