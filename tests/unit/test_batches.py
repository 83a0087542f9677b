"""Files mapped together give what each gives alone: no rule looks beyond its file, a bad file fails alone."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dagster_project.ingest.batches import BatchMapper, plan_batches
from dagster_project.ingest.grammar import SourceMap
from dagster_project.ingest.keyed_session import connect
from dagster_project.ingest.landing import ClaimedFile
from dagster_project.ingest.mapping import MappedFile, map_file, map_files
from tests.unit.mapped import KEY, bad_cells, values

COLUMNS = {"dossier_code": "id", "received_at": "day", "unit_name": "unit"}
HEADER = "id,day,unit\n"


def claims(folder: Path, texts: dict[str, str], record: dict[str, Any], **options: Any) -> list[ClaimedFile]:
    """Write files and claim them by one input; ``options`` are of the map, or of the input by ``part``."""
    part = {"name": "all", "files": "**/*", "format": "csv", "records": [{"kind": "dossiers", **record}]}
    part |= options.pop("part", {})
    source_map = SourceMap.model_validate({"source": "test", "extract": {}, **options, "inputs": [part]})
    found = []
    for name, text in texts.items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        size = path.stat().st_size
        found.append(ClaimedFile(path, name, source_map, source_map.inputs[0], sha256, size))
    return found


def together(files: Sequence[ClaimedFile]) -> list[MappedFile]:
    """The files mapped in one go, after a look that each comes out as it does alone."""
    with connect(KEY) as connection:
        results = map_files(connection, files)
        tables = connection.execute("select count(*) from duckdb_tables() where not internal").fetchall()
        assert tables == [(0,)]
    for claimed, result in zip(files, results, strict=True):
        alone = map_file(claimed, KEY)
        assert result.claimed is claimed and result.error == alone.error
        assert result.outcomes.equals(alone.outcomes) and result.quarantine.equals(alone.quarantine)
        assert {kind: table.to_pylist() for kind, table in result.tables.items()} == {
            kind: table.to_pylist() for kind, table in alone.tables.items()
        }
    return results


def test_a_file_that_is_cut_off_fails_alone_and_titles_may_differ(tmp_path: Path) -> None:
    texts = {
        "a.csv": HEADER + "A1,2024-01-01,X\n",
        "b.csv": HEADER + 'B1,2024-01-01,X\nB2,2024-01-02,"Y\n',
        "c.csv": "Register,,\n\n" + HEADER + "C1,2024-03-01,X\n",
    }
    first, second, third = together(claims(tmp_path, texts, {"columns": COLUMNS}))
    assert first.error is None and third.error is None
    assert second.error is not None and second.error.startswith("b.csv: row 3: a quote is opened")
    assert (values(first, "_row_no"), values(third, "_row_no")) == ([2], [4])
    assert third.outcomes["rows_skipped"].to_pylist() == [2]
    assert values(first, "_extracted_at") != values(third, "_extracted_at")


def test_equal_rows_of_two_files_are_no_duplicates(tmp_path: Path) -> None:
    row = "A1,2024-01-01,X\n"
    results = together(
        claims(tmp_path, {"a.csv": HEADER + row, "b.csv": HEADER + row * 2}, {"columns": COLUMNS})
    )
    assert [values(result, "dossier_code") for result in results] == [["A1"], ["A1"]]
    assert [result.outcomes["rows_duplicate"].to_pylist() for result in results] == [[0], [1]]


def test_a_clean_row_of_another_file_vouches_for_no_label(tmp_path: Path) -> None:
    columns = {**COLUMNS, "submitted_at": {"constant": "2024-01-01"}}
    texts = {
        "a.csv": HEADER + "A1,2024-01-01,Lê Văn Kín\n",
        "b.csv": HEADER + "B1,Phòng Đất,Lê Văn Kín\nB2,2024-01-01,Phòng Đất\n",
    }
    first, second = together(claims(tmp_path, texts, {"columns": columns}))
    assert values(first, "unit_name") == ["Lê Văn Kín"]
    assert values(second, "unit_name") == [None, "Phòng Đất"]
    assert bad_cells(second) == [(2, "received_at", "not_a_date"), (2, "unit_name", "unvouched_label")]


def test_changes_and_exploded_rows_stay_within_their_file(tmp_path: Path) -> None:
    log = "id,status,at\nA,1,2024-01-01\nA,2,2024-01-02\n"
    columns = {
        "dossier_code": "id", "step_no": {"value": "change_no"}, "status_code": "status",
        "started_at": "at", "finished_at": {"value": "change_until"},
    }  # fmt: skip
    record = {
        "kind": "dossier_steps", "columns": columns, "changes_of": "status",
        "latest_by": {"header": "at", "type": "timestamp"},
    }  # fmt: skip
    results = together(claims(tmp_path, {"a.csv": log, "b.csv": log}, record))
    assert [values(result, "step_no", "dossier_steps") for result in results] == [["1", "2"], ["1", "2"]]
    exploded = {
        "columns": {"dossier_code": {"value": "exploded"}, "received_at": "day"},
        "explode": {"header": "id", "by": ";"},
    }
    texts = dict.fromkeys(("a.csv", "b.csv"), "id,day\nA;B;,2024-01-01\n,2024-01-01\n")
    results = together(claims(tmp_path, texts, exploded))
    assert [values(result, "dossier_code") for result in results] == [["A", "B"], ["A", "B"]]
    assert [result.outcomes["rows_skipped"].to_pylist() for result in results] == [[1], [1]]


@pytest.mark.parametrize("at", [{"title": r"on (\S+)"}, {"column": "at"}])
def test_a_file_without_its_moment_fails_alone(tmp_path: Path, at: dict[str, str]) -> None:
    texts = {
        "a.csv": "on 2024-02-01,,,\nid,day,unit,at\nA1,2024-01-01,X,2024-02-01\n",
        "b.csv": "on some day,,,\nid,day,unit,at\nB1,2024-01-01,X,some day\n",
        "c.csv": "on 2024-03-01,,,\nid,day,unit,at\nC1,2024-01-01,X,2024-03-01\n",
    }
    first, second, third = together(claims(tmp_path, texts, {"columns": COLUMNS}, extract={"at": at}))
    assert second.error is not None and "no extraction moment" in second.error
    assert values(first, "_extracted_at") == ["2024-02-01 00:00:00.000000"]
    assert values(third, "_extracted_at") == ["2024-03-01 00:00:00.000000"]


def test_json_files_differ_in_their_keys_rows_and_health(tmp_path: Path) -> None:
    def text(*rows: dict[str, Any]) -> str:
        return json.dumps({"unit": "H11", "data": rows})

    texts = {
        "a.json": text({"id": "A1", "day": "2024-01-01", "old": "x"}, {"id": "A2", "day": "2024-01-02"}),
        "b.json": text({"ID": "B1", "day": "2024-01-01", "new": "y", "old": "x", "more": 1}),
        "c.json": text(),
        "d.json": text({"id": "D1", "day": "2024-01-01"})[:-2],
        "e.json": text({"id": "E1"}),
        "f.json": text({"id": "F1", "day": "2024-01-01"}) * 2,
    }
    columns = {
        "dossier_code": "id", "received_at": "day", "unit_code": "/unit",
        "unit_name": {"any_of": ["new", "old"], "optional": True},
    }  # fmt: skip
    record = {"columns": columns, "rows": "$.data[*]"}
    results = together(claims(tmp_path, texts, record, part={"format": "json"}))
    assert [result.error is None for result in results] == [True, True, True, False, False, True]
    assert "cut off" in str(results[3].error) and "column «day»" in str(results[4].error)
    assert [values(result, "unit_name") for result in results] == [["x", None], ["y"], [], [], [], [None]]
    assert values(results[5], "_row_no") == [2]  # the same row of the same file twice
    assert [result.outcomes["ignored_columns"].to_pylist() for result in results[:2]] == [[""], ["more"]]


def test_batches_hold_one_input_and_not_too_much(tmp_path: Path) -> None:
    texts = {f"{name}.csv": HEADER for name in "abcde"}
    files = claims(tmp_path, texts, {"columns": COLUMNS})
    others = claims(tmp_path, {"x.csv": HEADER}, {"columns": COLUMNS}, source="other")
    size = files[0].size
    planned = plan_batches([*files[:2], *others, *files[2:]], 2 * size)
    assert [[file.name[0] for file in batch] for batch in planned] == [["a", "b"], ["x"], ["c", "d"], ["e"]]
    by_path = {"columns": {**COLUMNS, "unit_code": {"coalesce": ["unit", {"value": "path"}]}}}
    assert [len(batch) for batch in plan_batches(claims(tmp_path, texts, by_path))] == [1] * 5


def test_results_come_in_order_and_leaving_early_leaves_no_thread(tmp_path: Path) -> None:
    texts = {f"{number:02}.csv": HEADER + f"A{number},2024-01-01,X\n" * 50 for number in range(12)}
    batches = [[file] for file in claims(tmp_path, texts, {"columns": COLUMNS})]
    names = [one.claimed.name for batch in BatchMapper(KEY, 16).results(batches) for one in batch]
    assert names == sorted(texts)
    results = BatchMapper(KEY, 16).results(batches)
    assert next(results)[0].claimed.name == "00.csv"
    results.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("mapping")]
