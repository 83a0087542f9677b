"""The one quality step: every suite as a non-blocking check, and one blocking check ``verdict``.

A blocking check on a raw table would hide what later layers find, and a non-blocking one runs beside the
publication it should stop. So all findings come first, and the verdict on the marts is the only gate.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from dagster_project.defs.run import Run
from dagster_project.failpoints import failpoint
from dagster_project.progress import report as progress
from dagster_project.quality.suites import load_suites
from dagster_project.settings import Settings

if TYPE_CHECKING:
    from dagster_project.quality.results import QualityResult

GATE = dg.AssetKey(["marts", "fct_indicators"])
VERDICT = "verdict"


def build_quality_checks(settings: Settings, assets: dg.AssetsDefinition) -> dg.AssetChecksDefinition:
    """Checks over raw, staging and marts; ``assets`` are the dbt assets the verdict must wait for."""
    suites = load_suites(settings.expectations)
    gate = dg.AssetCheckSpec(
        VERDICT,
        asset=GATE,
        blocking=True,
        additional_deps=[key for key in assets.keys if key != GATE],
        description="One verdict over every finding of every layer; nothing is published without it.",
    )
    specs = [
        dg.AssetCheckSpec(
            f"quality_{suite.layer}_{suite.table}", asset=dg.AssetKey([suite.layer, suite.table])
        )
        for suite in suites
        if suite.layer != "control"
    ]

    @dg.multi_asset_check(specs=[*specs, gate], name="quality")
    def quality(run: Run) -> Iterator[Any]:
        from dagster_project.quality.ingest_findings import ingest_findings
        from dagster_project.quality.results import append_results, write_quality_json
        from dagster_project.quality.run import run_quality
        from dagster_project.quality.verdict import decide, write_verdict_json

        place = run.settings.place
        found = [
            *ingest_findings(run.run_id, run.started_at, run.read("ingest")),
            *run_quality(
                place.warehouse,
                settings.expectations,
                run.run_id,
                run.started_at.replace(tzinfo=None),
                lambda suite: progress("check", suite, len(specs), len(specs)),
            ),
        ]
        failpoint("verdict.before")
        append_results(place.warehouse, found)
        write_quality_json(run.folder, found)
        verdict = decide(found)
        write_verdict_json(run.folder, verdict)
        run.log(verdict.summary)
        failpoint("verdict.after")
        for spec in specs:
            yield _suite_result(spec, found)
        yield dg.AssetCheckResult(
            asset_key=GATE,
            check_name=VERDICT,
            passed=verdict.is_publishable,
            metadata={"summary": verdict.summary, **verdict.counts},
        )

    return quality


def _suite_result(spec: dg.AssetCheckSpec, found: "list[QualityResult]") -> dg.AssetCheckResult:
    suite = ".".join(spec.asset_key.path)
    rows = [row for row in found if row.suite == suite]
    failed = [row for row in rows if row.status in {"fail", "error"}]
    worst = any(row.severity == "critical" or row.status == "error" for row in failed)
    return dg.AssetCheckResult(
        asset_key=spec.asset_key,
        check_name=spec.name,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if worst else dg.AssetCheckSeverity.WARN,
        metadata={"checks": len(rows), "findings": "; ".join(row.message for row in failed[:5]) or "none"},
    )
