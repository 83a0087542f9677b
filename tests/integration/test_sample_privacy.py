"""No canary in any artefact: after a run, after a kill, after files that cannot be read.

The exports of a small sample carry a made-up person in every personal and free-text cell, and rows whose
cells stand under wrong headers, so that names, telephone and identity numbers are met where codes, labels,
numbers and dates are expected.
"""

from __future__ import annotations

import gzip
import json
import shutil
import signal
import sqlite3
import subprocess
import unicodedata
import zlib
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dagster_project.ingest.pseudonyms import load_key, pseudonym
from tests.conftest import Warehouse
from tests.integration.canaries import APPLICANT, EMAIL, NATIONAL_ID, OFFICER, PHONE, spoil_exports
from tests.integration.canary_search import find_canaries, in_bytes, in_text

pytestmark = pytest.mark.xdist_group("sample_privacy")

MONTHS = ("2023-01-31-2330", "2023-03-31-2330", "2024-12-31-2330")
LAND = "binh-thuan/mot-cua-dat-dai/2023-03-31-2330"


@pytest.fixture(scope="module")
def three_months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A landing with three months of a small sample, as it was written."""
    maker = Warehouse(tmp_path_factory.mktemp("maker"))
    made = maker.run("sample", "--scale", "0.02")
    assert made.returncode == 0, made.stderr
    for month in maker.landing_folder.glob("*/*/*"):
        if month.name not in MONTHS:
            shutil.rmtree(month)
    return maker.landing_folder


@pytest.fixture(scope="module")
def exports(three_months: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The months with canaries and with misplaced rows of every kind in every file. Read only."""
    return spoilt(three_months, tmp_path_factory.mktemp("spoilt") / "landing", gently=False)


