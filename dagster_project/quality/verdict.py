"""The one gate: whether what the checks found lets a release out. Pure but for ``write_verdict_json``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from dagster_project.quality.results import STATUSES, QualityResult, write_json

CANARY_SUITE = "canary"


@dataclass(frozen=True)
class Verdict:
    """``is_publishable``, all results, and one line that says why."""

    is_publishable: bool
    results: tuple[QualityResult, ...]
    summary: str

    @property
    def blocking(self) -> tuple[QualityResult, ...]:
        """The results that stop the publication, in the order of the layers."""
        return tuple(result for result in self.results if is_blocking(result))

    @property
    def counts(self) -> dict[str, int]:
        """Number of results per status; every status is there."""
        counted = Counter(result.status for result in self.results)
        return {status: counted[status] for status in STATUSES}


def is_blocking(result: QualityResult) -> bool:
    """A check that could not be run proves nothing, so an error blocks whatever its severity."""
    return result.status == "error" or (result.status == "fail" and result.severity == "critical")


def decide(results: Sequence[QualityResult]) -> Verdict:
    """Judge the results of one run. No result at all, or none of the canary, blocks as well."""
    found = tuple(results)
    blocking = [result for result in found if is_blocking(result)]
    proved = [result for result in found if result.suite == CANARY_SUITE and result.status == "pass"]
    if blocking:
        first = blocking[0]
        more = f" (and {len(blocking) - 1} more)" if len(blocking) > 1 else ""
        return Verdict(
            False, found, f"blocked by {first.suite}.{first.expectation_id}: {first.message}{more}"
        )
    if not proved:
        return Verdict(
            False, found, "blocked: the checks were not proved by their canary; run the refresh again"
        )
    if len(proved) == len(found):
        return Verdict(False, found, "blocked: no check was run; put suites into expectations/")
    return Verdict(True, found, _good_news(found))


def write_verdict_json(folder: Path, verdict: Verdict) -> Path:
    """Write the verdict to ``folder/verdict.json`` (a run's folder) and return the path."""
    content = {
        "is_publishable": verdict.is_publishable,
        "summary": verdict.summary,
        "counts": verdict.counts,
        "blocking": [asdict(result) for result in verdict.blocking],
        "warnings": [
            asdict(result)
            for result in verdict.results
            if result.status == "fail" and result.severity == "warning"
        ],
    }
    return write_json(folder / "verdict.json", content)


def _good_news(results: tuple[QualityResult, ...]) -> str:
    failed = Counter(result.severity for result in results if result.status == "fail")
    skipped = sum(result.status == "not_evaluated" for result in results)
    return (
        f"publishable: {len(results)} checks, {failed['warning']} warnings, {failed['info']} notes, "
        f"{skipped} not evaluated (too few rows)"
    )
