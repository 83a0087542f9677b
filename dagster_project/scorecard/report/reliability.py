"""How far the figures can be relied on: findings, checks, bases, what no rate judges, what was restated."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from dagster_project.publish.literals import texts
from dagster_project.scorecard.report.frame import ON_TIME, Row, rows

RESTATED_SHOWN = 200


@dataclass(frozen=True)
class Reliability:
    """Counts behind the data-quality notes.

    ``checks``: status, count; ``failed``: checks of the newest run that did not pass; ``bases``: what the
    state of the judged dossiers rests on; ``excluded``: verdicts left out of a rate, by reason;
    ``files``: status, files, rows_read, rows_quarantined.
    """

    findings: list[Row]
    checks: list[Row]
    failed: list[Row]
    bases: list[Row]
    excluded: list[Row]
    files: list[Row]


def reliability(connection: duckdb.DuckDBPyConnection) -> Reliability:
    """Everything the data-quality section says."""
    latest = "run_id = (select max(run_id) from quality_results)"
    return Reliability(
        findings=_findings(connection),
        checks=rows(
            connection,
            f"select status, count(*) as count from quality_results where {latest} group by status"
            " order by status <> 'pass', status",
        ),
        failed=rows(
            connection,
            f"select * from quality_results where {latest} and status <> 'pass'"
            " order by severity, suite, expectation_id",
        ),
        bases=rows(
            connection,
            f"""
            select coalesce(dossiers.state_basis, 'unknown') as basis, count(*) as count
            from fct_dossier_verdicts as verdicts
            inner join report_period using (period_key)
            inner join fct_dossiers as dossiers using (dossier_key)
            inner join report_units using (unit_id)
            where {ON_TIME} and verdicts.in_denominator = 1
            group by basis
            order by count desc, basis
            """,
        ),
        excluded=rows(
            connection,
            """
            select verdicts.indicator_code, verdicts.rule_version, indicators.name_vi, indicators.name_en,
                verdicts.exclusion_code, count(*) as count
            from fct_dossier_verdicts as verdicts
            inner join dim_indicators as indicators using (indicator_code, rule_version)
            inner join report_period using (period_key)
            inner join fct_dossiers as dossiers using (dossier_key)
            inner join report_units using (unit_id)
            where verdicts.exclusion_code is not null
            group by all
            order by all
            """,
        ),
        files=rows(
            connection,
            "select status, count(distinct file) as files, sum(rows_read)::bigint as rows_read,"
            " sum(rows_quarantined)::bigint as rows_quarantined from ingest_outcomes"
            " group by status order by status",
        ),
    )


def _findings(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Findings by code: of dossiers judged in the period, of the report's units, of all units."""
    return rows(
        connection,
        """
        with judged as (
            select distinct dossier_key from fct_dossier_verdicts inner join report_period using (period_key)
        )
        select findings.finding_code, max(findings.finding_name_vi) as name_vi,
            max(findings.finding_name_en) as name_en,
            count(report_units.unit_id) filter (judged.dossier_key is not null) as in_period,
            count(report_units.unit_id) as of_units, count(*) as of_all
        from fct_integrity_findings as findings
        left join report_units on findings.unit_id = report_units.unit_id
        left join judged on findings.dossier_key = judged.dossier_key
        group by findings.finding_code
        order by in_period desc, of_units desc, findings.finding_code
        """,
    )


@dataclass(frozen=True)
class Restatements:
    """Figures that differ from what was published as final; ``shown`` are the first of ``count``."""

    count: int
    shown: list[Row]


def restatements(connection: duckdb.DuckDBPyConnection, period_keys: list[str]) -> Restatements:
    """What changed since publication in the given periods, the report's own period and unit first."""
    found = rows(
        connection,
        f"""
        select figures.period_key, report_units.unit_id, report_units.unit_name, figures.scope,
            figures.field_code, fields.name_vi as field_name, figures.indicator_code, figures.rule_version,
            indicators.name_vi, indicators.name_en, figures.measure_type, figures.numerator,
            figures.denominator, figures.value, figures.published_value, figures.published_release_id,
            figures.restatement_reason
        from fct_indicators as figures
        inner join report_units using (unit_id)
        inner join dim_indicators as indicators using (indicator_code, rule_version)
        left join dim_fields as fields on figures.field_code = fields.field_code
        cross join report_period
        where figures.status = 'restated' and list_contains({texts(period_keys)}, figures.period_key)
        order by figures.period_key <> report_period.period_key, figures.period_key desc,
            figures.scope desc, figures.field_code <> 'all', report_units.unit_name,
            indicators.display_order, figures.rule_version
        """,
    )
    return Restatements(len(found), found[:RESTATED_SHOWN])
