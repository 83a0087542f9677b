"""What the sample's systems export: state at each extract, corrections, sync, bytes, and the maps that undo it."""

from __future__ import annotations

import unicodedata
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from dagster_project.errors import ConfigError
from dagster_project.ingest.landing import plan_landing
from dagster_project.ingest.load_maps import load_maps
from dagster_project.ingest.mapping import MappedFile, map_file
from dagster_project.sample import write
from dagster_project.sample.catalog import load_catalog
from dagster_project.sample.exports import Export, all_exports, correspondence, monthly, one_stop, sync
from dagster_project.sample.exports.as_known import MOMENTS, Registers, as_known, changes
from dagster_project.sample.exports.distortions import extra_rows, sync_distortions, sync_plan
from dagster_project.sample.exports.files import SheetText, write_csv, write_xlsx
from dagster_project.sample.exports.sync import write_sync
from dagster_project.sample.exports.words import extract_folder
from dagster_project.sample.people import applicant_names, identity_numbers, phone_numbers
from dagster_project.sample.world import Options, World

MARCH, APRIL, MAY, LAST = 17, 18, 19, 26
FOLDERS = [extract_folder(number) for number in (MARCH, APRIL, LAST)]
NEWS_IN_APRIL = {"dossiers", "results", "appointments", "progress", "incoming", "outgoing", "follow_up", "delay_reviews",
                 "form_ii06"}  # fmt: skip
MONTHLY = (one_stop, sync, correspondence, monthly)
COUNT = 300


def at(text: str | None) -> np.datetime64:
    return np.datetime64(text or "NaT", "s")


def frame(columns: dict[str, object], count: int) -> pd.DataFrame:
    """Columns of a table; a text or number stands for the same value in every row."""
    table = pd.DataFrame(
        {
            name: value if isinstance(value, (list, np.ndarray)) else [value] * count
            for name, value in columns.items()
        }
    )
    for name in table.columns:
        if name.endswith(("_at", "_on")):
            table[name] = table[name].astype("datetime64[s]")
    return table


def make_dossiers() -> pd.DataFrame:
    """Six whose lives are known below; the others are done within March 2024, in all three systems."""
    numbers = np.arange(COUNT)
    units = np.array(
        ["001.10.13.H11", "004.10.13.H11", "000.08.13.H11", "000.04.13.H11", "000.00.21.H11"], object
    )
    outcome = np.full(COUNT, "done", object)
    outcome[:6] = ["done", "refused", "stopped", "withdrawn", "open", "not_accepted"]
    finished = np.full(COUNT, at("2024-03-20T09:00"))
    finished[:6] = [at("2024-04-10T09:00"), at("2024-03-20T10:00"), at("2024-04-02T10:00"), at("2024-03-21T10:00"),
                    at(None), at(None)]  # fmt: skip
    received = np.full(COUNT, at("2024-03-05T08:00"))
    received[5] = at(None)
    returned = np.where(np.isnat(finished), finished, finished + np.timedelta64(1, "D"))
    returned[1:6] = at(None)
    return frame(
        {
            "dossier_no": numbers,
            "dossier_code": [f"{unit}-240305-{number:04d}" for number, unit in zip(numbers, units[numbers % 5], strict=True)],
            "other_code": np.where(numbers % 3 == 0, [f"BTN-2024-{number:06d}" for number in numbers], None),
            "procedure_no": 0, "procedure_code": "2.000889", "field_code": "land",
            "procedure_level": np.where(numbers % 5 == 4, "district", "province"),
            "unit_code": units[numbers % 5], "receiving_unit_code": units[numbers % 5],
            "channel": np.array(["online", "counter", "post"], object)[numbers % 3],
            "officer_no": numbers % 5, "applicant_no": numbers + 7, "limit_value": 8.5,
            "limit_unit": "working_day", "is_remote_area": False,
            "submitted_at": np.full(COUNT, at("2024-03-04T20:00")), "received_at": received,
            "first_due_at": np.where(np.isnat(received), received, at("2024-03-25T17:00")),
            "outcome": outcome, "finished_at": finished,
            "refused_at": np.where(numbers == 5, at("2024-03-06T08:00"), at(None)), "returned_at": returned,
            "has_digitized_components": True, "has_electronic_result": numbers % 2 == 0,
            "is_reusing_data": False, "is_paid_online": True, "is_synced": numbers % 10 != 9,
        },
        COUNT,
    )  # fmt: skip


