"""Landing: which map claims which file, file identities, the key and the pseudonyms, and the dry check."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pyarrow as pa
import pytest

from dagster_project.errors import ConfigError
from dagster_project.ingest import landing
from dagster_project.ingest.grammar import SourceMap
from dagster_project.ingest.landing import claim_file, matches, plan_landing
from dagster_project.ingest.load_maps import load_maps
from dagster_project.ingest.pseudonyms import keyed_hash, keyed_hashes, load_key, pseudonym, pseudonymise
from tests.conftest import ROOT, shared_data

KEY = bytes(range(32))


def source(
    name: str = "counter", files: str = "**/log*.csv", at: dict[str, object] | None = None, **column: object
) -> SourceMap:
    columns = {"dossier_code": "No.", "received_at": "Received", **column}
    return SourceMap.model_validate(
        {
            "source": name,
            "extract": {"mode": "full", "at": at},
            "inputs": [
                {
                    "name": "log",
                    "files": files,
                    "format": "csv",
                    "records": [{"kind": "dossiers", "columns": columns}],
                }
            ],
        }
    )


def put(folder: Path, *names: str, text: str = "No.,Received\n1,2024-01-01\n") -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


# ------------------------------------------------------------------------------------ claims


def test_every_file_is_claimed_or_unclaimed_by_name(tmp_path: Path) -> None:
    put(tmp_path, "log2.csv", "2024/log1.csv", "readme.txt", "a/b/c.txt")
    plan = plan_landing([source()], tmp_path)
    assert [file.name for file in plan.claimed] == ["2024/log1.csv", "log2.csv"]
    assert plan.unclaimed == ["a/b/c.txt", "readme.txt"]
    assert [file.size for file in plan.claimed] == [26, 26]
    assert plan.claimed[0].sha256 == plan.claimed[1].sha256 != ""


def test_hidden_and_half_written_files_are_not_there(tmp_path: Path) -> None:
    put(
        tmp_path,
        *(".DS_Store", "~$log.csv", "log.csv.part", "log.csv.crdownload", ".git/log.csv", ".~lock.log.csv#"),
        *("Thumbs.db", "log.csv~", "log.tmp"),
    )
    plan = plan_landing([source(files="**/*")], tmp_path)
    assert (plan.claimed, plan.unclaimed) == ([], [])


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert plan_landing([source()], tmp_path / "landing").claimed == []


def test_links_are_followed_and_a_circle_ends(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere", "log1.csv")
    folder = tmp_path / "landing"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    (folder / "log2.csv").symlink_to(tmp_path / "elsewhere" / "log1.csv")
    (folder / "circle").symlink_to(folder)
    assert [file.name for file in plan_landing([source()], folder).claimed] == ["link/log1.csv", "log2.csv"]


def test_a_file_that_cannot_be_opened_does_not_stop_the_others(tmp_path: Path) -> None:
    put(tmp_path, "log1.csv")
    (tmp_path / "log0.csv").symlink_to(tmp_path / "gone.csv")
    broken, good = plan_landing([source()], tmp_path).claimed
    assert broken.error is not None and "No such file" in broken.error
    assert (broken.file_id, good.error) == ("unreadable:log0.csv", None)


def test_two_maps_may_not_claim_one_file_but_two_inputs_may(tmp_path: Path) -> None:
    put(tmp_path, "log1.csv")
    with pytest.raises(ConfigError, match=r"^log1\.csv: claimed by the source maps counter and other;"):
        plan_landing([source(), source("other")], tmp_path)
    one = source()
    again = one.inputs[0].model_copy(update={"name": "again"})
    both = one.model_copy(update={"inputs": (*one.inputs, again)})
    assert [file.input.name for file in plan_landing([both], tmp_path).claimed] == ["log", "again"]


@pytest.mark.parametrize(
    ("name", "glob", "is_match"),
    [
        ("log.csv", "**/log*.csv", True),
        ("a/b/log1.csv", "**/log*.csv", True),
        ("a/log1.csv", "log*.csv", False),
        ("a/log1.csv", "*/log?.csv", True),
        ("a/b/log1.csv", "*/log?.csv", False),
        ("LOG1.CSV", "log*.csv", True),
        ("blog1.csv", "**/log*.csv", False),
        ("log1xcsv", "log1.csv", False),
        ("a/anything", "a/**", True),
        ("q3.csv", "q[1-2].csv", False),
        ("q3.csv", "q[!1-2].csv", True),
        (unicodedata.normalize("NFD", "hồ sơ.csv"), "hồ*.csv", True),
    ],
)
def test_globs(name: str, glob: str, is_match: bool) -> None:
    assert matches(name, [glob]) is is_match


def test_a_file_outside_landing_is_claimed_by_the_end_of_its_path(tmp_path: Path) -> None:
    put(tmp_path, "desk/mail/log1.csv", "desk/other.csv")
    maps, folder = [source(files="mail/log*.csv")], tmp_path / "landing"
    [file] = claim_file(maps, tmp_path / "desk/mail/log1.csv", folder)
    assert file.name == "mail/log1.csv"
    assert claim_file(maps, tmp_path / "desk/other.csv", folder) == []


# ------------------------------------------------------------------------------------ identity


def test_the_same_bytes_are_one_file_unless_the_path_says_otherwise(tmp_path: Path) -> None:
    put(tmp_path, "log-20240101.csv", "copy/log-20240101.csv", "log-20240201.csv")
    plain = plan_landing([source()], tmp_path).claimed
    assert {file.file_id for file in plain} == {plain[0].sha256}

    dated = source(at={"path": r"(\d{8})\.csv", "formats": ["yyyyMMdd"]})
    by_name = {file.name: file.file_id for file in plan_landing([dated], tmp_path).claimed}
    assert by_name["log-20240101.csv"] == by_name["copy/log-20240101.csv"] != by_name["log-20240201.csv"]

    by_folder = source(unit_code={"coalesce": ["Unit", {"value": "path", "extract": r"^(\w+)/"}]})
    ids = [file.file_id for file in plan_landing([by_folder], tmp_path).claimed]
    assert ids[0] != ids[1] == ids[2]


def test_a_file_is_hashed_again_only_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "log.csv")
    first = plan_landing([source()], tmp_path).claimed[0].sha256
    reads: list[str] = []
    original = landing.hashlib.sha256

    def counting(data: bytes = b"") -> object:
        reads.append("read")
        return original(data)

    monkeypatch.setattr(landing.hashlib, "sha256", counting)
    assert plan_landing([source()], tmp_path).claimed[0].sha256 == first
    assert reads == []
    put(tmp_path, "log.csv", text="No.,Received\n2,2024-01-01\n")
    os.utime(tmp_path / "log.csv", ns=(1, 1))
    assert plan_landing([source()], tmp_path).claimed[0].sha256 != first


def test_wabo_files_are_claimed() -> None:
    folder = shared_data("wabo-receipt")
    plan = plan_landing(load_maps(ROOT / "sources"), folder)
    assert [(file.name, file.input.name) for file in plan.claimed] == [
        ("receipt_cases.csv", "cases"),
        ("receipt_events.csv.gz", "events"),
    ]
    assert [name for name in plan.unclaimed if not name.startswith("truth/")] == []


# ------------------------------------------------------------------------------------ pseudonyms


def test_a_new_home_makes_one_key_for_its_owner(tmp_path: Path) -> None:
    key = load_key(tmp_path / "secrets", has_data=False)
    assert len(key) == 32 and load_key(tmp_path / "secrets", has_data=True) == key
    assert load_key(tmp_path / "other", has_data=False) != key
    [path] = (tmp_path / "secrets").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_home_with_data_and_no_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"pseudonym\.key: missing, but this home holds data") as caught:
        load_key(tmp_path, has_data=True)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "pseudonym.key").write_bytes(b"short")
    with pytest.raises(ConfigError, match="has 5 bytes, a key has 32"):
        load_key(tmp_path, has_data=False)


def test_pseudonyms_follow_the_name_not_its_spelling() -> None:
    name = "Nguyễn Văn A"
    values = [name, unicodedata.normalize("NFD", " Nguyễn  Văn A "), None, " ", "Trần B"]
    chunked = pa.chunked_array([values[:2], values[2:]])
    for column in (pa.array(values), chunked, pa.array(values, pa.large_string())):
        made = pseudonymise(column, KEY).to_pylist()
        assert made == [pseudonym(name, KEY), pseudonym(name, KEY), None, None, pseudonym("Trần B", KEY)]
    assert len(made[0]) == 18 and made[0].startswith("P-")
    assert pseudonym(name, KEY) != pseudonym(name, KEY[::-1])
    assert pseudonymise(pa.array([], pa.string()), KEY).to_pylist() == []
    assert pseudonymise(pa.chunked_array([], pa.string()), KEY).to_pylist() == []


def test_a_rejected_cell_cannot_be_linked_to_a_pseudonym() -> None:
    assert keyed_hash("Trần B", KEY) not in pseudonym("Trần B", KEY)
    assert keyed_hashes(pa.array(["a", None]), KEY).to_pylist() == [keyed_hash("a", KEY), None]
