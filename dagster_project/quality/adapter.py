"""The bridge to Great Expectations, and the only module that imports it (inside functions: it costs seconds).

Turns expectations into Great Expectations' own objects, runs them against a DuckDB file opened read-only,
and turns what comes back into ``Outcome``: status and numbers, never a value of a row. What a status means
for the publication is decided elsewhere (``run``, ``verdict``).
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from dagster_project.errors import ConfigError
from dagster_project.quality.suites import Expectation, Suite

_ONE_AT_A_TIME = threading.Lock()
CHECK_ID = "cchc_check_id"
SHARE_METRIC = "unexpected_rows_query.row_count"
POPULATION_METRIC = "population_query.row_count"


@dataclass(frozen=True)
class Outcome:
    """What one expectation gave: numbers for a pass or fail, one redacted line for an error.

    ``evaluated_rows`` are the rows that the check could judge (not empty, in its population), if known.
    """

    status: str
    observed: str | None
    unexpected_count: int | None
    evaluated_rows: int | None
    error: str | None = None


def _great_expectations() -> Any:
    # A step may ask while the import still runs in the background: it waits, and nothing is done twice.
    with _ONE_AT_A_TIME:
        return _imported()


@lru_cache(maxsize=1)
def _imported() -> Any:
    """Import the library once, without telemetry, and register our own expectation with it."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    # It reports every failed metric with a traceback and values of rows; the outcome carries what matters.
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    import great_expectations

    _register_share_expectation()
    return great_expectations


def warm_up() -> None:
    """Import Great Expectations (3 to 20 s on a small machine), in the background or to time it apart."""
    _great_expectations()


def _register_share_expectation() -> None:
    """Define ``unexpected_row_share_expectation``: at most ``max_share`` of the rows are unexpected.

    Stock ``UnexpectedRowsExpectation`` knows no share, and fetches the rows it finds; this one only counts.
    """
    from typing import ClassVar

    from great_expectations.core.suite_parameters import SuiteParameterDict  # noqa: F401
    from great_expectations.expectations.core import UnexpectedRowsExpectation
    from great_expectations.validator.metric_configuration import MetricConfiguration

    class UnexpectedRowShareExpectation(UnexpectedRowsExpectation):
        population_query: str = "select * from {batch}"
        max_share: float = 0.0

        metric_dependencies: ClassVar[tuple[str, ...]] = (SHARE_METRIC,)
        success_keys: ClassVar[tuple[str, ...]] = ("unexpected_rows_query", "population_query", "max_share")

        def get_validation_dependencies(
            self, execution_engine: Any = None, runtime_configuration: dict[str, Any] | None = None
        ) -> Any:
            dependencies = super().get_validation_dependencies(execution_engine, runtime_configuration)
            counted = dependencies.get_metric_configuration(SHARE_METRIC)
            dependencies.set_metric_configuration(
                POPULATION_METRIC,
                MetricConfiguration(
                    metric_name=SHARE_METRIC,
                    metric_domain_kwargs=counted.metric_domain_kwargs,
                    metric_value_kwargs={"unexpected_rows_query": self.population_query},
                ),
            )
            return dependencies

        def _validate(
            self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
        ) -> dict[str, Any]:
            unexpected, population = metrics[SHARE_METRIC], metrics[POPULATION_METRIC]
            share = unexpected / population if population else 0.0
            return {
                "success": share <= self.max_share if population else unexpected == 0,
                "result": {"unexpected_count": unexpected, "element_count": population},
            }

    UnexpectedRowShareExpectation.__module__ = __name__


def check_suites(suites: Sequence[Suite]) -> None:
    """Have Great Expectations judge every type and argument; raises ConfigError naming file and line."""
    for suite in suites:
        for expectation in suite.expectations:
            _to_domain_object(expectation)


def _to_domain_object(expectation: Expectation) -> Any:
    _great_expectations()
    from great_expectations.exceptions import GreatExpectationsError
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    try:
        return ExpectationConfiguration(
            type=expectation.type,
            kwargs=dict(expectation.kwargs),
            meta={CHECK_ID: expectation.id},
            severity=expectation.severity,
        ).to_domain_obj()
    except (GreatExpectationsError, ValueError, TypeError, KeyError) as error:
        problems = getattr(error, "errors", None)
        text = "; ".join(_problem(item) for item in problems()) if callable(problems) else str(error)
        raise ConfigError(f"{expectation.place}: {expectation.id}: {_one_line(text)}") from None


def _problem(item: dict[str, Any]) -> str:
    where = ".".join(str(step) for step in item["loc"] if step != "__root__")
    return f"{where}: {item['msg']}" if where else str(item["msg"])


def checked_rows(suite: Suite) -> str:
    """The query of the rows that a suite is about."""
    condition = f" where {suite.rows}" if suite.rows else ""
    return f'select * from "{suite.layer}"."{suite.table}"{condition}'


