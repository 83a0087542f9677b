"""What a public release leaves out, on tables small enough to read."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from dagster_project.publish.privacy import Privacy
from dagster_project.settings import Settings

TABLES = {
    "dim_officers": "(0, 'unknown', 'unknown', null), (7, 'P-1', 'P-1', 'Trưởng phòng')",
    "fct_officer_periods": "('q', 'A', 7, 'P-1', 12)",
    "fct_documents": "(1, 'A', 7, 'P-1', 'in')",
    "fct_unit_workload_periods": (
        "('q', 'A', 1, 'own', 4, 80, 0.5), ('q', 'B', 2, 'own', 5, 100, 0.25), ('q', 'C', 3, 'own', 0, null, null)"
    ),
}
COLUMNS = {
    "dim_officers": ["officer_key", "officer_id", "officer_code", "position"],
    "fct_officer_periods": ["period_key", "unit_id", "officer_key", "officer_id", "documents_in"],
    "fct_documents": ["document_key", "unit_id", "main_officer_key", "main_officer_id", "direction"],
    "fct_unit_workload_periods": [
        "period_key", "unit_id", "unit_key", "scope", "officers_count", "documents_in", "dossiers_late_share",
    ],
}  # fmt: skip


def shown(table: str, privacy: Privacy) -> list[tuple[Any, ...]]:
    columns = COLUMNS[table]
    with duckdb.connect() as connection:
        connection.execute(
            f"create table source as select * from (values {TABLES[table]}) as rows ({', '.join(columns)})"
        )
        made = connection.execute(privacy.select(table, columns, "source") + " order by all")
        assert [column[0] for column in made.description] == columns
        return made.fetchall()


@pytest.mark.parametrize("table", TABLES)
def test_internal_shows_everything(table: str) -> None:
    with duckdb.connect() as connection:
        everything = connection.execute(f"select * from (values {TABLES[table]}) order by all").fetchall()
    assert shown(table, Privacy()) == everything


def test_public_knows_the_unknown_officer_only() -> None:
    public = Privacy(is_public=True)
    assert shown("dim_officers", public) == [(0, "unknown", "unknown", None)]
    assert shown("fct_officer_periods", public) == []
    assert shown("fct_documents", public) == [(1, "A", 0, "unknown", "in")]


def test_public_shows_no_figures_of_fewer_than_five_officers() -> None:
    rows = shown("fct_unit_workload_periods", Privacy(is_public=True))
    assert rows == [
        ("q", "A", 1, "own", None, None, None),
        ("q", "B", 2, "own", 5, 100, pytest.approx(0.25)),
        ("q", "C", 3, "own", 0, None, None),
    ]
    assert shown("fct_unit_workload_periods", Privacy(is_public=True, min_group=6))[1][4:] == (
        None,
        None,
        None,
    )


def test_marts_are_internal_and_reports_public_unless_the_setting_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def labels() -> tuple[str, str]:
        settings = Settings()
        return settings.marts_privacy.label, settings.reports_privacy.label

    monkeypatch.delenv("CCHC_PRIVACY", raising=False)
    assert labels() == ("internal", "public")
    monkeypatch.setenv("CCHC_PRIVACY", "public")
    assert labels() == ("public", "public")
    monkeypatch.setenv("CCHC_PRIVACY", "internal")
    assert labels() == ("internal", "internal")
