"""The privacy switch on a whole run: a public release names no officer, an internal one does."""

from __future__ import annotations

from collections.abc import Callable

from tests.conftest import Warehouse
from tests.integration.small import write_files, write_maps


def cells(warehouse: Warehouse) -> set[str]:
    """Every text cell of every published table that looks like an officer of the small register."""
    columns = warehouse.query(
        "select table_name, column_name from duckdb_columns() where data_type = 'VARCHAR' and schema_name = 'main'"
        " and not internal and table_name not in ('ingest_outcomes', 'quality_results')"
    )
    found: set[str] = set()
    for table, column in columns:
        rows = warehouse.query(f'select distinct "{column}" from "{table}" where "{column}" like \'%CB-%\'')
        found |= {row[0] for row in rows}
    return found


def test_a_public_release_names_no_officer_and_counts_the_same(new_home: Callable[..., Warehouse]) -> None:
    warehouse = new_home()
    warehouse.sources = write_maps(warehouse.home / "sources")
    write_files(warehouse.landing_folder)
    warehouse.refresh()
    assert {"CB-01", "CB-02", "CB-03", "CB-09"} <= cells(warehouse)
    figures = "select * exclude (as_of_on) from fct_indicators where scope = 'with_children' order by all"
    internal = warehouse.query(figures)

    warehouse.refresh(CCHC_PRIVACY="public")
    assert cells(warehouse) == set()
    assert warehouse.query(figures) == internal and internal
    assert warehouse.query("select count(*), max(officer_key) from dim_officers") == [(1, 0)]
    assert warehouse.query("select count(*) from fct_officer_periods") == [(0,)]
    dangling = "select count(*) from fct_dossier_steps anti join dim_officers using (officer_key)"
    assert warehouse.query(dangling) == [(0,)]

    warehouse.refresh()
    assert {"CB-01", "CB-02", "CB-03", "CB-09"} <= cells(warehouse)