@pytest.fixture(scope="module")
def publishable(three_months: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The months with canaries and so few misplaced rows that the quality gate lets them pass. Read only."""
    return spoilt(three_months, tmp_path_factory.mktemp("gently") / "landing", gently=True)


def spoilt(landing: Path, target: Path, gently: bool) -> Path:
    shutil.copytree(landing, target)
    assert spoil_exports(target, gently) > 50
    return target


def outputs(*done: subprocess.CompletedProcess[str]) -> str:
    return "\n".join(one.stdout + one.stderr for one in done)


def assert_no_canary(warehouse: Warehouse, *done: subprocess.CompletedProcess[str]) -> None:
    assert in_text(outputs(*done)) == set()
    found = find_canaries(warehouse.home)
    shown = "\n".join(f"{one.file}: {one.place}: {one.what}" for one in found[:80])
    assert not found, f"{len(found)} places show a canary:\n{shown}"


# ------------------------------------------------------------------------------------ the search works


def test_the_search_finds_what_is_planted(tmp_path: Path) -> None:
    """Every kind of artefact that a home holds, each with one canary in an awkward spelling."""
    decomposed = unicodedata.normalize("NFD", APPLICANT).upper()
    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        connection.execute("create schema raw")
        connection.execute("create table raw.texts as select 'row ' || range as text from range(200000)")
        connection.execute("insert into raw.texts values ($1)", [decomposed])
        connection.execute(f"create table raw.numbers as select range, {int(PHONE)} as n from range(9)")
        connection.execute("create table raw.nested as select {'a': [$1]} as s", ["CCCD 060 199 887 755"])
        connection.execute("create table clean as select range, md5(cast(range as varchar)) from range(9)")
        connection.execute(
            f"copy (select '{OFFICER}' as officer from range(9)) to '{tmp_path / 'b.parquet'}'"
            " (format parquet, compression zstd)"
        )
    with sqlite3.connect(tmp_path / "c.db") as events:
        events.execute("create table event_logs (id int, event text, body blob)")
        events.execute("insert into event_logs values (1, ?, null)", [json.dumps({"error": APPLICANT})])
        events.execute("insert into event_logs values (2, '', ?)", [zlib.compress(EMAIL.encode())])
    (tmp_path / "d.jsonl.gz").write_bytes(gzip.compress(NATIONAL_ID.encode()))
    (tmp_path / "e.log").write_text(decomposed, encoding="utf-16-be")
    (tmp_path / "f.log").write_text(json.dumps(APPLICANT.split()[0]))
    (tmp_path / "g.log").write_text("+84 905.550.173")
    (tmp_path / "h.log").write_text("DAUQUY, Đẫuquỳ")
    (tmp_path / "clean.log").write_text("Vẹt xanh 0905550 0173")
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing" / "x.csv").write_text(APPLICANT)

    found = find_canaries(tmp_path)
    places = {(one.file, one.place.partition(" (")[0]) for one in found if one.place != "bytes"}
    assert places == {
        ("a.duckdb", "raw.texts.text"),
        ("a.duckdb", "raw.numbers.n"),
        ("a.duckdb", "raw.nested.s"),
        ("b.parquet", "Parquet.officer"),
        ("c.db", "event_logs.event"),
        ("c.db", "event_logs.body"),
        ("d.jsonl.gz", "gzip"),
    }
    as_bytes = {one.file for one in found if one.place == "bytes"}
    assert {"c.db", "e.log", "f.log", "g.log", "h.log"} <= as_bytes
    assert not {"clean.log", "landing/x.csv"} & {one.file for one in found}


def test_the_exports_carry_the_canaries(exports: Path) -> None:
    """Every file but the few that name nobody; and in the JSON under codes, labels and dates."""
    without = {
        path.name
        for path in exports.rglob("*")
        if path.suffix in (".csv", ".json") and not in_bytes(path.read_bytes())
    }
    nobody = {
        "phieu-hen.csv",
        "tam-dung.csv",
        "thu-tuc.csv",
        "thay-the-thu-tuc.csv",
        "sample.json",
        "truth.json",
    }
    assert without <= nobody
    path = next(exports.glob("binh-thuan/dvcqg/2023-03-31-2330/DongBoHoSoMC-*.json"))
    rows = [row for line in path.read_text().splitlines() for row in json.loads(line)["data"]]
    for key in (
        "MaTTHC",
        "TenTTHC",
        "MaLinhVuc",
        "DonViXuLy",
        "NgayTiepNhan",
        "TrangThaiHoSo",
        "KenhThucHien",
    ):
        assert any(in_text(row[key]) for row in rows), key


# ------------------------------------------------------------------------------------ runs


COUNTS = """
    select
        (select count(*) from raw.dossier_steps where officer = $officer$),
        (select count(*) from raw.documents where main_officer = $officer$),
        (select count(*) from raw.quarantine where reason = 'not_a_date'),
        (select count(*) from raw.quarantine where reason = 'wrong_cell_count'),
        (select count(*) from raw.dossiers where _bad_columns is not null),
        (select count(*) from raw.ingest_outcomes where status = 'unreadable')
"""


def assert_loaded(warehouse: Warehouse) -> None:
    """The canary officer is a pseudonym, misplaced rows were set aside or loaded in part, no file failed."""
    officer = pseudonym(OFFICER, load_key(warehouse.home / "secrets", has_data=True))
    counts = warehouse.query(COUNTS.replace("$officer$", f"'{officer}'"), published=False)[0]
    assert all(counts[:5]), counts
    assert counts[5] == 0


def test_no_canary_after_a_publication(publishable: Path, new_home: Callable[..., Warehouse]) -> None:
    warehouse = new_home(landing=publishable)
    done = warehouse.refresh()
    assert_loaded(warehouse)
    assert list((warehouse.home / "published" / "parquet").glob("*.parquet"))
    assert any((warehouse.home / "reports").rglob("*"))
    commands = [warehouse.run("scorecard"), warehouse.run("status"), warehouse.run("sources", "check")]
    assert_no_canary(warehouse, done, *commands)


def test_no_canary_after_a_blocked_run(
    exports: Path, new_home: Callable[..., Warehouse], tmp_path: Path
) -> None:
    warehouse = new_home(landing=exports)
    done = warehouse.refresh(expect=1)
    assert "nothing published" in done.stderr
    assert_loaded(warehouse)
    listing = tmp_path / "listing"
    listing.mkdir()
    commands = [
        warehouse.run("sources", "check"),
        warehouse.run("quarantine", "list"),
        warehouse.run("quarantine", "export", str(listing / "quarantine.csv")),
        warehouse.run("status"),
    ]
    assert_no_canary(warehouse, done, *commands)
    assert find_canaries(listing) == []


QUICK = {"load.before"}


@pytest.mark.parametrize(
    "point",
    [
        pytest.param(point, marks=[] if point in QUICK else [pytest.mark.long])
        for point in ("extract.after", "load.before", "load.committed", "dbt.after")
    ],
)
def test_no_canary_after_a_kill(exports: Path, new_home: Callable[..., Warehouse], point: str) -> None:
    warehouse = new_home(landing=exports)
    killed = warehouse.run("refresh", CCHC_FAILPOINT=point)
    assert killed.returncode == -signal.SIGKILL, outputs(killed)
    if point in ("extract.after", "load.before"):
        assert any((warehouse.home / "dlt").rglob("*.parquet")), "dlt's working files lie there"
    assert_no_canary(warehouse, killed)


def no_header(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[1:]), encoding="utf-8")


def other_header(path: Path) -> None:
    """A column that the map reads has another header now; the cells below stay."""
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Mã yêu cầu bổ sung", "Số yêu cầu", 1), encoding="utf-8")


def open_quote(path: Path) -> None:
    """A quote in the middle of the file swallows all that follows."""
    lines = path.read_text(encoding="utf-8").replace('"', "").splitlines(keepends=True)
    lines.insert(len(lines) // 2, f'"{APPLICANT},{PHONE},')
    path.write_text("".join(lines), encoding="utf-8")


def other_encoding(path: Path) -> None:
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16"))


def stray_bytes(path: Path) -> None:
    path.write_bytes(path.read_bytes() + APPLICANT.encode() + b"\xff\xfe," + PHONE.encode() + b"\n")


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def broken_json(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    place = text.index(APPLICANT[:5])
    path.write_text(text[: place + 30] + '\n"' + text[place + 30 :], encoding="utf-8")


def not_json(path: Path) -> None:
    path.write_text(f"{APPLICANT} {PHONE} {NATIONAL_ID}\n", encoding="utf-8")


@pytest.mark.long
def test_no_canary_after_files_that_cannot_be_read(exports: Path, new_home: Callable[..., Warehouse]) -> None:
    """Required files broken in every way at once; the run is blocked and its messages quote no cell."""
    warehouse = new_home()
    shutil.copytree(exports, warehouse.landing_folder, dirs_exist_ok=True)
    land, sync = warehouse.landing_folder / LAND, warehouse.landing_folder / "binh-thuan" / "dvcqg"
    broken = {
        land / "ho-so.csv": no_header,
        land / "phieu-hen.csv": open_quote,
        land / "bo-sung.csv": other_header,
        land.parent / MONTHS[0] / "ho-so.csv": other_encoding,
        land.parent / MONTHS[0] / "bo-sung.csv": stray_bytes,
        land.parents[1] / "mot-cua-so" / MONTHS[1] / "so-theo-doi-ho-so.xlsx": cut_off,
        next(sync.glob("2023-01-*/DongBo*.json")): cut_off,
        next(sync.glob("2023-03-*/DongBo*.json")): broken_json,
        next(sync.glob("2023-03-*/CapNhat*.json")): not_json,
    }
    for path, spoil in broken.items():
        spoil(path)
    done = warehouse.run("refresh")
    assert done.returncode == 1, outputs(done)
    assert "nothing published" in done.stderr
    unreadable = {
        name
        for (name,) in warehouse.query(
            "select distinct file from raw.ingest_outcomes where status = 'unreadable'", published=False
        )
    }
    assert unreadable == {path.relative_to(warehouse.landing_folder).as_posix() for path in broken}
    assert_no_canary(warehouse, done, warehouse.run("status"), warehouse.run("sources", "check"))
