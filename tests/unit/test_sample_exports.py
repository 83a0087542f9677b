"""What the sample's systems export: state at each extract, corrections, sync, and the maps that undo it."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from dagster_project.ingest.landing import plan_landing
from dagster_project.ingest.load_maps import load_maps
from dagster_project.ingest.mapping import MappedFile, map_file
from dagster_project.sample.exports import all_exports, correspondence, monthly, one_stop, sync
from dagster_project.sample.exports.as_known import MOMENTS, Registers, as_known, changes
from dagster_project.sample.exports.distortions import extra_rows, sync_distortions, sync_plan
from dagster_project.sample.exports.files import SheetText, write_xlsx
from dagster_project.sample.exports.sync import write_sync
from dagster_project.sample.exports.words import extract_folder
from dagster_project.sample.people import applicant_names, identity_numbers, phone_numbers
from dagster_project.sample.world import World
from tests.unit.export_world import APRIL, COUNT, LAST, MARCH, MAY, at, make_world

FOLDERS = [extract_folder(number) for number in (MARCH, APRIL, LAST)]
NEWS_IN_APRIL = {"dossiers", "results", "appointments", "progress", "incoming", "outgoing", "follow_up", "delay_reviews",
                 "form_ii06"}  # fmt: skip
MONTHLY = (one_stop, sync, correspondence, monthly)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture(scope="module")
def landing(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that is exported up to April 2024, and what comes once at the end."""
    folder = tmp_path_factory.mktemp("sample")
    with pytest.MonkeyPatch.context() as patch:
        for module in MONTHLY:
            patch.setattr(module, "extracts", lambda world: range(APRIL + 1))
        for export in all_exports(world):
            assert list(export.write(folder / "binh-thuan")), export.title
    return folder


@pytest.fixture(scope="module")
def mapped(landing: Path) -> list[MappedFile]:
    maps = load_maps(Path(__file__).parents[2] / "sources")
    plan = plan_landing(maps, landing)
    assert plan.unclaimed == []
    chosen = [
        one
        for one in plan.claimed
        if (FOLDERS[1] not in one.name or one.input.name in NEWS_IN_APRIL)
        and any(folder in one.name for folder in FOLDERS)
    ]
    return [map_file(one, b"k" * 32) for one in chosen]


def rows_of(mapped: list[MappedFile], kind: str, source: str | None = None) -> pd.DataFrame:
    tables = [
        one.tables[kind]
        for one in mapped
        if kind in one.tables and source in (None, one.claimed.source_map.source)
    ]
    return pa.concat_tables(tables).to_pandas()


# ------------------------------------------------------------------------------------ state at an extract


def statuses(world: World, extract_no: int) -> dict[int, str]:
    rows = Registers(world).dossiers(extract_no)
    return dict(zip(rows["dossier_no"], rows["status_code"], strict=True))


def test_state_is_the_one_known_at_the_extract(world: World) -> None:
    march, april, may = (statuses(world, number) for number in (MARCH, APRIL, MAY))
    assert [march[number] for number in range(6)] == ["5", "refused", "4", "7", "6", "3"]
    assert march[10] == "10"
    assert {number: april[number] for number in (0, 2, 4)} == {0: "10", 2: "8", 4: "4"}
    assert may == {}


def test_what_is_still_to_come_is_empty(world: World) -> None:
    rows = Registers(world).dossiers(MARCH).set_index("dossier_no")
    assert pd.isna(rows.loc[0, "finished_at"]) and rows.loc[0, "due_at"] == pd.Timestamp("2024-03-25 17:00")
    later = as_known(world, MOMENTS[APRIL], MOMENTS[MARCH]).set_index("dossier_no")
    assert later.loc[0, "due_at"] == pd.Timestamp("2024-04-12 17:00")
    steps = Registers(world).rows("steps", MARCH).set_index("dossier_no")
    assert pd.isna(steps.loc[0, "finished_at"]) and pd.isna(steps.loc[0, "status_code"])
    with pytest.raises(ValueError, match="neighbouring"):
        as_known(world, MOMENTS[APRIL], None)


def test_an_event_at_the_very_moment_of_an_extract_is_in_it() -> None:
    found = changes([([3, 4], [MOMENTS[2], MOMENTS[2] + np.timedelta64(60, "s")])])
    assert [found.at(number).tolist() for number in (1, 2, 3)] == [[], [3], [4]]


