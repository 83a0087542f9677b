"""Source maps: the grammar, what mistakes sound like, fingerprints, date formats, record kinds."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import get_args

import duckdb
import pytest

from dagster_project.errors import ConfigError
from dagster_project.ingest import grammar
from dagster_project.ingest.date_formats import parse_date_format
from dagster_project.ingest.grammar import ColumnSpec, SourceMap, fold
from dagster_project.ingest.load_maps import load_maps, read_map
from dagster_project.ingest.record_kinds import RecordKind, record_kinds
from tests.conftest import ROOT

MAP = """\
source: counter
extract: {mode: full}
inputs:
  - name: log
    files: "log*.csv"
    format: csv
    records:
      - kind: dossiers
        where: {header: Kind, in: [A, "01"]}
        columns:
          dossier_code: No.
          received_at: {header: Received, formats: [dd/MM/yyyy HH:mm, iso]}
          finished_at: {coalesce: [Closed, {header: Paid, missing: [1900-01-01]}]}
          channel: {any_of: [Kênh, Kenh], codes: {01: counter, 2: online, no: ~}}
      - kind: dossier_steps
        changes_of: Desk
        latest_by: {header: Seq, type: number}
        columns:
          dossier_code: {concat: [No., {constant: "-"}, Year]}
          step_no: {value: change_no}
          officer: {header: Clerk, is_pseudonym: true}
          started_at: Changed
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a map and returns its path; messages then show it as x.yml."""
    monkeypatch.chdir(tmp_path)

    def make(text: str, name: str = "x.yml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return make


def parsed(path: Path) -> SourceMap:
    source_map, mistakes = read_map(path)
    assert source_map is not None, mistakes
    return source_map


def test_a_map_becomes_typed_parts(write: Write) -> None:
    source_map = parsed(write(MAP))
    dossiers, steps = source_map.inputs[0].records
    assert (source_map.namespace, source_map.timezone, source_map.precedence) == (
        "counter",
        "Asia/Ho_Chi_Minh",
        1,
    )
    assert source_map.missing_tokens == ("",)
    assert dossiers.columns["dossier_code"] == ColumnSpec(header="No.")
    assert dossiers.where[0].in_ == ("A", "01")
    assert [leaf.headers for leaf in dossiers.columns["finished_at"].leaves()] == [("Closed",), ("Paid",)]
    assert dossiers.columns["finished_at"].leaves()[1].missing == ("1900-01-01",)
    assert dossiers.columns["channel"].headers == ("Kênh", "Kenh")
    assert dossiers.key_columns == ("dossier_code",)
    assert steps.change_columns == ("dossier_code",)
    assert steps.columns["officer"].is_pseudonym


def test_codes_stay_the_text_that_was_written(write: Write) -> None:
    codes = parsed(write(MAP)).inputs[0].records[0].columns["channel"].codes
    assert codes == {"01": "counter", "2": "online", "no": None}


MISTAKES = {
    "unknown column with a near name": (
        ("started_at: Changed", "start_at: Changed\n          finished_at: Changed"),
        "x.yml:22: inputs[0].records[1].columns.start_at: unknown column for dossier_steps;"
        " did you mean started_at?",
    ),
    "misspelt key": (
        ("format: csv", "format: csv\n    delimeter: ;"),
        "x.yml:7: inputs[0].delimeter: unknown key; did you mean delimiter?",
    ),
    "misspelt key of a column": (
        ("is_pseudonym", "is_pseudonim"),
        "x.yml:21: inputs[0].records[1].columns.officer.is_pseudonim: unknown key;"
        " did you mean is_pseudonym?",
    ),
    "misspelt key inside a coalesce": (
        ("missing: [1900", "mising: [1900"),
        "x.yml:13: inputs[0].records[0].columns.finished_at.coalesce[1].mising: unknown key;"
        " did you mean missing?",
    ),
    "unknown record kind": (
        ("kind: dossiers", "kind: dosiers"),
        "x.yml:8: inputs[0].records[0].kind: unknown record kind dosiers; did you mean dossiers?",
    ),
    "where without a list shows no index": (
        ('in: [A, "01"]', "is_mising: true"),
        "x.yml:9: inputs[0].records[0].where.is_mising: unknown key; did you mean is_missing?",
    ),
    "where without a test": (
        ('in: [A, "01"]', "equals: A, matches: B"),
        "x.yml:9: inputs[0].records[0].where: needs exactly one of equals, in, not_in, is_missing, matches",
    ),
    "two origins of a column": (
        ("dossier_code: No.", "dossier_code: {header: No., constant: x}"),
        "x.yml:11: inputs[0].records[0].columns.dossier_code: needs exactly one of header, any_of, constant,"
        " coalesce, concat, value; has header, constant",
    ),
    "minutes for months": (
        ("dd/MM/yyyy HH:mm", "dd/mm/yyyy"),
        "x.yml:12: inputs[0].records[0].columns.received_at.formats[0]: date format «dd/mm/yyyy» lacks MM;"
        " mm are minutes, MM is the month",
    ),
    "key column not mapped": (
        ("          step_no: {value: change_no}\n", ""),
        "x.yml:18: inputs[0].records[1].columns: key column step_no of dossier_steps is not mapped; map it,"
        " or say what the key of this source is, like key: [dossier_code]",
    ),
    "no place in time": (
        ("          started_at: Changed\n", ""),
        "x.yml:18: inputs[0].records[1].columns: dossier_steps need a place in time; map at least one of"
        " started_at, finished_at",
    ),
    "change number without changes_of": (
        ("        changes_of: Desk\n", ""),
        "x.yml:19: inputs[0].records[1].columns.step_no.value: change_no needs changes_of,"
        " which this record does not have",
    ),
    "option of another format": (
        ("format: csv", "format: parquet\n    delimiter: ;"),
        "x.yml:7: inputs[0].delimiter: is for format csv, this input is parquet",
    ),
    "pseudonym of what is no person": (
        ("dossier_code: No.", "dossier_code: {header: No., is_pseudonym: true}"),
        "x.yml:11: inputs[0].records[0].columns.dossier_code.is_pseudonym: is for persons,"
        " this column is a code",
    ),
    "look-ahead, which RE2 does not know": (
        ("started_at: Changed", "started_at: {header: Changed, extract: '(?=a)'}"),
        "x.yml:22: inputs[0].records[1].columns.started_at.extract: regular expression «(?=a)»:"
        " Invalid regular expression: invalid perl operator: (?=",
    ),
    "wrong choice": (
        ("mode: full", "mode: ful"),
        "x.yml:2: extract.mode: «ful» is not one of 'full', 'delta'",
    ),
    "missing part": (("extract: {mode: full}\n", ""), "x.yml:1: extract: is missing"),
    "latest_by without a type": (
        (", type: number", ""),
        "x.yml:17: inputs[0].records[1].latest_by.type: is missing",
    ),
    "unknown time zone": (
        ("source: counter", "source: counter\ntimezone: Hanoi"),
        "x.yml:2: timezone: unknown time zone «Hanoi»; write it like Asia/Ho_Chi_Minh",
    ),
    "files outside landing": (
        ('"log*.csv"', "../log*.csv"),
        "x.yml:5: inputs[0].files: «../log*.csv» must be a path below landing with / between its parts",
    ),
    "key twice": (
        ("source: counter", "source: counter\nsource: other"),
        "x.yml:2: source: stands twice; remove one",
    ),
    "no YAML": (
        ("source: counter", "source: a: b"),
        "x.yml:1: is not valid YAML: mapping values are not allowed in this context;"
        " quote values that hold «: », «#» or start with a sign",
    ),
}


@pytest.mark.parametrize(("change", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_by_file_line_and_key(write: Write, change: tuple[str, str], message: str) -> None:
    assert change[0] in MAP
    assert read_map(write(MAP.replace(*change, 1))) == (None, [message])


def test_an_empty_or_binary_map_is_one_line(write: Write) -> None:
    assert read_map(write(""))[1] == [
        "x.yml:1: is not a source map; it must hold source:, extract: and inputs:"
    ]
    path = write("")
    path.write_bytes("title: Đơn vị".encode("utf-16"))
    assert read_map(path)[1] == ["x.yml: is not UTF-8 text; save it as UTF-8"]


def test_a_map_that_holds_itself_ends(write: Write) -> None:
    assert read_map(write("inputs: &a [*a]\n"))[1] == ["x.yml:1: inputs[0]: refers to itself; write it out"]


def test_load_maps_raises_the_first_mistake_and_counts_the_others(write: Write) -> None:
    folder = write(MAP.replace("dossier_code: No.", "dossier_cod: No.")).parent
    with pytest.raises(ConfigError) as caught:
        load_maps(folder)
    assert str(caught.value).startswith("x.yml:10: inputs[0].records[0].columns: key column dossier_code")
    assert str(caught.value).endswith("(and 1 more mistake in this map)")


def test_a_source_has_one_map(write: Write) -> None:
    write(MAP, "a.yml")
    folder = write(MAP, "b.yaml").parent
    with pytest.raises(ConfigError, match=r"^b\.yaml: source counter is already described by a\.yml"):
        load_maps(folder)


def test_maps_come_by_file_name_and_without_hidden_files(write: Write) -> None:
    write(MAP.replace("counter\n", "second\n", 1), "b.yml")
    write("not a map", ".c.yml")
    folder = write(MAP, "a.yaml").parent
    assert [one.source for one in load_maps(folder)] == ["counter", "second"]
    with pytest.raises(ConfigError, match="no such folder"):
        load_maps(folder / "nowhere")


def test_the_fingerprint_follows_content_only(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    first = parsed(write(MAP)).fingerprint
    assert parsed(write("# why\ntitle: A log\n" + MAP.replace("[A, ", "[A,   "))).fingerprint == first
    assert parsed(write(MAP.replace("mode: full", "mode: delta"))).fingerprint != first
    assert parsed(write(MAP.replace("header: Clerk", "header: clerk"))).fingerprint != first
    monkeypatch.setattr(grammar, "READER_VERSION", grammar.READER_VERSION + 1)
    assert parsed(write(MAP)).fingerprint != first


def test_a_map_never_changes(write: Write) -> None:
    with pytest.raises(ValueError, match="frozen"):
        parsed(write(MAP)).precedence = 2  # type: ignore[misc]


def test_headers_compare_without_accents_form_case_and_breaks() -> None:
    decomposed = "Nga\u0300y\n NO\u0323\u0302P "
    assert fold(decomposed) == fold("ngày  nộp")
    assert fold("Ngày") != fold("Ngây")


@pytest.mark.parametrize(
    ("written", "text", "expected"),
    [
        ("dd/MM/yyyy HH:mm", "05/03/2024 07:30", datetime(2024, 3, 5, 7, 30)),
        ("d-M-yyyy", "5-3-2024", datetime(2024, 3, 5)),
        ("yyyyMMddHHmmss", "20240305073001", datetime(2024, 3, 5, 7, 30, 1)),
        ("yyyy-MM-ddTHH:mm:ss.fff", "2024-03-05T07:30:01.250", datetime(2024, 3, 5, 7, 30, 1, 250000)),
        ("HH:mm dd/MM/yyyy", "07:30 05/03/2024", datetime(2024, 3, 5, 7, 30)),
        ("100% dd.MM.yyyy", "100% 05.03.2024", datetime(2024, 3, 5)),
    ],
)
def test_date_formats_read_what_they_say(written: str, text: str, expected: datetime) -> None:
    pattern = parse_date_format(written).strptime
    assert duckdb.execute("select strptime(?, ?)", [text, pattern]).fetchone() == (expected,)


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("DD/MM/YYYY", "unknown part «DD»; write dd"),
        ("dd/mm/yyyy", "lacks MM; mm are minutes"),
        ("dd/mm/yyyy HH:mm", "«mm» stands twice; mm are minutes"),
        ("MM/yyyy", "lacks dd"),
        ("dd/MM/yy", "unknown part «yy»; known are"),
        ("dd MMM yyyy", "unknown part «MMM»"),
        ("", "lacks yyyy, MM, dd"),
    ],
)
def test_date_formats_refuse_what_they_do_not_know(written: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        parse_date_format(written)


def test_named_date_formats() -> None:
    kinds = [parse_date_format(name).kind for name in ("iso", "excel", "yyyyMMdd")]
    assert kinds == ["iso", "excel", "pattern"]


def test_record_kinds_are_those_of_the_contract() -> None:
    kinds = record_kinds()
    assert len(kinds) == 19
    assert kinds["dossiers"].columns["officer"] == "person"
    assert all(set(kind.key) <= set(kind.columns) for kind in kinds.values())
    assert len({kind.version() for kind in kinds.values()}) == 19


def test_the_shipped_maps_are_sound() -> None:
    maps = {one.source: one for one in load_maps(ROOT / "sources")}
    wabo = maps["wabo_receipt"]
    assert (wabo.namespace, wabo.timezone, wabo.required) == ("wabo", "Europe/Amsterdam", True)
    assert [record.kind for part in wabo.inputs for record in part.records] == [
        "dossiers",
        "due_dates",
        "dossier_steps",
    ]


def test_the_map_of_the_how_to_is_sound(write: Write) -> None:
    text = (ROOT / "docs" / "source-maps.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert parsed(write(example)).source == "one_stop"


def test_the_how_to_names_every_key_of_the_grammar() -> None:
    text = (ROOT / "docs" / "source-maps.md").read_text(encoding="utf-8")
    models = (SourceMap, grammar.Input, grammar.Record, ColumnSpec, grammar.Where, grammar.ExtractAt)
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}
    values = set(get_args(grammar.Value))
    assert {key for key in keys | values if not re.search(rf"\b{key}\b", text)} == set()


def test_a_column_added_later_makes_only_maps_that_fill_it_read_again() -> None:
    kind = record_kinds()["dossiers"]
    before = RecordKind(
        kind.name,
        kind.key,
        kind.place_in_time,
        kind.moments,
        {name: shape for name, shape in kind.columns.items() if name not in kind.later},
    )
    assert kind.later
    assert kind.version({"dossier_code"}) == before.version({"dossier_code"})
    assert kind.version({"dossier_code", "limit_value_2"}) != before.version({"dossier_code"})
