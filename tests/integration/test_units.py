"""Units through July 2025: a small home with the change in the middle of a quarter, and every ward of the country."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Warehouse, shared_data
from tests.integration import reorganised

WARDS = """
source: wards
extract: {mode: full, at: {path: '(\\d{4}-\\d{2}-\\d{2})', formats: [iso]}}
inputs:
  - name: pairs
    files: "**/old_to_new_ward_map.csv"
    format: csv
    records:
      - kind: unit_successions
        columns:
          old_unit_code: old_ward_code
          new_unit_code: new_ward_code
          succeeded_on: {constant: 2025-07-01}
          is_default: is_default
      - kind: units
        columns:
          unit_code: old_ward_code
          unit_name: old_ward
          valid_from_on: {constant: 1976-01-01}
          valid_to_on: {constant: 2025-06-30}
  - name: new_wards
    files: "**/old_to_new_ward_map.csv"
    format: csv
    records:
      - kind: units
        columns:
          unit_code: new_ward_code
          unit_name: new_ward
          valid_from_on: {constant: 2025-07-01}
  - name: dossiers
    files: "**/dossiers-*.csv"
    format: csv
    records:
      - kind: dossiers
        columns:
          dossier_code: code
          unit_code: ward
          received_at: {header: received, formats: [iso]}
          finished_at: {header: finished, formats: [iso]}
"""


@pytest.fixture(scope="module")
def reorganised_home(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The small home across the change, refreshed as of 30 September 2025. Read only."""
    folder = tmp_path_factory.mktemp("reorganised")
    (folder / "sources").mkdir()
    (folder / "sources" / "register.yml").write_text(reorganised.MAP, encoding="utf-8")
    warehouse = Warehouse(folder / "home", sources=folder / "sources")
    for name, text in reorganised.FILES.items():
        (warehouse.landing_folder / name).write_text(text, encoding="utf-8")
    warehouse.refresh("--as-of", "2025-09-30")
    return warehouse


def test_a_dossier_keeps_its_unit_and_shows_its_continuing_one(reorganised_home: Warehouse) -> None:
    rows = reorganised_home.query(
        "select dossier_code, unit_id, receiving_unit_id, current_unit_id from fct_dossiers order by all"
    )
    assert rows == [
        ("A-1", "H11.13", "H11.13", "H36.45"),
        ("A-2", "H11.13", "H11.13", "H36.45"),
        ("A-3", "H11.21", "unknown", "H36.101"),
        ("A-4", "H11.21", "unknown", "H36.100"),
        ("A-5", "H36.13", "unknown", "H36.45"),
        ("A-6", "H36.13~2025-07-01", "unknown", "H36.13~2025-07-01"),
        ("A-7", "H36.45", "unknown", "H36.45"),
        ("A-8", "H11.13", "unknown", "H36.45"),
        ("A-9", "H11.14", "unknown", "H36.45"),
    ]


def test_a_quarter_reads_as_it_was_and_on_todays_units(reorganised_home: Warehouse) -> None:
    """15 June to 14 September: the change lies in its middle. Received + carried in, finished, open."""

    def read(unit: str) -> list[tuple]:
        return reorganised_home.query(
            f"select {unit}, sum(received_total), sum(finished_total), sum(open_total)"
            " from fct_dossier_periods where period_key = 'rep:2025Q3' group by all order by all"
        )

    assert read("unit_id") == [
        ("H11.13", 3, 2, 1),
        ("H11.14", 1, 1, 0),
        ("H11.21", 2, 0, 2),
        ("H36.13", 1, 1, 0),
        ("H36.13~2025-07-01", 1, 0, 1),
        ("H36.45", 1, 1, 0),
    ]
    assert read("current_unit_id") == [
        ("H36.100", 1, 0, 1),
        ("H36.101", 1, 0, 1),
        ("H36.13~2025-07-01", 1, 0, 1),
        ("H36.45", 6, 5, 1),
    ]


def test_letters_count_once_though_the_register_goes_over_to_the_new_codes(
    reorganised_home: Warehouse,
) -> None:
    letters = "select {}, sum(documents_in) from fct_officer_periods where period_key = 'cal:2025' group by 1 order by 1"
    assert reorganised_home.query(letters.format("unit_id")) == [
        ("H11.13", 2), ("H11.14", 0), ("H11.21", 1), ("H36.13", 1), ("H36.13~2025-07-01", 1), ("H36.45", 1),
    ]  # fmt: skip
    assert reorganised_home.query(letters.format("current_unit_id")) == [
        ("H36.100", 1), ("H36.13~2025-07-01", 1), ("H36.45", 4),
    ]  # fmt: skip


