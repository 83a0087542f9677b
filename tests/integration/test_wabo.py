"""The WABO permit log through ``sources/wabo-receipt.yml`` alone gives every published number.

The truth files are cohorts by the day of receipt; open stock and form II.06 are reckoned here from the
CSV in plain Python, apart from the warehouse.
"""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.conftest import Warehouse, shared_data

COHORT = """
    select {label} as label, count(*), count(finished_at),
        count(*) filter (where finished_at is not null and due_at is not null),
        count(*) filter (where is_on_time_by_time), count(*) filter (where is_on_time_by_date),
        count(*) filter (where finished_at is null)
    from marts.fct_dossiers group by 1
"""
LABELS = {
    "quarter": "strftime(received_at, '%Y') || '-Q' || quarter(received_at)",
    "month": "strftime(received_at, '%Y-%m')",
    "unit": "unit_code",
    "officer": "(select o.officer_code from marts.dim_officers o where o.officer_key = responsible_officer_key)",
    "channel": "channel_source",
}


def truth(name: str) -> list[dict[str, str]]:
    with (shared_data("wabo-receipt") / "truth" / name).open() as handle:
        return list(csv.DictReader(handle))


def cases() -> list[dict[str, str]]:
    with (shared_data("wabo-receipt") / "receipt_cases.csv").open() as handle:
        return list(csv.DictReader(handle))


def wall(text: str) -> datetime | None:
    """Wall clock as written: the offset is dropped, never applied."""
    return datetime.fromisoformat(text[:23]) if text else None


@pytest.mark.parametrize("by", LABELS)
def test_every_number_of_the_truth_files(wabo: Warehouse, by: str) -> None:
    rows = {row[0]: row[1:] for row in wabo.query(COHORT.format(label=LABELS[by]))}
    expected = truth(f"receipt_vs_deadline_by_{by}.csv")
    columns = ["received", "done", "done_with_due", "on_time_ts", "on_time_date", "open_n"]
    assert set(rows) == {row[by] for row in expected}
    for row in expected:
        for position, column in enumerate(columns):
            if column in row:
                assert rows[row[by]][position] == int(row[column]), (row[by], column)


def test_totals_and_the_two_that_finish_before_they_start(wabo: Warehouse) -> None:
    total = wabo.query(
        "select count(*), count(finished_at), count(*) filter (where is_on_time_by_time),"
        " count(*) filter (where is_on_time_by_date),"
        " count(*) filter (where flags like '%finished_before_received%') from marts.fct_dossiers"
    )
    assert total == [(1434, 1329, 954, 1020, 2)]


def test_steps_of_every_officer(wabo: Warehouse) -> None:
    rows = wabo.query(
        "select o.officer_code, count(*), count(distinct s.dossier_key) from marts.fct_dossier_steps s"
        " join marts.dim_officers o using (officer_key) group by 1"
    )
    expected = {
        (r["resource"], int(r["steps"]), int(r["cases"])) for r in truth("receipt_steps_by_resource.csv")
    }
    assert len(expected) == 48
    assert set(rows) == expected


def test_open_stock_on_the_day(wabo: Warehouse) -> None:
    rows = dict(
        wabo.query("select timeliness, count(*) from marts.fct_dossiers where finished_at is null group by 1")
    )
    assert rows == {"open_overdue": 39, "open_in_time": 66}


def test_against_the_planned_end_as_second_due_date_version(wabo: Warehouse) -> None:
    pairs = [(wall(c["enddate"]), wall(c["enddate_planned"]), wall(c["startdate"])) for c in cases()]
    by_time = sum(1 for end, planned, _ in pairs if end and planned and end <= planned)
    by_date = sum(1 for end, planned, _ in pairs if end and planned and end.date() <= planned.date())
    versions = dict(wabo.query("select reason, count(*) from marts.fct_dossier_due_dates group by 1"))
    assert versions["planned"] == 1434
    got = dict(
        wabo.query(
            "select rule_version, sum(numerator)::bigint from marts.fct_indicators where indicator_code = 'OT_PLAN'"
            " and unit_id = 'root' and scope = 'with_children' and field_code = 'all'"
            " and period_key in ('cal:2010', 'cal:2011', 'cal:2012') group by 1"
        )
    )
    assert got == {"by_time_v1": by_time, "by_date_v1": by_date}
    assert by_time != by_date


