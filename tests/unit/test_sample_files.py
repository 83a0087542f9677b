"""How the sample's files are written: workbooks, CSV, registers too long for a sheet, the folder as a whole."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from dagster_project.errors import ConfigError
from dagster_project.ingest.landing import plan_landing
from dagster_project.ingest.load_maps import load_maps
from dagster_project.ingest.mapping import map_file
from dagster_project.sample import write
from dagster_project.sample.exports import Export, one_stop
from dagster_project.sample.exports.as_known import Registers
from dagster_project.sample.exports.files import SheetText, write_csv, write_xlsx
from dagster_project.sample.exports.words import extract_folder
from dagster_project.sample.world import World
from tests.unit.export_world import COUNT, MARCH, make_world

FOLDER = extract_folder(MARCH)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


def test_a_workbook_is_sound_and_reads_back(tmp_path: Path) -> None:
    import fastexcel

    table = pa.table({"Mã": [str(n) for n in range(120)], "Tên": ["a & b <c>", None, "=1+1"] * 40})
    sheet = SheetText("Sổ theo dõi", table, ("TIÊU ĐỀ", "DỮ LIỆU MÔ PHỎNG"), 1, True, 50, "Tổng cộng")
    write_xlsx(tmp_path / "x.xlsx", [sheet])
    with zipfile.ZipFile(tmp_path / "x.xlsx") as archive:
        assert archive.testzip() is None
        assert {info.date_time for info in archive.infolist()} == {(2024, 12, 31, 23, 30, 0)}
    book = fastexcel.read_excel(str(tmp_path / "x.xlsx"))
    rows = book.load_sheet("Sổ theo dõi", header_row=None, skip_rows=0, dtypes="string").to_pandas()
    rows = rows.astype(object).where(rows.notna(), None)
    cells = rows.iloc[:, 0].tolist()
    assert cells[:5] == ["TIÊU ĐỀ", "DỮ LIỆU MÔ PHỎNG", None, "Mã", "(1)"] and cells.count("Mã") == 3
    assert cells[5:55] == [str(n) for n in range(50)] and cells[55] == "Mã" and cells[-1] == "Tổng cộng"
    assert rows.iloc[5:8, 1].tolist() == ["a & b <c>", None, "=1+1"]


def test_csv_quotes_only_where_it_must(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", pa.table({"x, y": ["1"], "z": pa.array([None], pa.string())}), bom=True)
    assert (tmp_path / "a.csv").read_bytes() == b'\xef\xbb\xbf"x, y",z\n1,\n'
    write_csv(tmp_path / "b.csv", pa.table({"x": ['a;"b']}), delimiter=";")
    assert (tmp_path / "b.csv").read_text() == 'x\n"a;""b"\n'


def test_registers_too_long_for_a_sheet_come_as_csv(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_stop, "SHEET_ROWS", 20)
    monkeypatch.setattr(one_stop, "extracts", lambda world: range(MARCH + 1))
    files = list(one_stop.write_one_stop(Registers(world), tmp_path))
    here = sorted(path.name for path in files if path.parent == tmp_path / "mot-cua-so" / FOLDER)
    assert here == ["bo-sung.csv", "buoc-xu-ly.csv", "ho-so.csv", "phieu-hen.csv", "tam-dung.csv"]
    plan = plan_landing(load_maps(Path(__file__).parents[2] / "sources"), tmp_path)
    claimed = [one for one in plan.claimed if "mot-cua-so" in one.name and FOLDER in one.name]
    results = [map_file(one, b"k" * 32) for one in claimed]
    assert [one.error for one in results] == [None] * 5
    assert (
        pa.concat_tables([one.tables["dossiers"] for one in results if "dossiers" in one.tables])
        .to_pandas()["unit_code"]
        .isin(["000.08.13.H11", "000.04.13.H11"])
        .all()
    )


# ------------------------------------------------------------------------------------ write_sample


def stub_exports(world: World) -> list[Export]:
    def put(folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "a.csv").write_text("x\n1\n")
        yield folder / "a.csv"

    return [Export("stub", put)]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "all_exports", stub_exports)
    monkeypatch.setattr(write, "_write_truth", lambda world, path: path.write_text("{}") and 3)


def test_a_sample_is_written_and_written_again(quick: None, world: World, tmp_path: Path) -> None:
    out = tmp_path / "landing"
    for _ in range(2):
        summary = write.write_sample(out, world.options, world)
        assert (summary.files, summary.dossiers, summary.truth_numbers) == (3, COUNT, 3)
        assert sorted(path.name for path in out.rglob("*") if path.is_file()) == [
            "a.csv",
            "sample.json",
            "truth.json",
        ]
    marker = write.json.loads((out / "sample.json").read_text())
    assert (
        marker["synthetic"] is True
        and marker["files"] == ["binh-thuan/a.csv"]
        and marker["as_of"] == "2024-12-31"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["landing"]


def test_a_folder_with_other_files_is_refused(quick: None, world: World, tmp_path: Path) -> None:
    write.write_sample(tmp_path / "landing", world.options, world)
    (tmp_path / "landing/mine.xlsx").write_text("x")
    with pytest.raises(ConfigError, match=r"holds other files \(mine\.xlsx\)"):
        write.write_sample(tmp_path / "landing", world.options, world)
    assert (tmp_path / "landing/mine.xlsx").read_text() == "x"
    with pytest.raises(ConfigError, match="is a file"):
        write.write_sample(tmp_path / "landing/mine.xlsx", world.options, world)


def test_an_interrupted_run_leaves_what_was_there(quick: None, world: World, tmp_path: Path) -> None:
    out = tmp_path / "landing"
    write.write_sample(out, world.options, world)
    before = {path.name: path.stat().st_ino for path in out.rglob("*")}

    def stop(title: str, done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write.write_sample(out, world.options, world, stop)
    assert {path.name: path.stat().st_ino for path in out.rglob("*")} == before
    assert [path.name for path in tmp_path.iterdir()] == ["landing"]