def test_indicators_read_on_todays_units(reorganised_home: Warehouse) -> None:
    """Counts are added up over today's units, the ratio comes last. A-2 was late; A-9 was on time."""
    rows = reorganised_home.query("""
        with units as (select distinct unit_id, current_unit_id from dim_units)
        select current_unit_id, sum(numerator), sum(denominator)
        from fct_indicators join units using (unit_id)
        where period_key = 'rep:2025Q3' and indicator_code = 'OT_06' and rule_version = 'by_date_v1'
            and scope = 'own' and field_code = 'all' and denominator > 0
        group by current_unit_id
    """)
    assert rows == [("H36.45", 4, 5)]


def test_posts_stand_in_todays_units_by_share(reorganised_home: Warehouse) -> None:
    """Two departments in one, a district divided 60 to 40; the sums are those of the units as they were."""
    rows = reorganised_home.query(
        "select current_unit_id, year, units_count, posts_assigned, posts_filled, posts_vacant from fct_current_posts order by all"
    )
    assert rows == [
        ("H36.100", 2024, 1, 6.0, 3.0, 3.0),
        ("H36.101", 2024, 1, 4.0, 2.0, 2.0),
        ("H36.45", 2024, 2, 21.0, 19.0, 2.0),
        ("H36.45", 2025, 2, 31.0, 24.0, 7.0),
    ]


def test_targets_stand_in_todays_units_by_share(reorganised_home: Warehouse) -> None:
    rows = reorganised_home.query("""
        select period, current_unit_id, round(target, 6), units_count, lowest_target, highest_target
        from fct_current_targets join dim_periods using (period_key)
        where period_key in ('cal:2025-06', 'cal:2025Q3') and indicator_code = 'OT_06' order by all
    """)
    assert rows == [
        ("2025-06", "H36.100", 0.95, 1, 0.95, 0.95),
        ("2025-06", "H36.101", 0.95, 1, 0.95, 0.95),
        ("2025-06", "H36.45", 0.94, 2, 0.9, 0.98),
        ("2025Q3", "H36.100", 0.95, 1, 0.95, 0.95),
        ("2025Q3", "H36.101", 0.99, 1, 0.99, 0.99),
        ("2025Q3", "H36.45", 0.94, 2, 0.9, 0.98),
    ]


def test_the_tree_of_the_day(reorganised_home: Warehouse) -> None:
    above = "select descendant_unit_id from bridge_unit_ancestors where ancestor_unit_id = 'H36' and depth = 1 order by 1"
    assert [unit for (unit,) in reorganised_home.query(above)] == [
        "H36.100", "H36.101", "H36.13", "H36.13~2025-07-01", "H36.45",
    ]  # fmt: skip


def test_successions_are_published_with_day_and_legal_source(reorganised_home: Warehouse) -> None:
    rows = reorganised_home.query("""
        select old_unit_id, new_unit_id, succeeded_on::varchar, share, is_default, current_unit_id, legal_source
        from bridge_unit_successions where old_unit_id in ('H11.21', 'H36.13') order by old_unit_id, share desc
    """)
    assert rows == [
        ("H11.21", "H36.100", "2025-07-01", 0.6, True, "H36.100", "Nghị quyết 203/2025/QH15"),
        ("H11.21", "H36.101", "2025-07-01", 0.4, False, "H36.100", "Nghị quyết 203/2025/QH15"),
        ("H36.13", "H36.45", "2025-07-01", 1.0, True, "H36.45", "Nghị quyết 202/2025/QH15"),
    ]


@pytest.fixture(scope="module")
def reused_codes() -> list[str]:
    """Ten codes of wards that another ward bears since 1 July 2025, as the list itself says."""
    import duckdb

    path = shared_data("admin-units") / "old_to_new_ward_map.csv"
    found = duckdb.execute(f"""
        with pairs as (from read_csv('{path}', all_varchar = true))
        select distinct old.old_ward_code
        from pairs as old join pairs as new on old.old_ward_code = new.new_ward_code
        where old.old_ward <> new.new_ward
        order by 1 limit 10
    """).fetchall()
    return [code for (code,) in found]


