"""The work of each officer of a unit, with names: for the holder of the home's key, on the terminal only."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import pyarrow as pa

from dagster_project.errors import CchcError, ConfigError
from dagster_project.home import Home
from dagster_project.publish.literals import text
from dagster_project.publish.manifest import published_manifest
from dagster_project.scorecard import terminal
from dagster_project.scorecard.marts import open_marts
from dagster_project.scorecard.query import read_scorecard

_ROWS = 200
# what fits a terminal; JSON and CSV carry all columns
_LABELS = {
    "officer_name": "Cán bộ", "position": "Chức vụ", "working_days_in_post": "Ngày", "documents_in": "VB đến",
    "documents_out": "VB đi", "documents_late": "VB quá hạn", "dossiers_finished": "HS xong",
    "dossiers_open": "HS đang", "steps_done": "Bước",
}  # fmt: skip


def print_named_officers(
    home: Home,
    names: Mapping[str, str],
    period: str | None = None,
    calendar: str = "rep",
    unit: str | None = None,
    output: str = "table",
) -> None:
    """Print one row per officer who worked or held a post in the unit, or below it, in the period.

    ``names``: name by pseudonym; who has none keeps the pseudonym. Nothing is written to a file. Raises
    CchcError when the published release is a public one, ConfigError for an unknown period, unit or format.
    """
    if output not in {"table", "json", "csv"}:
        raise ConfigError(f"--format {output}: unknown; choose table, json or csv")
    manifest = published_manifest(home)
    if manifest is not None and manifest.privacy == "public":
        raise CchcError(
            f"{home.marts}: a public release, it names no officer; "
            "run cchc refresh with CCHC_PRIVACY=internal, then ask again"
        )
    card = read_scorecard(home, period, calendar, unit)
    table = _work(home, card.period.period_key, card.unit_id, names)
    if output == "json":
        terminal.write_json(table.to_pylist(), sys.stdout)
    elif output == "csv":
        terminal.write_csv(table, sys.stdout)
    else:
        from rich.console import Console

        console = Console()
        for line in terminal.heading(card):
            console.print(line, highlight=False, markup=False)
        shown = table.select(list(_LABELS)).rename_columns(list(_LABELS.values()))
        terminal.print_table(shown, _ROWS, console)


def _work(home: Home, period_key: str, unit_id: str, names: Mapping[str, str]) -> pa.Table:
    known = pa.table(
        {
            "officer_id": pa.array(list(names), pa.string()),
            "officer_name": pa.array(list(names.values()), pa.string()),
        }
    )
    with open_marts(home) as connection:
        connection.register("names", known)
        return connection.execute(
            f"""
            select
                coalesce(names.officer_name, work.officer_id) as officer_name, work.officer_id,
                officers.position, units.unit_name, work.working_days_in_post, work.documents_in,
                work.documents_out, work.documents_late, work.documents_open_overdue, work.dossiers_received,
                work.dossiers_finished, work.dossiers_open, work.steps_done
            from fct_officer_periods as work
            inner join dim_periods as periods using (period_key)
            inner join bridge_unit_ancestors as above
                on work.unit_id = above.descendant_unit_id
                and above.ancestor_unit_id = {text(unit_id)}
                and periods.ends_on between above.valid_from_on and above.valid_to_on
            left join names using (officer_id)
            left join dim_officers as officers using (officer_key)
            left join dim_units as units using (unit_key)
            where work.period_key = {text(period_key)} and work.officer_id <> 'unknown'
            order by units.unit_name, officer_name, work.officer_id
            """
        ).to_arrow_table()
