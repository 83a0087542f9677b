"""What was rejected, as a file for spreadsheets."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb

from dagster_project.home import Home
from dagster_project.quarantine import export

_QUARANTINE = """
create schema raw; create schema control;
create table raw._dlt_loads as select '1' as load_id, 0 as status union all select '2', 1;
create table control.source_maps as select 'register' as source, 'new' as map_fingerprint;
create table raw.quarantine as
select 'register' as source, * from (values
    ('=cmd|'' /C calc''!A0.csv', 'new', 2, 'code', '=A(9)', '1'),
    ('b, "quoted".csv', 'new', 3, 'due', '-9', '1'),
    ('c.csv', 'new', 4, 'due', '+99', '1'),
    ('d.csv', 'new', 5, 'due', '@a', '1'),
    ('old map.csv', 'old', 6, 'due', '9', '1'),
    ('killed.csv', 'new', 7, 'due', '9', '2')
) as rejected (file, map_fingerprint, row_no, column_name, cell_shape, _dlt_load_id)
cross join (select 'dossiers' as record_kind, -1::bigint as cell_length);
"""


def test_nothing_in_the_export_is_a_formula_and_numbers_stay_numbers(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(_QUARANTINE)
    target = tmp_path / "rejected.csv"
    assert export(home, target) == 4
    assert target.read_bytes().startswith(b"\xef\xbb\xbf"), "spreadsheets know it for UTF-8"
    with target.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert [row["cell_shape"] for row in rows] == ["'=A(9)", "'-9", "'+99", "'@a"]
    assert [row["file"] for row in rows] == ["'=cmd|' /C calc'!A0.csv", 'b, "quoted".csv', "c.csv", "d.csv"]
    assert {row["cell_length"] for row in rows} == {"-1"} and "_dlt_load_id" not in rows[0]
