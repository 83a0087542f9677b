"""The reckoning and a built warehouse side by side, dossier by dossier, in both directions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tests.reckoning.dossier import Dossier, form_state
from tests.reckoning.histories import History
from tests.reckoning.limits import recomputed_due_at
from tests.reckoning.on_time_rates import Verdict
from tests.reckoning.periods import Periods
from tests.reckoning.rates import verdicts

MOMENT, TEXT, NUMBER = pa.timestamp("us"), pa.string(), pa.int32()


class Reckoning:
    """Every dossier reckoned by itself, laid out as tables to compare with.

    ``state_periods`` are the periods at whose ends the state of every dossier is reckoned.
    """

    def __init__(self, histories: Iterable[History], as_of: date, state_periods: list[str]) -> None:
        self.as_of = as_of
        self.periods = Periods(as_of)
        self.state_periods = state_periods
        self.dossiers: list[tuple[Any, ...]] = []
        self.due_dates: list[tuple[Any, ...]] = []
        self.states: list[tuple[Any, ...]] = []
        self.verdicts: list[tuple[str, str, int]] = []
        self.verdict_sets: dict[tuple[Verdict, ...], int] = {}
        for history in histories:
            self._reckon(history)

    def _reckon(self, history: History) -> None:
        dossier = Dossier(history, self.as_of)
        for no, one in enumerate(dossier.appointments, start=1):
            self.due_dates.append((history.code, no, one.due_at, one.known_from_at, one.reason))
        recomputed = None
        if dossier.is_counted and dossier.received_at:
            recomputed = recomputed_due_at(history, dossier.received_at, dossier.judged_at)
        self.dossiers.append(
            (
                history.code,
                dossier.status_class,
                dossier.finished_at,
                dossier.due_when_judged,
                dossier.ending.exclusion,
                recomputed,
            )
        )
        if not dossier.is_counted:
            return
        for period in self.periods.touched(dossier.received_on, dossier.last_day()):
            found = verdicts(dossier, period)
            number = self.verdict_sets.setdefault(found, len(self.verdict_sets))
            self.verdicts.append((history.code, period.key, number))
        for key in self.state_periods:
            period = self.periods.by_key[key]
            if dossier.received_on <= period.reckoned_on and dossier.last_day() >= period.starts_on:
                self.states.append((history.code, key, *form_state(dossier, period)))

    def tables(self) -> dict[str, pa.Table]:
        """The reckoning as Arrow tables."""

        def table(columns: dict[str, pa.DataType], rows: list[tuple[Any, ...]]) -> pa.Table:
            values = list(zip(*rows, strict=True)) if rows else [[] for _ in columns]
            return pa.table(
                {
                    name: pa.array(part, kind)
                    for (name, kind), part in zip(columns.items(), values, strict=True)
                }
            )

        sets = [(no, *verdict) for found, no in self.verdict_sets.items() for verdict in found]
        return {
            "reckoned_dossiers": table(
                {
                    "dossier_code": TEXT, "status_class": TEXT, "finished_at": MOMENT, "due_at": MOMENT,
                    "exclusion_code": TEXT, "recomputed_due_at": MOMENT,
                },
                self.dossiers,
            ),
            "reckoned_due_dates": table(
                {
                    "dossier_code": TEXT, "version_no": NUMBER, "due_at": MOMENT, "known_from_at": MOMENT,
                    "reason": TEXT,
                },
                self.due_dates,
            ),
            "reckoned_states": table(
                {"dossier_code": TEXT, "period_key": TEXT, "state": TEXT, "due_at": MOMENT}, self.states
            ),
            "reckoned_sets": table({"dossier_code": TEXT, "period_key": TEXT, "set_no": NUMBER}, self.verdicts),
            "verdict_sets": table(
                {
                    "set_no": NUMBER, "indicator_code": TEXT, "rule_version": TEXT, "in_numerator": NUMBER,
                    "in_denominator": NUMBER, "exclusion_code": TEXT,
                },
                sets,
            ),
        }  # fmt: skip


class Sides:
    """The reckoning beside a warehouse. Each question gives the rows on which they differ, empty when they agree."""

    def __init__(self, reckoning: Reckoning, warehouse: Path) -> None:
        self.reckoning = reckoning
        self.connection = duckdb.connect()
        self.connection.execute(f"attach '{warehouse}' as built (read_only)")
        for name, table in reckoning.tables().items():
            self.connection.register(name, table)
        self.connection.execute("""
            create temp table expected_verdicts as
            select dossier_code, period_key, verdict_sets.* exclude (set_no)
            from reckoned_sets inner join verdict_sets using (set_no)
        """)

    def close(self) -> None:
        self.connection.close()

    def differences(
        self, keys: list[str], expected: str, found: str, limit: int = 10
    ) -> list[dict[str, Any]]:
        """Rows of two queries with the same columns that differ or stand on one side only."""
        values = [
            column[0]
            for column in self.connection.execute(f"select * from ({expected}) limit 0").description
            if column[0] not in keys
        ]
        pairs = "".join(
            f", expected.{name} as expected_{name}, found.{name} as found_{name}" for name in values
        )
        differs = "".join(f" or expected.{name} is distinct from found.{name}" for name in values)
        shown = self.connection.execute(f"""
            with expected as (select *, true as is_there from ({expected})),
            found as (select *, true as is_there from ({found}))
            select {", ".join(keys)}, expected.is_there as is_expected, found.is_there as is_found {pairs}
            from expected full join found using ({", ".join(keys)})
            where expected.is_there is null or found.is_there is null {differs}
            order by {", ".join(keys)} limit {limit}
        """)
        names = [column[0] for column in shown.description]
        return [dict(zip(names, row, strict=True)) for row in shown.fetchall()]

    def published_rules(self) -> set[tuple[str, str]]:
        """Rules with which the warehouse judges dossiers."""
        rows = self.connection.execute("""
            select distinct indicator_code, rule_version from built.marts.fct_dossier_verdicts
        """).fetchall()
        return {(row[0], row[1]) for row in rows}

    def reckoned_rules(self) -> set[tuple[str, str]]:
        """Rules with which the reckoning judges dossiers."""
        return {verdict[:2] for found in self.reckoning.verdict_sets for verdict in found}

    def verdict_differences(self, indicator: str, rule_version: str) -> list[dict[str, Any]]:
        """Membership of every dossier in every period, for one rule."""
        rule = f"indicator_code = '{indicator}' and rule_version = '{rule_version}'"
        columns = "dossier_code, period_key, in_numerator, in_denominator, exclusion_code"
        return self.differences(
            ["dossier_code", "period_key"],
            f"select {columns} from expected_verdicts where {rule}",
            f"""
                select {columns}
                from built.marts.fct_dossier_verdicts
                inner join (select dossier_key, dossier_code from built.marts.fct_dossiers) using (dossier_key)
                where {rule}
            """,
        )

    def dossier_differences(self) -> list[dict[str, Any]]:
        """State, finish and governing due date of every dossier at the end of the as-of day."""
        columns = "dossier_code, status_class, finished_at, due_at, exclusion_code"
        return self.differences(
            ["dossier_code"],
            f"select {columns} from reckoned_dossiers",
            f"select {columns} from built.marts.fct_dossiers",
        )

    def recomputed_differences(self) -> list[dict[str, Any]]:
        """The due date by limit and clock of every dossier."""
        columns = "dossier_code, recomputed_due_at"
        return self.differences(
            ["dossier_code"],
            f"select {columns} from reckoned_dossiers",
            f"select {columns} from built.marts.fct_dossiers",
        )

    def due_date_differences(self) -> list[dict[str, Any]]:
        """Every version of every due date."""
        return self.differences(
            ["dossier_code", "version_no"],
            "select * from reckoned_due_dates",
            """
                select dossiers.dossier_code, versions.version_no, versions.due_at, versions.known_from_at,
                    versions.reason
                from built.marts.fct_dossier_due_dates as versions
                inner join built.marts.fct_dossiers as dossiers using (dossier_key)
                where versions.is_governing
            """,
        )

    def state_differences(self) -> list[dict[str, Any]]:
        """The column of form II.06 of every dossier at the ends of the chosen periods, and its due date then."""
        keys = ", ".join(f"'{key}'" for key in self.reckoning.state_periods)
        return self.differences(
            ["dossier_code", "period_key"],
            "select * from reckoned_states",
            f"""
                select dossiers.dossier_code, states.period_key,
                    coalesce(states.finish_bucket, states.open_bucket) as state, states.due_at_period_end as due_at
                from built.facts.dossier_period_states as states
                inner join built.marts.fct_dossiers as dossiers using (dossier_key)
                where states.period_key in ({keys})
            """,
        )

    def all_differences(self) -> dict[str, list[dict[str, Any]]]:
        """The first rows on which the sides differ, by what was compared; every rule that both judge by."""
        found = {
            "state, finish and due date at the as-of day": self.dossier_differences(),
            "due dates and their reasons": self.due_date_differences(),
            "recomputed due dates": self.recomputed_differences(),
            "states at the ends of periods": self.state_differences(),
        }
        for indicator, rule_version in sorted(self.published_rules() & self.reckoned_rules()):
            found[f"{indicator} {rule_version}"] = self.verdict_differences(indicator, rule_version)
        return found
