"""The dbt project says what the contract promises: tables, columns, types, descriptions in two languages.

Reads YAML, CSV and SQL files only; that the built tables look like their YAML is what dbt's enforced
contracts see to.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from dagster_project.yaml_loader import Loader

ROOT = Path(__file__).resolve().parents[2]
DBT = ROOT / "dbt"


def read_yaml(path: Path) -> Any:
    """The content of one YAML file."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=Loader)


CONTRACT: dict[str, list[str]] = read_yaml(Path(__file__).parent / "contract_tables.yml")
KINDS: dict[str, Any] = read_yaml(ROOT / "dagster_project/ingest/record_kinds.yml")
SEEDS = sorted((DBT / "seeds").glob("*.csv"))
TYPES = {"bigint", "varchar", "date", "timestamp", "boolean", "double", "decimal(18,6)"}
TYPE_BY_NAME = (
    (re.compile(r"^period_key$"), {"varchar"}),
    (re.compile(r"_key$|_count$"), {"bigint"}),
    (re.compile(r"_(code|id)$"), {"varchar"}),
    (re.compile(r"_at$"), {"timestamp"}),
    (re.compile(r"_on$"), {"date"}),
    (re.compile(r"_days$|_days_(used|allowed)$"), {"bigint", "double"}),
    (re.compile(r"_share$"), {"double"}),
)
FLAG = re.compile(r"^(is|has)_")


@cache
def marts() -> dict[str, dict[str, Any]]:
    """Every model of the marts by name, as its YAML describes it."""
    found = {}
    for path in sorted((DBT / "models" / "marts").rglob("*.yml")):
        for model in read_yaml(path).get("models", []):
            found[model["name"]] = model | {"path": path}
    return found


@cache
def columns(table: str) -> dict[str, dict[str, Any]]:
    """Columns of one mart by name."""
    return {column["name"]: column for column in marts()[table]["columns"]}


def is_bilingual(description: str) -> bool:
    """English first, then ``| vi:`` and Vietnamese; neither half empty."""
    english, mark, vietnamese = description.partition(" | vi: ")
    return bool(mark and english.strip() and vietnamese.strip())


def expected_types(name: str) -> set[str]:
    """Types that a column of this name may have."""
    if FLAG.match(name):
        return {"boolean"}
    return next((types for pattern, types in TYPE_BY_NAME if pattern.search(name)), TYPES)


def test_marts_are_the_tables_of_the_contract() -> None:
    assert set(marts()) == set(CONTRACT)


def test_every_mart_lies_beside_its_model() -> None:
    for name, model in marts().items():
        assert model["path"].stem == name, f"{model['path']}: one YAML per model, named like it"
        assert model["path"].with_suffix(".sql").exists(), f"{name}: no model beside {model['path']}"


@pytest.mark.parametrize("table", sorted(CONTRACT))
def test_mart_has_the_columns_of_the_contract(table: str) -> None:
    missing = [column for column in CONTRACT[table] if column not in columns(table)]
    assert not missing, f"{table} lacks {missing}"


@pytest.mark.parametrize("table", sorted(CONTRACT))
def test_mart_columns_are_typed_and_described_in_two_languages(table: str) -> None:
    assert is_bilingual(marts()[table].get("description", "")), f"{table}: description"
    for name, column in columns(table).items():
        kind = column.get("data_type")
        assert kind in TYPES & expected_types(name), f"{table}.{name}: {kind}"
        assert is_bilingual(column.get("description", "")), f"{table}.{name}: description"


@pytest.mark.parametrize("table", sorted(CONTRACT))
def test_mart_contract_is_enforced(table: str) -> None:
    project = read_yaml(DBT / "dbt_project.yml")
    default = project["models"]["cchc"]["marts"].get("+contract", {})
    own = marts()[table].get("config", {}).get("contract", {})
    assert (default | own).get("enforced") is True


@pytest.mark.parametrize("table", sorted(CONTRACT))
def test_keys_of_a_mart_are_never_null(table: str) -> None:
    for name, column in columns(table).items():
        if name.endswith("_key"):
            kinds = [constraint["type"] for constraint in column.get("constraints", [])]
            assert "not_null" in kinds, f"{table}.{name}: a key in a fact is never NULL"


@cache
def source_tables() -> dict[str, dict[str, Any]]:
    """Tables of source ``raw`` by name."""
    found: dict[str, dict[str, Any]] = {}
    for path in (DBT / "models").rglob("*.yml"):
        for source in read_yaml(path).get("sources", []):
            if source["name"] == "raw":
                found |= {table["name"]: table for table in source["tables"]}
    return found


def test_sources_hold_every_record_kind() -> None:
    assert set(KINDS) <= set(source_tables())
    for kind in KINDS:
        stated = [column["name"] for column in source_tables()[kind].get("columns", [])]
        mapped = [name for name in stated if not name.startswith("_")]
        assert not mapped or mapped == list(KINDS[kind]["columns"]), f"source raw.{kind}"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_staging_reads_every_column_of_its_record_kind(kind: str) -> None:
    name = "stg_dossier_versions" if kind == "dossiers" else f"stg_{kind}"
    sql = (DBT / "models" / "staging" / f"{name}.sql").read_text(encoding="utf-8")
    call = re.search(r"_versions\('" + kind + r"', \{(.*?)\}[,)]", sql, re.DOTALL)
    assert call, f"{name}: reads no columns of {kind}"
    assert dict(re.findall(r"'(\w+)': '(\w+)'", call[1])) == {
        **KINDS[kind]["columns"],
        **KINDS[kind].get("later", {}),
    }


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_every_seed_row_says_where_it_comes_from(seed: Path) -> None:
    with seed.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    for number, row in enumerate(rows, start=2):
        assert row["legal_source"].strip(), f"{seed.name}:{number}: legal_source"
        assert row["status"] in {"in_force", "assumed"}, f"{seed.name}:{number}: status {row['status']}"


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_every_seed_column_is_typed_and_described(seed: Path) -> None:
    (described,) = read_yaml(seed.with_suffix(".yml"))["seeds"]
    with seed.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert [column["name"] for column in described["columns"]] == header
    assert list(described["config"]["column_types"]) == header
    assert is_bilingual(described["description"])
    assert all(is_bilingual(column["description"]) for column in described["columns"])


def test_two_languages_are_told_apart() -> None:
    assert is_bilingual("One row per day. | vi: Mỗi dòng là một ngày.")
    assert not is_bilingual("One row per day.")
    assert not is_bilingual("One row per day. | vi: ")
    assert expected_types("is_key_known") == {"boolean"}
    assert expected_types("unit_key") == {"bigint"}