@pytest.fixture(scope="module")
def wards(tmp_path_factory: pytest.TempPathFactory, reused_codes: list[str]) -> Warehouse:
    """Every ward of the country with its successors, and dossiers of ten reused codes on both sides."""
    folder = tmp_path_factory.mktemp("wards")
    (folder / "sources").mkdir()
    (folder / "sources" / "wards.yml").write_text(WARDS, encoding="utf-8")
    warehouse = Warehouse(folder / "home", sources=folder / "sources")
    extract = warehouse.landing_folder / "2025-07-31"
    extract.mkdir()
    source = shared_data("admin-units") / "old_to_new_ward_map.csv"
    (extract / source.name).write_bytes(source.read_bytes())
    dossiers = [
        f"{code}-{number},{code},{day} 08:00,"
        for code in reused_codes
        for number, day in enumerate(("2025-06-10", "2025-06-30", "2025-07-01"))
    ]
    text = "\n".join(["code,ward,received,finished", *dossiers])
    (extract / "dossiers-1.csv").write_text(text + "\n", encoding="utf-8")
    warehouse.refresh("--as-of", "2025-07-31")
    return warehouse


def test_every_pair_of_wards_is_a_succession(wards: Warehouse) -> None:
    ((pairs, old, new, defaults),) = wards.query("""
        select count(*), count(distinct old_unit_id), count(distinct new_unit_id),
            count(*) filter (where is_default)
        from bridge_unit_successions
    """)
    assert (pairs, old, new, defaults) == (10_597, 10_035, 3_316, 10_035)
    ((split,),) = wards.query("""
        select count(*) from (
            select old_unit_id from bridge_unit_successions group by old_unit_id having count(*) > 1
        )
    """)
    assert split == 471


def test_the_default_of_the_list_is_the_default_here(wards: Warehouse) -> None:
    path = wards.landing_folder / "2025-07-31" / "old_to_new_ward_map.csv"
    wrong = wards.query(f"""
        with stated as (
            select old_ward_code, new_ward_code from read_csv('{path}', all_varchar = true) where is_default = '1'
        ),
        units as (select distinct unit_id, unit_code, current_unit_id from dim_units)
        select old.unit_id, current_units.unit_code, stated.new_ward_code
        from stated
        join units as old on old.unit_id = stated.old_ward_code
        join units as current_units on current_units.unit_id = old.current_unit_id
        where current_units.unit_code <> stated.new_ward_code
    """)
    assert wrong == []


def test_ten_reused_codes_never_mix(wards: Warehouse, reused_codes: list[str]) -> None:
    assert len(reused_codes) == 10
    rows = wards.query("""
        select unit_code, unit_id, count(*) from fct_dossiers group by all order by all
    """)
    assert rows == [
        row for code in sorted(reused_codes) for row in ((code, code, 2), (code, f"{code}~2025-07-01", 1))
    ]
    names = wards.query("""
        select unit_code, count(distinct unit_id), count(distinct unit_name)
        from dim_units where unit_id in (select unit_id from fct_dossiers) group by unit_code
    """)
    assert [row[1:] for row in names] == [(2, 2)] * 10


def test_wards_on_todays_units_lose_no_dossier(wards: Warehouse) -> None:
    ((received, today),) = wards.query("""
        with units as (select distinct unit_id, current_unit_id from dim_units)
        select
            (select sum(received_total) from fct_dossier_periods where period_key = 'cal:2025Q3'),
            (select sum(form.received_total) from fct_dossier_periods as form join units using (unit_id)
             where period_key = 'cal:2025Q3')
    """)
    assert (received, today) == (30, 30)


def test_ten_thousand_units_are_no_burden(wards: Warehouse) -> None:
    """The tree and the units of today of 13,000 units, reckoned set by set: no model takes seconds."""
    import json

    (run,) = (wards.home / "runs").glob("*/dbt.json")
    seconds = {
        node["unique_id"].rsplit(".", 1)[-1]: node["seconds"]
        for node in json.loads(Path(run).read_text(encoding="utf-8"))
        if node["unique_id"].startswith("model.")
    }
    slow = {name: took for name, took in seconds.items() if name.startswith("unit_") and took > 10}
    assert slow == {}
    print({name: took for name, took in seconds.items() if "unit" in name})
