"""Reads everything the reports of one period say, from the published marts alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from dagster_project.home import Home
from dagster_project.publish.privacy import PUBLIC, Privacy
from dagster_project.scorecard.marts import open_marts
from dagster_project.scorecard.query import Scorecard, ScorecardRow, read_scorecard
from dagster_project.scorecard.report import overdue, services, staff, standing
from dagster_project.scorecard.report.form import Form, read_form
from dagster_project.scorecard.report.frame import Row, lay_frame, rows, totals
from dagster_project.scorecard.report.reliability import (
    Reliability,
    Restatements,
    reliability,
    restatements,
)
from dagster_project.scorecard.report.subjects import Subject, by_subject

# Periods before this one that the trend shows; enough to reach the same period of the year before.
TREND = {"quarter": 7, "month": 12, "half_year": 4, "year": 4}
YEAR_BEFORE = {"quarter": 4, "month": 12, "half_year": 2, "year": 1}


@dataclass(frozen=True)
class Report:
    """All sections of one period's reports. Columns of the row lists: see the readers beside this module.

    ``counts`` sums the columns of form II.06 over the report's units.
    ``petitions`` are those sent in the period, ``late_publications`` the procedures announced after their
    day in it; ``officers`` is empty in a public edition.
    """

    card: Scorecard
    privacy: str
    subjects: list[Subject]
    form: Form
    counts: Row
    dossiers: list[Row]
    bands: list[overdue.Band]
    units: list[Row]
    worst_units: list[Row]
    worst_steps: list[Row]
    worst_procedures: list[Row]
    land_unit: Row
    land: list[Row]
    staff_total: Row
    workload: list[Row]
    officers: list[Row]
    digitization: standing.Matrix
    petitions: list[Row]
    late_publications: list[Row]
    reliability: Reliability
    restatements: Restatements

    @property
    def longest(self) -> list[Row]:
        """The ten dossiers that are overdue longest."""
        return self.dossiers[: overdue.LONGEST]

    @property
    def statuses(self) -> list[str]:
        """Which statuses the figures of the period have."""
        return sorted({row.status for row in self.card.rows})

    @property
    def as_of_on(self) -> date | None:
        return self.card.as_of_on

    def figure(self, code: str, version: str | None = None) -> ScorecardRow | None:
        """The unit's figure over all fields of an indicator (its first rule version when none is named)."""
        for row in self.card.rows:
            if row.indicator_code == code and row.field_code == "all" and version in (None, row.rule_version):
                return row
        return None

    def year_before(self, row: ScorecardRow) -> float | None:
        """The value in the same period of the year before; None where it is not known."""
        back = self.periods_back
        return row.trend[-back] if len(row.trend) >= back else None

    @property
    def periods_back(self) -> int:
        """How many periods of this type make a year."""
        return YEAR_BEFORE[self.card.period.period_type]


def read_report(home: Home, period_key: str, privacy: Privacy = PUBLIC) -> Report:
    """The report of one period for the unit that has targets (else all units), with the units below it.

    ``privacy``: a public edition shows no officer and no group smaller than its ``min_group``.
    """
    calendar, _, period = period_key.partition(":")
    kind = {4: "year", 6: "quarter"}.get(len(period), "month" if "-" in period else "half_year")
    kind = "half_year" if "H" in period else kind
    card = read_scorecard(home, period, calendar, trend_periods=TREND[kind])
    # A rule that has counted nothing yet has no line: what is unknown is told among the notes.
    card = replace(card, rows=tuple(row for row in card.rows if not row.is_empty))
    keys = [f"{calendar}:{each}" for each in (*card.trend_periods, card.period.period)]
    land_unit = _land_unit(card)
    with open_marts(home) as connection:
        lay_frame(connection, card.period, card.unit_id)
        dossiers = overdue.overdue_dossiers(connection)
        units = standing.units_by_rate(connection, "all")
        everyone = staff.workload(connection)
        if privacy.is_public:
            for dossier in dossiers:
                del dossier["holder_id"]
        return Report(
            card=card,
            privacy=privacy.label,
            subjects=by_subject(card.rows),
            form=read_form(connection),
            counts=rows(connection, _COUNTS)[0],
            dossiers=dossiers,
            bands=overdue.age_bands(dossiers),
            units=units,
            worst_units=standing.worst_units(units),
            worst_steps=standing.worst_steps(connection),
            worst_procedures=standing.worst_procedures(connection),
            land_unit=land_unit,
            land=standing.units_by_rate(connection, standing.LAND, land_unit["unit_id"]),
            staff_total=totals(everyone, (*staff.STAFF, *staff.COUNTS)),
            workload=staff.with_averages(_shown(everyone, privacy)),
            officers=[] if privacy.is_public else staff.officers(connection),
            digitization=standing.digitization(connection),
            petitions=services.petitions(connection),
            late_publications=services.late_publications(connection),
            reliability=reliability(connection),
            restatements=restatements(connection, keys),
        )


def _shown(units: list[Row], privacy: Privacy) -> list[Row]:
    return staff.merge_small(units, privacy.min_group) if privacy.is_public else units


def _land_unit(card: Scorecard) -> Row:
    """The unit whose land field is shown: the one with a target for it, else the report's own."""
    for row in card.rows:
        if row.field_code == standing.LAND and row.target is not None:
            return {"unit_id": row.unit_id, "unit_name": row.unit_name, "target": row.target}
    return {"unit_id": card.unit_id, "unit_name": card.unit_name, "target": None}


_COUNTED = (
    *("received_online", "received_other", "carried_in", "received_total"),
    *("finished_early", "finished_on_time", "finished_late", "finished_total"),
    *("open_in_time", "open_overdue", "open_total"),
    *("withdrawn", "refused", "stopped", "late_with_apology", "late_without_apology"),
)
_COUNTS = f"""
    select {", ".join(f"coalesce(sum({name}), 0)::bigint as {name}" for name in _COUNTED)}
    from fct_dossier_periods
    inner join report_period using (period_key)
    inner join report_units using (unit_id)
"""
