"""A small working warehouse as a build would leave it: publication and scorecard are tested without one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from dagster_project.home import Home
from dagster_project.publish.fingerprint import Fingerprint
from dagster_project.publish.history import published_indicator_rows
from dagster_project.publish.pointer import publish
from dagster_project.publish.release import RunFacts, write_release
from tests import fake_reports

AS_OF = date(2024, 7, 20)

_TABLES = """
create or replace table marts.dim_units as
select * from (values
    (1, 'root', 'root', 'Toàn bộ đơn vị', 'root', date '1900-01-01', date '9999-12-31'),
    (2, 'VP', 'VP', 'Văn phòng cũ', 'VP', date '1900-01-01', date '2023-12-31'),
    (3, 'VP', 'VP', 'Văn phòng', 'VP', date '2024-01-01', date '9999-12-31')
) as units (unit_key, unit_id, unit_code, unit_name, current_unit_id, valid_from_on, valid_to_on);

create or replace table marts.dim_indicators as
select * from (values
    ('OT_06', 'by_date_v1', 'Tỷ lệ hồ sơ giải quyết sớm và đúng hạn', 'Finished early or on time'),
    ('OT_06', 'by_time_v1', 'Tỷ lệ hồ sơ giải quyết sớm và đúng hạn', 'Finished early or on time'),
    ('LATE_OPEN', 'by_date_v1', 'Hồ sơ đang giải quyết quá hạn', 'Open past due')
) as names (indicator_code, rule_version, name_vi, name_en)
cross join (select 1 as display_order);

create or replace table marts.dim_fields as
select 'land' as field_code, 'Đất đai' as name_vi, 'Land' as name_en;

create or replace table marts.bridge_unit_ancestors as
select *, date '1900-01-01' as valid_from_on, date '9999-12-31' as valid_to_on
from (values ('root', 'root'), ('root', 'VP'), ('VP', 'VP')) as pairs (ancestor_unit_id, descendant_unit_id);

create or replace table marts.dim_periods as
select calendar || ':' || period as period_key, *, ends_on <= date '2024-07-20' as is_closed
from (values
    ('rep', '2023Q4', 'quarter', date '2023-09-15', date '2023-12-14'),
    ('rep', '2024Q1', 'quarter', date '2023-12-15', date '2024-03-14'),
    ('rep', '2024Q2', 'quarter', date '2024-03-15', date '2024-06-14'),
    ('rep', '2024Q3', 'quarter', date '2024-06-15', date '2024-09-14'),
    ('rep', '2024H1', 'half_year', date '2023-12-15', date '2024-06-14'),
    ('cal', '2024Q1', 'quarter', date '2024-01-01', date '2024-03-31')
) as periods (calendar, period, period_type, starts_on, ends_on);

create or replace table marts.fct_indicators as
select period_key, unit_id, scope, 'all' as field_code, indicator_code, rule_version, 'ratio' as measure_type,
    numerator::double as numerator, 1000::double as denominator, numerator / 1000 as value,
    1000::bigint as n, case indicator_code when 'OT_06' then 0.98 end::double as target,
    case indicator_code when 'OT_06' then numerator >= 980 end as is_met, null::double as score,
    null::double as max_score, 'provisional' as status, null::double as published_value,
    null::varchar as published_release_id, null::varchar as published_rule_version,
    null::varchar as restatement_reason, date '2024-07-20' as as_of_on
from (
    select period_key, unit_id, scope, indicator_code, rule_version,
        870 + 10.0 * row_number() over (partition by unit_id, scope, indicator_code, rule_version
            order by period_key) + {shift} as numerator
    from marts.dim_periods
    cross join (values ('root', 'with_children'), ('root', 'own'), ('VP', 'with_children'))
        as units (unit_id, scope)
    cross join (select indicator_code, rule_version from marts.dim_indicators)
);

