"""A definition that changed under its version is noticed, whatever of it changed, and nothing else is."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dagster_project.errors import ConfigError
from dagster_project.indicators.register import check_ratified, definitions, ratify

REGISTER = """\
indicator_code,rule_version,name_vi,name_en,measure_type,direction,is_reckoned,legal_source,status,owner,rule_model,\
replaces_version,ratified_on,ratified_by,definition_fingerprint
SUPP,v1,Bổ sung,Supplements,ratio,down,true,Decree,in_force,desk,verdicts_supp,,,,
SUPP,v0,Bổ sung,Supplements,ratio,down,false,Decree,in_force,desk,verdicts_gone,,2024-01-01,x,feed
APOL,v1,Xin lỗi,Apologies,ratio,up,true,Decree,in_force,desk,verdicts_apol,,,,
"""
THRESHOLDS = """\
threshold_code,threshold_value,legal_source,status
notice,3,Decree,in_force
apology,1,Decree,in_force
"""


def model(name: str, folder: str, sql: str, above: tuple[str, ...] = (), macros: tuple[str, ...] = ()) -> Any:
    nodes = [f"seed.cchc.{each[1:]}" if each[0] == "~" else f"model.cchc.{each}" for each in above]
    return {
        "name": name,
        "path": f"{folder}/{name}.sql",
        "raw_code": sql,
        "depends_on": {"nodes": nodes, "macros": [f"macro.cchc.{each}" for each in macros]},
    }


def parsed() -> Any:
    supp = (
        "-- how many days\nselect * from states where threshold_code = 'notice' and day < {{ var('days') }}"
    )
    models = [
        model("verdicts_supp", "facts/indicators/supp", supp, ("states", "~thresholds"), ("to_day",)),
        model(
            "verdicts_apol",
            "facts/indicators/apol",
            "select 1 where threshold_code = 'apology'",
            ("~thresholds",),
        ),
        model("states", "facts/dossiers", "select ended", ("stg_dossiers",)),
        model("stg_dossiers", "staging", "select raw"),
    ]
    return {
        "metadata": {"project_name": "cchc"},
        "nodes": {
            **{f"model.cchc.{each['name']}": each for each in models},
            "seed.cchc.indicators": {"original_file_path": "seeds/indicators.csv"},
            "seed.cchc.thresholds": {"original_file_path": "seeds/thresholds.csv"},
        },
        "macros": {
            "macro.cchc.to_day": {
                "package_name": "cchc",
                "macro_sql": "cast(x as date)",
                "depends_on": {"macros": []},
            }
        },
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "dbt_project.yml").write_text("vars: {days: 5}", encoding="utf-8")
    (tmp_path / "seeds" / "indicators.csv").write_text(REGISTER, encoding="utf-8")
    (tmp_path / "seeds" / "thresholds.csv").write_text(THRESHOLDS, encoding="utf-8")
    ratify(tmp_path, parsed(), lambda each: True, "Hội đồng", date(2026, 11, 26))
    check_ratified(tmp_path, parsed())
    return tmp_path


def changed(project: Path, manifest: Any) -> list[str]:
    return [each.label for each in definitions(project, manifest) if not each.is_ratified]


@pytest.mark.parametrize(
    ("node", "old", "new", "expected"),
    [
        ("verdicts_supp", "day <", "day <=", ["SUPP v1"]),
        ("states", "ended", "ended_at", ["SUPP v1"]),
        ("verdicts_supp", "-- how many days\n", "-- days, in words\n\n\n   ", []),
        ("stg_dossiers", "raw", "raw_text", []),
    ],
    ids=["rule", "what it rests on", "comment", "reading"],
)
def test_a_changed_model_is_noticed_where_it_judges(
    project: Path, node: str, old: str, new: str, expected: list[str]
) -> None:
    manifest = deepcopy(parsed())
    sql = manifest["nodes"][f"model.cchc.{node}"]["raw_code"]
    assert old in sql
    manifest["nodes"][f"model.cchc.{node}"]["raw_code"] = sql.replace(old, new)
    assert changed(project, manifest) == expected


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("seeds/thresholds.csv", "notice,3", "notice,4", ["SUPP v1"]),
        ("seeds/thresholds.csv", "apology,1", "apology,2", ["APOL v1"]),
        ("seeds/thresholds.csv", "3,Decree", "3,Decree 61", []),
        ("seeds/indicators.csv", "Supplements,ratio,down,true", "Supplements,ratio,up,true", ["SUPP v1"]),
        ("seeds/indicators.csv", "Xin lỗi,Apologies", "Thư xin lỗi,Letters", []),
        ("dbt_project.yml", "days: 5", "days: 6", ["SUPP v1"]),
    ],
)
def test_a_changed_row_or_variable_is_noticed_by_who_reads_it(
    project: Path, file: str, old: str, new: str, expected: list[str]
) -> None:
    content = (project / file).read_text(encoding="utf-8")
    assert old in content
    (project / file).write_text(content.replace(old, new), encoding="utf-8")
    assert changed(project, parsed()) == expected


def test_a_changed_macro_is_noticed(project: Path) -> None:
    manifest = parsed()
    manifest["macros"]["macro.cchc.to_day"]["macro_sql"] = "x"
    assert changed(project, manifest) == ["SUPP v1"]


def test_the_build_stops_with_one_line_until_it_is_ratified(project: Path) -> None:
    manifest = parsed()
    manifest["nodes"]["model.cchc.verdicts_supp"]["raw_code"] = "select 2"
    with pytest.raises(ConfigError) as stopped:
        check_ratified(project, manifest)
    line = str(stopped.value)
    assert "SUPP v1 changed since it was ratified on 2026-11-26" in line and "\n" not in line
    assert "cchc indicators ratify SUPP v1 --by NAME" in line
    with pytest.raises(ConfigError, match="who ratifies"):
        ratify(project, manifest, lambda each: True, " ", date(2026, 12, 1))
    written = ratify(
        project, manifest, lambda each: each.indicator_code == "SUPP", "Văn phòng", date(2026, 12, 1)
    )
    assert [each.label for each in written] == ["SUPP v1"]
    check_ratified(project, manifest)
    rows = (project / "seeds" / "indicators.csv").read_text(encoding="utf-8").splitlines()
    assert ",2026-12-01,Văn phòng," in rows[1] and rows[2].endswith(",2024-01-01,x,feed")


def test_a_new_version_has_to_be_ratified_and_its_model_to_exist(project: Path) -> None:
    register = project / "seeds" / "indicators.csv"
    content = register.read_text(encoding="utf-8")
    new = "APOL,v2,Xin lỗi,Apologies,ratio,up,true,Decree,in_force,desk,verdicts_apol,v1,,,\n"
    register.write_text(content + new, encoding="utf-8")
    with pytest.raises(ConfigError, match="APOL v2 was never ratified"):
        check_ratified(project, parsed())
    register.write_text(content + new.replace("verdicts_apol", "verdicts_apology"), encoding="utf-8")
    with pytest.raises(ConfigError, match="APOL v2: no model 'verdicts_apology'"):
        check_ratified(project, parsed())
    register.write_text(content + new.replace(",v1,", ",v9,"), encoding="utf-8")
    with pytest.raises(ConfigError, match="APOL v2: replaces_version v9 has no row"):
        check_ratified(project, parsed())


def test_the_register_of_this_project_is_ratified() -> None:
    """Without dbt: every row that is reckoned has an owner, a day, a name and a fingerprint."""
    import csv

    path = Path(__file__).resolve().parents[2] / "dbt" / "seeds" / "indicators.csv"
    rows = list(csv.DictReader(path.open(encoding="utf-8", newline="")))
    lacking = [
        (row["indicator_code"], row["rule_version"])
        for row in rows
        if not all(
            row[name]
            for name in ("owner", "rule_model", "ratified_on", "ratified_by", "definition_fingerprint")
        )
    ]
    assert len(rows) > 30 and lacking == []
