"""The canary: rows known good must pass and rows known bad must fail, in every run, through the same adapter.

It proves library, dialect and connection options together; without it a broken adapter that lets
everything pass would look like perfect data.
"""

from __future__ import annotations

from datetime import datetime

from dagster_project.quality.adapter import Checker, Outcome
from dagster_project.quality.results import QualityResult
from dagster_project.quality.suites import Expectation
from dagster_project.quality.verdict import CANARY_SUITE

_GOOD = "select * from (values (1, 'AA-01'), (2, 'AA-02'), (3, 'AA-03')) as canary(number, code)"
_BAD = "select * from (values (1, 'AA-01'), (null, 'AA-123'), (30, '@')) as canary(number, code)"
# Doubled braces: the library reads single ones as fields. A quantifier shows that they arrive as written.
_ILL_SHAPED = r"select * from {batch} where not regexp_full_match(code, '[A-Z]{{2}}-\d{{2}}')"

_CHECKS: tuple[tuple[str, dict[str, object]], ...] = (
    ("expect_column_values_to_not_be_null", {"column": "number"}),
    ("expect_column_values_to_be_between", {"column": "number", "min_value": 1, "max_value": 3}),
    ("expect_column_values_to_be_in_set", {"column": "code", "value_set": ["AA-01", "AA-02", "AA-03"]}),
    ("unexpected_rows_expectation", {"unexpected_rows_query": _ILL_SHAPED}),
    ("unexpected_row_share_expectation", {"unexpected_rows_query": _ILL_SHAPED, "max_share": 0.4}),
)
_BROKEN = Expectation(
    id="broken_query_is_an_error",
    type="unexpected_rows_expectation",
    column=None,
    kwargs={"unexpected_rows_query": "select * from {batch} where no_such_column"},
    severity="critical",
    owner="data_engineering",
    min_rows=1,
    description="",
    description_vi="",
    action="",
    action_vi="",
    domain="validity",
    place="canary",
)


def check_canary(checker: Checker, run_id: str, run_at: datetime) -> list[QualityResult]:
    """Run the canary and return one result per pair side and one for the broken query.

    A result passes when the tool answered as it must: good passes, bad fails, broken is an error.
    """
    checks = [
        Expectation(**{**_BROKEN.__dict__, "id": f"check_{number}", "type": kind, "kwargs": kwargs})
        for number, (kind, kwargs) in enumerate(_CHECKS)
    ]
    runs = (
        ("known_good_passes", _GOOD, checks, "pass"),
        ("known_bad_fails", _BAD, checks, "fail"),
        (_BROKEN.id, _GOOD, [_BROKEN], "error"),
    )
    return [
        _result(name, checker.run_query(name, query, these), wanted, run_id, run_at)
        for name, query, these, wanted in runs
    ]


def _result(
    name: str, outcomes: dict[str, Outcome], wanted: str, run_id: str, run_at: datetime
) -> QualityResult:
    wrong = [outcome for outcome in outcomes.values() if outcome.status != wanted]
    reasons = {outcome.error for outcome in wrong if outcome.error}
    message = f"canary: {len(outcomes)} checks of known rows answered {wanted} as they must"
    if wrong:
        why = f" ({'; '.join(sorted(reasons))})" if reasons else ""
        message = (
            f"canary: {len(wrong)} of {len(outcomes)} checks of known rows did not answer {wanted}{why}; "
            "Great Expectations or its DuckDB dialect is broken: install the locked versions again"
        )
    return QualityResult(
        run_id=run_id,
        run_at=run_at,
        suite=CANARY_SUITE,
        expectation_id=name,
        table_name=CANARY_SUITE,
        column_name=None,
        severity="critical",
        owner=_BROKEN.owner,
        status="error" if wrong else "pass",
        observed=f"{len(outcomes) - len(wrong)} of {len(outcomes)} as wanted",
        unexpected_count=len(wrong),
        message=message,
    )
