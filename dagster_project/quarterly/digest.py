"""What a quarterly run has to tell: how it ended, targets, restatements, warnings, exports missing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.home import Home
from dagster_project.publish.literals import texts
from dagster_project.publish.manifest import published_manifest
from dagster_project.publish.status import status
from dagster_project.quarterly.dates import Quarter, ended_quarters
from dagster_project.quarterly.exports import Export, required_exports
from dagster_project.scorecard.marts import open_marts
from dagster_project.scorecard.report.frame import Row, rows

PUBLISHED, NOTHING_NEW, BLOCKED, FAILED = "published", "nothing_new", "blocked", "failed"


@dataclass(frozen=True)
class Outcome:
    """How the refresh ended: one of the words above, why, and the folder of its run where there is one."""

    kind: str
    reason: str = ""
    run_folder: Path | None = None


@dataclass(frozen=True)
class Digest:
    """One quarterly run. ``targets``, ``restated`` and ``warnings`` are rows of the release that now stands.

    The warnings of a blocked run are its own, what blocks it first.
    """

    today: date
    outcome: Outcome
    release_id: str | None
    is_synthetic: bool
    quarters: list[Quarter]
    exports: list[Export]
    targets: list[Row]
    restated: list[Row]
    warnings: list[Row]

    @property
    def missed(self) -> list[Row]:
        """Targets that were not met."""
        return [row for row in self.targets if row["is_met"] is False]

    @property
    def met(self) -> list[Row]:
        """Targets that were met."""
        return [row for row in self.targets if row["is_met"]]

    @property
    def late(self) -> list[Export]:
        """Required exports whose day is over."""
        return [export for export in self.exports if export.is_late]


def read_digest(home: Home, outcome: Outcome, required: Iterable[str], today: date) -> Digest:
    """Collect the digest of a run that has just ended; works before anything was published too."""
    manifest = published_manifest(home)
    quarters: list[Quarter] = []
    targets: list[Row] = []
    restated: list[Row] = []
    warnings: list[Row] = []
    if home.marts.exists():
        with open_marts(home) as connection:
            quarters = ended_quarters(connection, today)
            closed = [each.period_key for each in quarters if each.is_closed]
            targets = _first_rules(_figures(connection, closed, "target is not null"))
            restated = _figures(connection, None, "figures.status = 'restated'")
            warnings = _findings(connection)
    if outcome.kind in (BLOCKED, FAILED):
        warnings = _verdict_findings(outcome.run_folder) or warnings
    fresh = {source: moment for source, moment in status(home).data_through.items() if moment}
    return Digest(
        today=today,
        outcome=outcome,
        release_id=manifest.release_id if manifest else None,
        is_synthetic=manifest is not None and manifest.is_synthetic,
        quarters=quarters,
        exports=required_exports(quarters, fresh, required, today),
        targets=targets,
        restated=restated,
        warnings=warnings,
    )


def _figures(
    connection: duckdb.DuckDBPyConnection, period_keys: list[str] | None, condition: str
) -> list[Row]:
    """Rows of fct_indicators with their names; with the units below where both scopes are judged."""
    chosen = "" if period_keys is None else f" and list_contains({texts(period_keys)}, figures.period_key)"
    return rows(
        connection,
        f"""
        with units as (
            select unit_id, arg_max(unit_name, valid_from_on) as unit_name from dim_units group by unit_id
        )
        select figures.period_key, figures.unit_id, coalesce(units.unit_name, figures.unit_id) as unit_name,
            figures.scope, fields.name_vi as field_name, figures.indicator_code, figures.rule_version,
            indicators.name_vi, coalesce(indicators.display_order, 0) as display_order,
            figures.measure_type, figures.numerator, figures.denominator, figures.value, figures.target,
            figures.is_met, figures.published_value, figures.restatement_reason
        from fct_indicators as figures
        left join units on figures.unit_id = units.unit_id
        left join dim_fields as fields on figures.field_code = fields.field_code
        left join dim_indicators as indicators
            on figures.indicator_code = indicators.indicator_code
            and figures.rule_version = indicators.rule_version
        where {condition}{chosen}
        qualify row_number() over (
            partition by figures.period_key, figures.unit_id, figures.field_code, figures.indicator_code,
                figures.rule_version
            order by figures.scope = 'own'
        ) = 1
        order by figures.period_key desc, figures.is_met, indicators.display_order, figures.rule_version,
            units.unit_name, figures.unit_id
        """,
    )


def _first_rules(targets: list[Row]) -> list[Row]:
    """One row per target: judged by the first of the rules of its indicator, as on the leader's page."""
    seen: set[tuple[Any, ...]] = set()
    chosen = []
    for row in sorted(targets, key=lambda row: (row["display_order"], row["rule_version"])):
        place = (row["period_key"], row["unit_id"], row["field_name"], row["indicator_code"])
        if place not in seen:
            seen.add(place)
            chosen.append(row)
    return sorted(chosen, key=targets.index)


def _findings(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    found = rows(
        connection,
        "select * from quality_results where run_id = (select max(run_id) from quality_results)"
        " and status = 'fail' order by severity, suite, expectation_id",
    )
    return [row for row in found if row["severity"] != "info"]


def _verdict_findings(folder: Path | None) -> list[Row]:
    """What blocks a run and its warnings, as its verdict has them."""
    file = folder / "verdict.json" if folder else None
    if file is None or not file.exists():
        return []
    verdict: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return [*verdict.get("blocking", []), *verdict.get("warnings", [])]