class Checker:
    """Runs suites against one warehouse file; made by ``open_checker``."""

    def __init__(self, context: Any, datasource: Any) -> None:
        self._context = context
        self._datasource = datasource

    def run_table(self, suite: Suite, expectations: Sequence[Expectation]) -> dict[str, Outcome]:
        """Run ``expectations`` on the suite's table, or its ``rows``; the outcome of each by its id."""
        if suite.rows:
            return self.run_query(suite.name, checked_rows(suite), expectations)
        return self._run(
            lambda: self._datasource.add_table_asset(
                suite.name, table_name=suite.table, schema_name=suite.layer
            ),
            suite.name,
            expectations,
        )

    def run_query(self, name: str, query: str, expectations: Sequence[Expectation]) -> dict[str, Outcome]:
        """Run ``expectations`` on the rows of ``query``; the outcome of each by its id."""
        return self._run(lambda: self._datasource.add_query_asset(name, query=query), name, expectations)

    def _run(self, add_asset: Any, name: str, expectations: Sequence[Expectation]) -> dict[str, Outcome]:
        if not expectations:
            return {}
        try:
            results = self._validate(add_asset(), name, expectations)
        except Exception as error:  # whatever the library raises must become findings, not end the run
            failure = Outcome("error", None, None, None, redact(str(error) or type(error).__name__))
            return {expectation.id: failure for expectation in expectations}
        outcomes = {result.expectation_config.meta[CHECK_ID]: _to_outcome(result) for result in results}
        missing = Outcome("error", None, None, None, "Great Expectations returned no result")
        return {expectation.id: outcomes.get(expectation.id, missing) for expectation in expectations}

    def _validate(self, asset: Any, name: str, expectations: Sequence[Expectation]) -> Any:
        library = _great_expectations()
        suite = library.ExpectationSuite(
            name=name, expectations=[_to_domain_object(expectation) for expectation in expectations]
        )
        definition = library.ValidationDefinition(
            name=name,
            data=asset.add_batch_definition_whole_table(name)
            if asset.type == "table"
            else asset.add_batch_definition(name),
            suite=self._context.suites.add(suite),
        )
        self._context.validation_definitions.add(definition)
        # BASIC without partial lists: no value of a row may come back.
        return definition.run(result_format={"result_format": "BASIC", "partial_unexpected_count": 0}).results


@contextmanager
def open_checker(warehouse: Path) -> Iterator[Checker]:
    """Open ``warehouse`` read-only for checks; afterwards nothing of this process holds the file."""
    library = _great_expectations()
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from sqlalchemy import URL

    context = library.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    url = URL.create("duckdb", database=str(warehouse), query={"access_mode": "read_only"})
    datasource = context.data_sources.add_sql(
        name="warehouse",
        # A dollar sign would be read as the name of a variable.
        connection_string=url.render_as_string(hide_password=False).replace("$", "\\$"),
        create_temp_table=False,
        # The dialect's roll back after each statement would make every check fail on a read-only file.
        kwargs={"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True},
    )
    try:
        yield Checker(context, datasource)
    finally:
        datasource.get_execution_engine().close()
        datasource.get_engine().dispose()


def _to_outcome(result: Any) -> Outcome:
    found = result.result or {}
    problem = _exception_line(result.exception_info)
    if problem is not None:
        return Outcome("error", None, None, None, problem)
    status = "pass" if result.success else "fail"
    if "element_count" in found:
        unexpected = int(found.get("unexpected_count") or 0)
        evaluated = int(found["element_count"]) - int(found.get("missing_count") or 0)
        share = f" ({100 * unexpected / evaluated:.2f} %)" if evaluated else ""
        return Outcome(status, f"{unexpected} of {evaluated}{share}", unexpected, evaluated)
    value = found.get("observed_value")
    if result.expectation_config.type == "unexpected_rows_expectation" and isinstance(value, int):
        return Outcome(status, f"{value} rows", value, None)
    number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    return Outcome(status, None if number is None else f"{number:g}", None, None)


def _exception_line(info: Any) -> str | None:
    """One redacted line if the result carries an exception, in either of the library's two layouts."""
    if not isinstance(info, dict):
        return None
    entries = (
        [info] if "raised_exception" in info else [item for item in info.values() if isinstance(item, dict)]
    )
    for entry in entries:
        if entry.get("raised_exception"):
            return redact(str(entry.get("exception_message") or "exception without a message"))
    return None


def redact(text: str) -> str:
    """First line of an error without what may come from a cell: quoted texts, '@', long numbers."""
    line = _one_line(re.split(r"\n|\[SQL:", text.strip(), maxsplit=1)[0])
    line = re.sub(r"^(\([\w.]+\) )?(Error: )?", "", line)
    line = re.sub(r"'[^']*'?", "'…'", line)
    # Names of columns and tables stay: without them nobody finds the mistake.
    line = re.sub(r'((?:column|table) )?"[^"]*"?', lambda found: found[0] if found[1] else '"…"', line)
    line = re.sub(r"\S*@\S*", "…", line)
    return re.sub(r"\d{7,}", "…", line)[:300]


def _one_line(text: str) -> str:
    return " ".join(text.split())