def test_wrong_first_entries_are_right_in_the_next_extract(world: World) -> None:
    registers = Registers(world)
    wrong = registers.corrections
    assert 0 < len(wrong.dossier_no) < COUNT // 20
    columns = ["channel", "unit_code", "officer_no"]
    truth = world.dossiers.set_index("dossier_no")[columns]
    first = registers.dossiers(MARCH).set_index("dossier_no")[columns]
    changed = (first != truth.loc[first.index]).sum(axis=1)
    assert changed[changed > 0].index.tolist() == wrong.dossier_no.tolist() and changed.max() == 1
    second = registers.dossiers(APRIL).set_index("dossier_no")[columns]
    assert set(wrong.dossier_no) <= set(second.index)
    assert (second == truth.loc[second.index]).all(axis=None)


def test_the_last_extract_holds_nothing_wrong(world: World) -> None:
    late = world.dossiers.assign(
        **{name: world.dossiers[name] + pd.Timedelta("275D") for name in ("submitted_at", "received_at")},
        finished_at=at(None), returned_at=at(None), outcome="open",
    )  # fmt: skip
    moved = World(**{**world.__dict__, "dossiers": late})
    assert len(Registers(moved).corrections.dossier_no) == 0


# ------------------------------------------------------------------------------------ files


def test_the_maps_read_every_cell_that_is_exported(world: World, mapped: list[MappedFile]) -> None:
    assert [one.error for one in mapped if one.error] == []
    assert [row for one in mapped for row in one.quarantine.to_pylist()] == []
    local = ("land_one_stop", "department_one_stop", "district_one_stop")
    for kind, table in (("dossiers", "dossiers"), ("dossier_steps", "steps"), ("due_dates", "due_dates"),
                        ("supplement_requests", "supplements"), ("pauses", "pauses")):  # fmt: skip
        keys = {key for source in local for key in rows_of(mapped, kind, source)["_record_key"]}
        assert len(keys) == len(getattr(world, table)), kind
    assert (
        len(set(rows_of(mapped, "dossier_steps", "dvcqg")["_record_key"]))
        == extra_rows(world)["dossier_steps"]
    )
    documents = set(rows_of(mapped, "dossier_documents")["_record_key"])
    assert len(documents) == len(world.components) + extra_rows(world)["dossier_documents"]
    for kind, count in (("documents", 2), ("document_handlers", 4), ("results", 2), ("petitions", 1),
                        ("delay_reviews", 1), ("reported_figures", 2), ("targets", 1), ("officers", 5),
                        ("posts", 5), ("units", len(world.units)), ("procedures", len(world.procedures))):  # fmt: skip
        assert len(set(rows_of(mapped, kind)["_record_key"])) == count, kind


def test_the_newest_rows_say_what_happened(world: World, mapped: list[MappedFile]) -> None:
    for source, system in (("land_one_stop", 0), ("department_one_stop", 2), ("district_one_stop", 4)):
        rows = rows_of(mapped, "dossiers", source).sort_values("_extracted_at")
        newest = rows.drop_duplicates("dossier_code", keep="last").set_index("dossier_code")
        truth = world.dossiers[world.dossiers["dossier_code"].isin(newest.index)].set_index("dossier_code")
        assert len(truth) >= COUNT // 5 and truth["dossier_no"].isin([system]).any()
        newest = newest.loc[truth.index]
        for name in (
            "unit_code",
            "receiving_unit_code",
            "channel",
            "field_code",
            "procedure_level",
            "other_code",
        ):
            assert newest[name].fillna("").tolist() == truth[name].fillna("").tolist(), (source, name)
        for name in ("submitted_at", "received_at", "finished_at", "returned_at"):
            assert (
                pd.to_datetime(newest[name]).fillna(at("1970-01-01")) == truth[name].fillna(at("1970-01-01"))
            ).all()
        assert set(newest["limit_value"]) == {"8.5"} and set(newest["limit_unit"]) == {"working_day"}


def test_a_letter_has_its_main_handler_others_and_its_answer(mapped: list[MappedFile]) -> None:
    handlers = rows_of(mapped, "document_handlers", "correspondence")
    newest = handlers.sort_values("_latest_by", na_position="first").drop_duplicates(
        "_record_key", keep="last"
    )
    incoming = newest[newest["direction"] == "in"]
    assert sorted(incoming["role"]) == ["co", "co", "main"]
    assert incoming["handler_unit_code"].dropna().tolist() == ["000.03.13.H11"]
    letters = rows_of(mapped, "documents", "correspondence").sort_values(["_extracted_at", "_latest_by"])
    letter = letters[letters["direction"] == "in"].iloc[-1]
    assert (letter["due_on"], letter["answered_on"]) == ("2024-04-09", "2024-04-08")
    assert letter["answer_document_no"] == "55/STNMT-QLĐĐ" and letter["register_year"] == "2024"