create or replace table marts.fct_dossiers as
select i as dossier_key, 'H11-' || i as dossier_code,
    timestamp '2024-01-01 08:00:00' + to_hours(i::int) as received_at,
    case when i % 7 > 0 then 'it''s; "note"' end as flags, {shift} as shift, 'VP' as unit_id,
    1::bigint as procedure_key, 'land' as field_code, timestamp '2024-01-10 17:00:00' as due_at, 'event' as state_basis
from range({dossiers}) as dossiers (i) order by hash(i + {seed});

create or replace table marts.ingest_outcomes as
select 'q1.csv' as file, 10::bigint as rows_read, 0::bigint as rows_quarantined, 'loaded' as status;
create or replace table marts.quality_results as select * from control.quality_results where false;
create or replace table marts.published_indicators as select * from control.published_indicators;

comment on table marts.fct_dossiers is 'One row per dossier · Mỗi hồ sơ một dòng, người dân''s';
comment on column marts.fct_dossiers.received_at is 'Ngày tiếp nhận';
"""

_CONTROL = """
create schema if not exists marts; create schema if not exists raw; create schema if not exists control;
create or replace table raw._dlt_loads as select '1' as load_id, 0 as status union all select '2', 1;
create or replace table raw.ingest_outcomes as
select * from (values
    ('q1.csv', 'register', 'loaded', '2024-07-19 10:00:00', null, '1'),
    ('killed.csv', 'register', 'loaded', '2024-07-25 10:00:00', null, '2'),
    ('cut.xlsx', 'letters', 'unreadable', null, 'the archive is cut off', '1')
) as outcomes (file, source, status, extracted_at, error, _dlt_load_id);
create or replace table control.quality_results as
select 'r1' as run_id, 'marts' as suite, 'c' || i as expectation_id, if(i = 2, 'fail', 'pass') as status,
    'warning' as severity, 'land_office' as owner, 'marts.t: found 1 <of> 2' as message,
    'marts.t: 1 <trên> 2 không đạt' as message_vi
from range(3) as checks (i);
"""


def build(home: Home, shift: int = 0, dossiers: int = 100, seed: int = 0) -> None:
    """(Re)build the marts: ``shift`` changes figures, ``seed`` only the order in which rows are written."""
    home.prepare()
    # By way of a file: handing Arrow to DuckDB imports pandas, two seconds in every process of a test.
    earlier = home.build / "earlier.parquet"
    pq.write_table(published_indicator_rows(home), earlier)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("begin")
        connection.execute(_CONTROL)
        connection.execute(f"create or replace table control.published_indicators as from '{earlier}'")
        connection.execute(_TABLES.format(shift=shift, dossiers=dossiers, seed=seed))
        connection.execute(fake_reports.TABLES)
        connection.execute("commit")


def facts(run_id: str = "run-1", fingerprint: Fingerprint | None = None, sha256: str = "aa") -> RunFacts:
    return RunFacts(
        run_id=run_id,
        as_of_on=AS_OF,
        is_synthetic=False,
        started_at=datetime(2024, 7, 20, 1, 2, 3, tzinfo=UTC),
        sources=[{"file": "q1.csv", "sha256": sha256, "source": "register", "status": "loaded"}],
        verdict={"is_publishable": True, "summary": "publishable: 3 checks"},
        fingerprint=fingerprint or Fingerprint({"files": {"q1.csv": sha256}, "maps": {"m.yml": "bb"}}),
    )


def release(home: Home, shift: int = 0, **options: int) -> str:
    """Build, write and publish a release; return its id."""
    build(home, shift, **options)
    release_id = write_release(home, facts())
    publish(home, release_id)
    return release_id


def new_home(folder: Path) -> Home:
    home = Home(folder / "home")
    home.prepare()
    return home


def tree(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Inode, size and change time of every file and folder: equal when nothing was touched."""
    return {
        path.relative_to(folder).as_posix(): (
            path.stat().st_ino,
            path.stat().st_size,
            path.stat().st_mtime_ns,
        )
        for path in [folder, *folder.rglob("*")]
    }