def make_world() -> World:
    catalog = load_catalog()
    dossiers = make_dossiers()
    accepted = dossiers[dossiers["received_at"].notna()]
    names = ["Nguyễn Văn Ất", "Trần Thị Bính", "Lê Quang Đinh", "Phạm Mậu", "Võ Kỷ"]
    units = ["001.10.13.H11", "004.10.13.H11", "000.08.13.H11", "000.04.13.H11", "000.00.21.H11"]
    first = frame({"dossier_no": accepted["dossier_no"].to_numpy(), "version_no": 1,
                   "due_at": at("2024-03-25T17:00"), "known_from_at": at("2024-03-05T08:00"),
                   "reason": "initial", "document_code": None}, len(accepted))  # fmt: skip
    again = frame({"dossier_no": [0], "version_no": 2, "due_at": at("2024-04-12T17:00"),
                   "known_from_at": at("2024-04-05T08:00"), "reason": "reappointed",
                   "document_code": "PXL-0001"}, 1)  # fmt: skip
    due = pd.concat([first, again], ignore_index=True).sort_values(
        ["dossier_no", "known_from_at"], ignore_index=True
    )
    steps = frame({"dossier_no": accepted["dossier_no"].to_numpy(), "step_no": 1, "step_name": "Thẩm định, trích đo",
                   "unit_code": accepted["unit_code"].to_numpy(), "officer_no": accepted["officer_no"].to_numpy(),
                   "started_at": accepted["received_at"].to_numpy(), "due_at": at("2024-03-25T17:00"),
                   "finished_at": accepted["finished_at"].to_numpy(), "allowed_days": 4.5,
                   "status_code": accepted["outcome"].map({"done": "9", "refused": "refused", "stopped": "8",
                                                           "withdrawn": "7"}).to_numpy(object)},
                  len(accepted))  # fmt: skip
    return World(
        options=Options(scale=0.01),
        units=catalog.units,
        unit_successions=catalog.unit_successions,
        procedures=catalog.procedures,
        procedure_successions=catalog.procedure_successions,
        officers=frame(
            {
                "officer_no": np.arange(5),
                "officer_name": names,
                "unit_code": units,
                "position": ["Viên chức", "Phó Trưởng phòng", "Chuyên viên", "Trưởng phòng", "Chuyên viên"],
                "joined_on": at("2020-01-06"),
                "left_on": at(None),
            },
            5,
        ),
        posts=frame({"unit_code": units, "year": 2024, "posts_assigned": 12, "posts_filled": 10}, 5),
        dossiers=dossiers,
        due_dates=due,
        supplements=frame(
            {
                "supplement_no": [0, 1],
                "supplement_code": ["BS-000001", "BS-000002"],
                "dossier_no": [0, 2],
                "phase": "after_acceptance",
                "officer_no": [0, 2],
                "requested_at": [at("2024-03-28T09:00"), at("2024-03-12T09:00")],
                "answered_at": [at("2024-04-03T09:00"), at("2024-03-14T09:00")],
                "previous_due_at": at("2024-03-25T17:00"),
                "new_due_at": at("2024-03-25T17:00"),
            },
            2,
        ),
        pauses=frame(
            {
                "dossier_no": [4],
                "paused_at": at("2024-03-30T09:00"),
                "resumed_at": at("2024-04-30T09:00"),
                "reason": "tax",
                "holder_unit_code": "TAX.H11",
            },
            1,
        ),
        steps=steps,
        components=frame(
            {
                "dossier_no": np.repeat(np.arange(COUNT), 2),
                "is_result": [False, False] * COUNT,
                "document_code": [f"000{900000 + number}" for number in range(2 * COUNT)],
                "component_code": "KQ.G13.000001",
                "is_digitized": True,
                "is_reused": False,
                "is_from_citizen_store": False,
                "result_code": None,
            },
            2 * COUNT,
        ),
        documents=make_documents(),
        document_handlers=frame(
            {
                "document_no": [0, 0, 0, 1],
                "officer_no": [1, -1, 2, 3],
                "handler_unit_code": [None, "000.03.13.H11", None, None],
                "role": ["main", "co", "co", "main"],
            },
            4,
        ),
        results=frame(
            {
                "result_code": ["KQ.1", "KQ.2"],
                "dossier_no": [-1, 10],
                "procedure_code": "2.000889",
                "field_code": "land",
                "unit_code": "001.10.13.H11",
                "issued_on": [at("2015-02-02"), at("2024-03-20")],
                "valid_to_on": at(None),
                "is_permanent": True,
                "is_electronic": False,
                "is_digitized": [True, False],
                "digitized_on": [at("2024-04-04"), at(None)],
            },
            2,
        ),
        petitions=frame(
            {
                "petition_code": ["PAKN-1"],
                "unit_code": "000.08.13.H11",
                "petition_type": "PAKN",
                "sent_at": at("2024-03-30T20:00"),
                "accepted_at": at("2024-04-01T08:00"),
                "transferred_at": at(None),
                "due_at": at("2024-04-15T17:00"),
                "answered_at": at("2024-04-10T08:00"),
                "is_satisfied": [True],
                "published_at": at("2024-04-11T17:00"),
                "complexity": [None],
                "is_remote": [None],
                "instance_no": [1],
                "handling": ["answered"],
            },
            1,
        ),
        delay_reviews=frame(
            {
                "dossier_no": [0],
                "reviewed_on": at("2024-04-22"),
                "unit_code": "001.10.13.H11",
                "officer_no": [0],
                "cause_code": "old_maps",
                "is_subjective": [None],
                "remedy_due_on": at("2024-05-10"),
            },
            1,
        ),
        reported_figures=frame(
            {
                "unit_code": "001.10.13.H11",
                "field_code": ["all", "land"],
                "period": "2024Q1",
                "calendar": ["rep", "cal"],
                "figure_code": "received_total",
                "value": [3, 4],
            },
            2,
        ),
        local_targets=frame(
            {
                "indicator_code": "OT_06",
                "unit_code": "001.10.13.H11",
                "field_code": "all",
                "procedure_level": "all",
                "period": "2024",
                "value": [0.98],
                "legal_source": "Kế hoạch",
            },
            1,
        ),
    )