def test_an_officer_is_one_pseudonym_in_every_export(mapped: list[MappedFile]) -> None:
    staff = set(rows_of(mapped, "officers")["officer"])
    assert len(staff) == 5
    for kind, column in (("dossiers", "officer"), ("dossier_steps", "officer"), ("documents", "main_officer"),
                         ("supplement_requests", "officer"), ("document_handlers", "officer"),
                         ("delay_reviews", "officer")):  # fmt: skip
        found = set(rows_of(mapped, kind)[column].dropna())
        assert found and found <= staff, kind


def test_no_personal_field_is_read(world: World, mapped: list[MappedFile], landing: Path) -> None:
    numbers = world.dossiers["applicant_no"].to_numpy()
    secrets = [*applicant_names(numbers[:5]), *phone_numbers(numbers[:5]), *identity_numbers(numbers[:5])]
    exported = b"".join(path.read_bytes() for path in sorted(landing.rglob("ho-so.csv")))
    assert all(str(secret).encode() in exported for secret in secrets[:1] + secrets[5:6] + secrets[10:11])
    loaded = "\n".join(
        "\n".join(filter(None, column.to_pylist()))
        for one in mapped
        for table in one.tables.values()
        for column in table.columns
        if pa.types.is_string(column.type)
    ).casefold()
    assert not [secret for secret in secrets if str(secret).casefold() in loaded]


def test_districts_write_decomposed_accents(landing: Path) -> None:
    text = (landing / "binh-thuan/mot-cua-huyen" / FOLDERS[0] / "ho-so.csv").read_text(encoding="utf-8")
    composed, decomposed = (unicodedata.normalize(form, "Trực tuyến") for form in ("NFC", "NFD"))
    assert composed not in text and decomposed in text and ";" in text.splitlines()[0]


# ------------------------------------------------------------------------------------ the sync


def test_the_sync_bends_what_is_planned_and_nothing_else(world: World, mapped: list[MappedFile]) -> None:
    sent = rows_of(mapped, "dossiers", "dvcqg")
    plan = sync_plan(world)
    codes = world.dossiers["dossier_code"].to_numpy(object)
    sent_by_other = set(world.dossiers["other_code"].to_numpy(object)[plan.hit["sync_other_code"]])
    assert sent_by_other and sent_by_other == set(sent["dossier_code"]) - set(codes)
    by_code = sent.sort_values("_extracted_at").drop_duplicates("dossier_code", keep="first")
    by_code = by_code.set_index("dossier_code")
    known = [number for number in np.flatnonzero(plan.is_sent) if codes[number] in by_code.index]
    is_moved = by_code.loc[codes[known], "submitted_at"] == by_code.loc[codes[known], "received_at"]
    assert is_moved.tolist() == plan.hit["sync_submitted_is_received"][known].tolist()
    refused = by_code.loc[codes[1]]
    assert (refused["status_code"], refused["refused_at"][:16]) == ("3", "2024-03-20 10:00")
    findings = sync_distortions(world)
    assert not findings.duplicated().any() and plan.is_sent[findings["dossier_no"]].all()


def test_a_waiting_dossier_is_sent_as_done_without_a_date(world: World, mapped: list[MappedFile]) -> None:
    plan = sync_plan(world)
    hit = np.flatnonzero(plan.hit["sync_status_rewritten"])
    assert set(hit) <= {0, 2, 4} and len(hit)
    sent = rows_of(mapped, "dossiers", "dvcqg")
    own = set(world.dossiers["dossier_code"]) | set(world.dossiers["other_code"].dropna())
    bent = sent[(sent["status_code"] == "9") & sent["finished_at"].isna() & sent["dossier_code"].isin(own)]
    assert set(bent["dossier_code"]) == {
        world.dossiers.loc[n, "other_code" if plan.hit["sync_other_code"][n] else "dossier_code"] for n in hit
    }
    progress = rows_of(mapped, "dossier_steps", "dvcqg")
    assert {"2", "3", "5", "6", "7", "8", "9", "10"} == set(progress["status_code"])


def test_the_same_world_gives_the_same_bytes(world: World, landing: Path, tmp_path: Path) -> None:
    written = list(write_sync(sync_plan(world), tmp_path / "binh-thuan"))
    assert [path.name[:8] for path in written] == ["DongBoHo", "CapNhatT"] * 2
    for path in written:
        assert path.read_bytes() == (landing / path.relative_to(tmp_path)).read_bytes()
    sheet = SheetText("Sổ", pa.table({"A": ["1", None, "<&>"]}), ("Tên",), total="Tổng cộng")
    for name in ("a.xlsx", "b.xlsx"):
        write_xlsx(tmp_path / name, [sheet])
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
