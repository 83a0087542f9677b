"""What the definition of an indicator is, as one fingerprint: the SQL of its rule and the seed rows it reads.

Covered are the rule model that the register names, every model it rests on except those that only read data
or say who and when (``_NOT_RULES``), the macros and dbt variables these use, and the seed rows they read
without their names and sources. Comments and line breaks do not count. Decision 0065 says why.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from dagster_project.errors import ConfigError

# Reading of exports, calendars, and who is who: they say what happened where, not how it is judged.
_NOT_RULES = ("staging/", "events/", "facts/units/", "facts/calendar/")
# What a row is called and where it comes from; changing it changes no figure.
_NO_RULE = {"name_vi", "name_en", "legal_source", "status", "display_order", "is_reckoned"}
_RATIFICATION = {
    "owner", "rule_model", "replaces_version", "ratified_on", "ratified_by", "definition_fingerprint",
}  # fmt: skip
_COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
_VARIABLE = re.compile(r"var\(\s*['\"](\w+)['\"]")


@dataclass
class Definitions:
    """Fingerprints of the rules of one dbt project. ``manifest``: dbt's parsed manifest as plain JSON."""

    project: Path
    manifest: Mapping[str, Any]
    _seeds: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def fingerprint(self, indicator_code: str, rule_version: str, rule_model: str) -> str:
        """The fingerprint of one definition; ConfigError when there is no model of that name."""
        nodes = self._rule_nodes(indicator_code, rule_version, rule_model)
        content = {
            "models": {nodes[each]["name"]: _plain(nodes[each]["raw_code"]) for each in sorted(nodes)},
            "macros": self._macros(nodes),
            "variables": self._used_variables(nodes),
            "seeds": self._seed_rows(nodes, indicator_code, rule_version),
        }
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _rule_nodes(self, code: str, version: str, rule_model: str) -> dict[str, Mapping[str, Any]]:
        start = next((each for each, node in self._models if node["name"] == rule_model), None)
        if start is None:
            raise ConfigError(
                f"seeds/indicators.csv: {code} {version}: no model {rule_model!r}; correct rule_model"
            )
        found: dict[str, Mapping[str, Any]] = {}
        waiting = [start]
        while waiting:
            each = waiting.pop()
            if each not in found:
                found[each] = self.manifest["nodes"][each]
                waiting += [above for above in self._parents(found[each], "model") if self._is_rule(above)]
        return found

    @property
    def _models(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        return ((each, node) for each, node in self.manifest["nodes"].items() if each.startswith("model."))

    def _is_rule(self, node_id: str) -> bool:
        return not str(self.manifest["nodes"][node_id]["path"]).startswith(_NOT_RULES)

    @staticmethod
    def _parents(node: Mapping[str, Any], kind: str) -> list[str]:
        return [each for each in node["depends_on"]["nodes"] if each.startswith(f"{kind}.")]

    def _macros(self, nodes: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
        found: dict[str, str] = {}
        waiting = [macro for node in nodes.values() for macro in node["depends_on"]["macros"]]
        while waiting:
            each = waiting.pop()
            macro = self.manifest["macros"].get(each)
            if each not in found and macro and macro["package_name"] == self._package:
                found[each] = _plain(macro["macro_sql"])
                waiting += macro["depends_on"]["macros"]
        return found

    @cached_property
    def _package(self) -> str:
        return str(self.manifest["metadata"]["project_name"])

    @cached_property
    def _variables(self) -> Mapping[str, Any]:
        content = yaml.safe_load((self.project / "dbt_project.yml").read_text(encoding="utf-8"))
        variables: Mapping[str, Any] = content.get("vars", {})
        return variables

    def _used_variables(self, nodes: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
        names = {name for node in nodes.values() for name in _VARIABLE.findall(node["raw_code"])}
        return {name: str(self._variables.get(name)) for name in sorted(names)}

    def _seed_rows(
        self, nodes: Mapping[str, Mapping[str, Any]], code: str, version: str
    ) -> dict[str, list[list[str]]]:
        """Per seed the cells that the models read, as sorted lists of ``column=value``."""
        found: dict[str, set[tuple[str, ...]]] = {}
        read = [
            (seed, _plain(node["raw_code"]))
            for node in nodes.values()
            for seed in self._parents(node, "seed")
        ]
        # The row of the register itself says what is counted and which way is better, in words.
        for seed, sql in [*read, (f"seed.{self._package}.indicators", "")]:
            rows = self._read_rows(self._rows_of(seed), sql, code, version)
            found.setdefault(seed, set()).update(rows)
        return {seed: sorted(list(row) for row in rows) for seed, rows in found.items()}

    @staticmethod
    def _read_rows(
        rows: list[dict[str, str]], sql: str, code: str, version: str
    ) -> Iterator[tuple[str, ...]]:
        """Rows of the indicator where the seed has such; else those whose code the SQL asks for; else all."""
        first = next(iter(rows[0]))
        named = set(re.findall(rf"{first} = '([^']+)'", sql))
        for row in rows:
            is_read = row[first] in named or not named
            if "indicator_code" in row:
                is_read = row["indicator_code"] == code and row.get("rule_version", version) == version
            if is_read:
                kept = (name for name in row if name not in _NO_RULE | _RATIFICATION)
                yield tuple(f"{name}={row[name]}" for name in sorted(kept))

    def _rows_of(self, seed: str) -> list[dict[str, str]]:
        if seed not in self._seeds:
            path = self.project / self.manifest["nodes"][seed]["original_file_path"]
            with path.open(encoding="utf-8", newline="") as file:
                self._seeds[seed] = list(csv.DictReader(file))
        return self._seeds[seed]


def _plain(sql: str) -> str:
    """SQL without comments and with single spaces: a new line break is no new rule."""
    return " ".join(_COMMENT.sub(" ", sql).split())