def make_documents() -> pd.DataFrame:
    return frame(
        {
            "document_no": [0, 1], "direction": ["in", "out"], "unit_code": "000.00.13.H11",
            "book_code": ["DEN", "DI"], "register_year": 2024, "register_no": [101, 55],
            "code_text": ["12/QĐ-UBND", "55/STNMT-QLĐĐ"], "document_type": ["Quyết định", "Công văn"],
            "field_code": ["land", None], "urgency": "Khẩn", "author": "UBND tỉnh", "subject": "V/v <thử> & kiểm",
            "registered_on": [at("2024-03-11"), at("2024-04-08")], "issued_on": [at("2024-03-08"), at("2024-04-08")],
            "due_on": [at("2024-04-09"), at(None)], "answered_on": [at("2024-04-08"), at(None)],
            "answer_code": ["55/STNMT-QLĐĐ", None], "main_officer_no": [1, 3],
        },
        2,
    )  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return make_world()


@pytest.fixture(scope="module")
def landing(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that is exported up to April 2024, and what comes once at the end."""
    folder = tmp_path_factory.mktemp("sample")
    with pytest.MonkeyPatch.context() as patch:
        for module in MONTHLY:
            patch.setattr(module, "MOMENTS", MOMENTS[: APRIL + 1])
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


# ------------------------------------------------------------------------------------ bytes


def test_the_same_world_gives_the_same_bytes(world: World, landing: Path, tmp_path: Path) -> None:
    written = list(write_sync(sync_plan(world), tmp_path / "binh-thuan"))
    assert [path.name[:8] for path in written] == ["DongBoHo", "CapNhatT"] * 2
    for path in written:
        assert path.read_bytes() == (landing / path.relative_to(tmp_path)).read_bytes()
    sheet = SheetText("Sổ", pa.table({"A": ["1", None, "<&>"]}), ("Tên",), total="Tổng cộng")
    for name in ("a.xlsx", "b.xlsx"):
        write_xlsx(tmp_path / name, [sheet])
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


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
    monkeypatch.setattr(one_stop, "MOMENTS", MOMENTS[: MARCH + 1])
    files = list(one_stop.write_one_stop(Registers(world), tmp_path))
    here = sorted(path.name for path in files if path.parent == tmp_path / "mot-cua-so" / FOLDERS[0])
    assert here == ["bo-sung.csv", "buoc-xu-ly.csv", "ho-so.csv", "phieu-hen.csv", "tam-dung.csv"]
    plan = plan_landing(load_maps(Path(__file__).parents[2] / "sources"), tmp_path)
    claimed = [one for one in plan.claimed if "mot-cua-so" in one.name and FOLDERS[0] in one.name]
    results = [map_file(one, b"k" * 32) for one in claimed]
    assert [one.error for one in results] == [None] * 5
    assert rows_of(results, "dossiers")["unit_code"].isin(["000.08.13.H11", "000.04.13.H11"]).all()


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