def test_indicator_by_time_and_by_date_over_the_years(wabo: Warehouse) -> None:
    got = dict(
        wabo.query(
            "select rule_version, (sum(numerator)::bigint, sum(denominator)::bigint) from marts.fct_indicators"
            " where indicator_code = 'OT_06' and unit_id = 'root' and scope = 'with_children'"
            " and field_code = 'all' and calendar = 'cal' and period in ('2010', '2011', '2012') group by 1"
        )
    )
    # one-stop software judges by the day, and no dossier of the log was withdrawn
    assert got == {"by_time_v1": (954, 1329), "by_date_v1": (1020, 1329), "one_stop_v1": (1020, 1329)}


def test_identities_of_form_ii06_in_every_period(wabo: Warehouse) -> None:
    broken = wabo.query(
        "select period_key, unit_id from marts.fct_dossier_periods where"
        " received_total <> received_online + received_other + carried_in"
        " or finished_total <> finished_early + finished_on_time + finished_late"
        " or open_total <> open_in_time + open_overdue or received_total <> finished_total + open_total"
    )
    kinds = wabo.query(
        "select distinct p.calendar, p.period_type from marts.fct_dossier_periods f join marts.dim_periods p"
        " using (period_key) order by 1, 2"
    )
    assert broken == []
    assert kinds == [(c, t) for c in ("cal", "rep") for t in ("half_year", "month", "quarter", "year")]


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("cal:2011-03", date(2011, 3, 1), date(2011, 3, 31)),
        ("cal:2011Q3", date(2011, 7, 1), date(2011, 9, 30)),
        ("cal:2011", date(2011, 1, 1), date(2011, 12, 31)),
        ("rep:2011Q1", date(2010, 12, 15), date(2011, 3, 14)),
        ("rep:2011-10", date(2011, 9, 15), date(2011, 10, 14)),
        ("rep:2011H2", date(2011, 6, 15), date(2011, 12, 14)),
        ("rep:2011", date(2010, 12, 15), date(2011, 12, 14)),
    ],
)
def test_open_stock_is_reckoned_not_summed(wabo: Warehouse, period: str, first: date, last: date) -> None:
    expected = {"carried": 0, "received": 0, "finished": 0, "open": 0, "overdue": 0, "late": 0}
    for case in cases():
        start, end, due = (wall(case[name]) for name in ("startdate", "enddate", "deadline"))
        assert start and due
        # A case that ends before it starts has ended when it started: it cannot be open in between.
        closed = max(start, end).date() if end else date.max
        expected["carried"] += start.date() < first <= closed
        expected["received"] += first <= start.date() <= last
        finished = first <= closed <= last and start.date() <= last
        expected["finished"] += finished
        expected["late"] += bool(finished and end and end.date() > due.date())
        is_open = start.date() <= last < closed
        expected["open"] += is_open
        expected["overdue"] += is_open and due.date() < last
    got = wabo.query(
        "select sum(carried_in), sum(received_online + received_other), sum(finished_total), sum(open_total),"
        f" sum(open_overdue), sum(finished_late) from marts.fct_dossier_periods where period_key = '{period}'"
    )[0]
    names = ["carried", "received", "finished", "open", "overdue", "late"]
    assert dict(zip(names, map(int, got), strict=True)) == expected


def test_every_row_read_is_accounted_for(wabo: Warehouse) -> None:
    rows = wabo.query(
        "select record_kind, rows_read, rows_loaded, rows_duplicate, rows_quarantined from marts.ingest_outcomes"
    )
    assert {kind: read for kind, read, *_ in rows} == {
        "dossiers": 1434,
        "due_dates": 1434,
        "dossier_steps": 8577,
    }
    assert all(read == loaded + duplicate + rejected for _, read, loaded, duplicate, rejected in rows)


def test_the_publication_is_complete(wabo: Warehouse) -> None:
    tables = {row[0] for row in wabo.query("select table_name from information_schema.tables")}
    parquet = {path.stem for path in (wabo.home / "published" / "parquet").glob("*.parquet")}
    assert tables == parquet
    assert len(tables) == 46
    undescribed = wabo.query(
        "select table_name, column_name from duckdb_columns() where comment is null and schema_name = 'main' and not internal"
    )
    assert undescribed == []
    assert oct(Path(wabo.marts).stat().st_mode)[-3:] == "444"
