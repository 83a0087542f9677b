"""A world of a few dossiers, letters and results, and what the truth file says of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd

from dagster_project.sample import truth
from dagster_project.sample.options import Options

DEPARTMENT, OFFICE, BRANCH = "000.00.13.H11", "000.10.13.H11", "001.10.13.H11"
OLD_DIVISION, DISTRICT = "000.06.13.H11", "000.00.21.H11"
UNITS = [
    ("H11", None, "2010-01-01", None),
    (DEPARTMENT, "H11", "2010-01-01", None),
    (OFFICE, DEPARTMENT, "2010-01-01", None),
    (BRANCH, OFFICE, "2010-01-01", None),
    (OLD_DIVISION, DEPARTMENT, "2010-01-01", "2023-06-30"),
    (DISTRICT, "H11", "2010-01-01", None),
]
DOSSIER = {
    "dossier_no": 0, "dossier_code": "", "unit_code": BRANCH, "field_code": "land", "procedure_level": "province",
    "channel": "counter", "officer_no": 1, "received_at": None, "outcome": "open", "finished_at": None,
    "has_digitized_components": False, "is_reusing_data": False, "is_synced": True, "procedure_code": "P",
}  # fmt: skip
RESULT = {
    "result_code": "", "unit_code": BRANCH, "field_code": "land", "issued_on": None, "valid_to_on": None,
    "is_permanent": False, "is_electronic": False, "is_digitized": False, "digitized_on": None,
}  # fmt: skip
LETTER = {
    "document_no": 0, "direction": "in", "unit_code": DEPARTMENT, "book_code": "DEN", "register_year": 2024,
    "register_no": "", "registered_on": None, "issued_on": None, "due_on": None, "answered_on": None,
    "main_officer_no": 1,
}  # fmt: skip
COLUMNS = {
    "steps": [
        "dossier_no",
        "step_no",
        "unit_code",
        "officer_no",
        "started_at",
        "due_at",
        "finished_at",
        "allowed_days",
    ],
    "supplements": ["dossier_no", "supplement_code", "phase", "requested_at", "answered_at"],
    "pauses": ["dossier_no", "paused_at", "resumed_at"],
    "components": ["dossier_no", "document_code"],
    "document_handlers": ["document_no", "officer_no", "handler_unit_code", "role"],
    "unit_successions": ["old_unit_code", "new_unit_code", "succeeded_on", "share"],
    "posts": ["unit_code", "year", "posts_assigned", "posts_filled"],
    "procedures": [
        "procedure_code",
        "field_code",
        "valid_from_on",
        "law_effective_on",
        "decided_on",
        "published_on",
        "has_paper_result",
    ],
    "procedure_successions": ["old_procedure_code", "new_procedure_code", "succeeded_on"],
    "petitions": [
        "petition_code",
        "unit_code",
        "petition_type",
        "sent_at",
        "accepted_at",
        "transferred_at",
        "due_at",
        "answered_at",
        "published_at",
        "is_satisfied",
        "complexity",
        "is_remote",
        "instance_no",
        "handling",
    ],
    "delay_reviews": ["dossier_no", "reviewed_on", "cause_code"],
    "reported_figures": ["unit_code", "field_code", "period", "calendar", "figure_code", "value"],
    "local_targets": ["indicator_code", "unit_code", "field_code", "procedure_level", "period"],
}


def frame(rows: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=columns)
    for name in columns:
        if name.endswith(("_at", "_on")):
            made[name] = pd.to_datetime(made[name]).astype("datetime64[s]")
        elif name.endswith("_no") and name not in ("register_no", "instance_no"):
            made[name] = made[name].astype("int64")
    return made


def world(
    dossiers: list[dict[str, Any]] | None = None,
    due_dates: list[tuple[int, str, str]] | None = None,
    results: list[dict[str, Any]] | None = None,
    documents: list[dict[str, Any]] | None = None,
    **tables: list[dict[str, Any]],
) -> Any:
    """A world of the given rows. ``due_dates``: dossier_no, due_at, known_from_at, oldest first."""
    made = {name: frame(tables.get(name, []), columns) for name, columns in COLUMNS.items()}
    rows = [{**DOSSIER, "dossier_code": f"D-{row['dossier_no']}", **row} for row in dossiers or []]
    versions = [
        {"dossier_no": no, "version_no": place, "due_at": due, "known_from_at": known, "reason": "initial"}
        for place, (no, due, known) in enumerate(due_dates or [], 1)
    ]
    letters = [
        {**LETTER, "document_no": no, "register_no": str(no), **row}
        for no, row in enumerate(documents or [])
    ]  # fmt: skip
    units = [
        {"unit_code": code, "unit_name": code, "level": "province", "kind": "own", "parent_unit_code": parent,
         "valid_from_on": starts, "valid_to_on": ends}
        for code, parent, starts, ends in UNITS
    ]  # fmt: skip
    officers = [
        {"officer_no": 1, "officer_name": "Nguyễn Thị Mẫu", "unit_code": DEPARTMENT, "joined_on": "2020-01-01",
         "left_on": None},
        {"officer_no": 2, "officer_name": "Trần Văn Thử", "unit_code": BRANCH, "joined_on": "2024-04-29",
         "left_on": "2024-05-06"},
    ]  # fmt: skip
    return SimpleNamespace(
        options=Options(scale=1, seed=7),
        reorganised_on=None,
        dossiers=frame(rows, list(DOSSIER)),
        due_dates=frame(versions, ["dossier_no", "version_no", "due_at", "known_from_at", "reason"]),
        results=frame(
            [{**RESULT, "result_code": str(no), **row} for no, row in enumerate(results or [])], list(RESULT)
        ),
        documents=frame(letters, list(LETTER)),
        units=frame(units, list(units[0])),
        officers=frame(officers, list(officers[0])),
        **made,
    )


def reckon(
    made: Any, findings: list[tuple[int, str]] | None = None, extra_rows: dict[str, int] | None = None
) -> dict[str, Any]:
    planted = pd.DataFrame(findings or [], columns=["dossier_no", "finding_code"])
    return truth.reckon(made, truth.Planted(planted, extra_rows or {}))


def form(made: dict[str, Any], period: str, unit: str = BRANCH) -> dict[str, int]:
    """The one row of the form; only its columns that are not 0."""
    rows = [row for row in made["dossier_periods"] if (row["period_key"], row["unit_code"]) == (period, unit)]
    assert len(rows) == 1
    return {name: value for name, value in rows[0].items() if isinstance(value, int) and value}


def rate(
    made: dict[str, Any], indicator: str, period: str, unit: str = BRANCH, **wanted: str
) -> tuple[int, int | None] | None:
    """Numerator and denominator of the one rate; None where there is none."""
    keys = {"scope": "own", "field_code": "all", **wanted}
    rows = [
        (row["numerator"], row["denominator"])
        for row in made["rates"]
        if (row["indicator_code"], row["period_key"], row["unit_code"]) == (indicator, period, unit)
        and all(row[name] == value for name, value in keys.items())
    ]
    assert len(rows) <= 1
    return rows[0] if rows else None
