"""Expectation suites as data: reads ``expectations/<layer>/<table>.yml`` into plain objects.

Checks everything that can be checked without Great Expectations (keys, severities, ids, layers) and
names file and line of each mistake. Types and keyword arguments are judged by ``adapter``. Nothing here
touches a database.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dagster_project.errors import ConfigError
from dagster_project.yaml_loader import Loader

LAYERS = ("raw", "staging", "marts")
SEVERITIES = ("critical", "warning", "info")
DOMAINS = ("completeness", "consistency", "privacy", "timeliness", "uniqueness", "validity", "volume")
ROW_QUERY_TYPES = ("unexpected_rows_expectation", "unexpected_row_share_expectation")

_SUITE_KEYS = ("table", "layer", "owner", "description", "rows", "expectations")
_EXPECTATION_KEYS = (
    "id",
    "type",
    "column",
    "kwargs",
    "severity",
    "owner",
    "min_rows",
    "description",
    "action",
    "domain",
)
_OPTIONAL_OF_SUITE = ("rows",)
_OPTIONAL_OF_EXPECTATION = ("column", "kwargs", "min_rows", "owner", "action", "domain")
_DEFAULT_ACTION = (
    "look at the rows and correct the source or its map | xem lại các dòng này, sửa nguồn hoặc bản đồ nguồn"
)
_SLUG = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Expectation:
    """One check. ``kwargs`` go to Great Expectations as they are; ``place`` is ``file:line``."""

    id: str
    type: str
    column: str | None
    kwargs: dict[str, Any]
    severity: str
    owner: str
    min_rows: int
    description: str
    description_vi: str
    action: str
    action_vi: str
    domain: str
    place: str


@dataclass(frozen=True)
class Suite:
    """All checks of one table; ``name`` is ``layer.table``, ``rows`` a SQL condition on what is checked."""

    name: str
    layer: str
    table: str
    owner: str
    description: str
    description_vi: str
    rows: str | None
    expectations: tuple[Expectation, ...]
    place: str


class _Lines:
    """The line of every key of a YAML file, by path, and the error that names it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._lines: dict[tuple[str | int, ...], int] = {}

    def learn(self, node: yaml.Node, path: tuple[str | int, ...] = ()) -> None:
        self._lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                here = (*path, str(key.value))
                if here in self._lines:
                    raise ConfigError(f"{self.file}:{key.start_mark.line + 1}: {key.value}: given twice")
                self._lines[here] = key.start_mark.line + 1
                self.learn(value, here)
        elif isinstance(node, yaml.SequenceNode):
            for number, value in enumerate(node.value):
                self.learn(value, (*path, number))

    def place(self, path: tuple[str | int, ...]) -> str:
        while path not in self._lines and path:
            path = path[:-1]
        return f"{self.file}:{self._lines.get(path, 1)}"

    def error(self, path: tuple[str | int, ...], text: str) -> ConfigError:
        dotted = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
        return ConfigError(f"{self.place(path)}: {dotted + ': ' if dotted else ''}{text}")


def load_suites(folder: Path) -> tuple[Suite, ...]:
    """Read every suite below ``folder``, ordered by layer and table.

    Raises ConfigError naming file and line for a mistake, for two suites of one table, and when there is
    no suite at all: a gate without checks would let everything pass.
    """
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".yml", ".yaml"))
    suites = [_read_suite(path, folder) for path in files]
    if not suites:
        raise ConfigError(
            f"{folder}: no expectation suites; put them in <layer>/<table>.yml below this folder"
        )
    seen: dict[str, Suite] = {}
    for suite in suites:
        if suite.name in seen:
            raise ConfigError(
                f"{suite.place}: {suite.name} already has a suite in {seen[suite.name].place}; merge them"
            )
        seen[suite.name] = suite
    return tuple(sorted(suites, key=lambda suite: (LAYERS.index(suite.layer), suite.table)))


def _read_suite(path: Path, folder: Path) -> Suite:
    lines = _Lines(f"{folder.name}/{path.relative_to(folder).as_posix()}")
    data = _parse(path, lines)
    _check_keys(data, _SUITE_KEYS, _OPTIONAL_OF_SUITE, (), lines)
    layer = _one_of(data["layer"], LAYERS, ("layer",), lines)
    if path.parent.name != layer:
        raise lines.error(
            ("layer",), f"says {layer}, but the file lies in {path.parent.name}/; move or correct it"
        )
    table = _slug(data["table"], ("table",), lines)
    owner = _text(data["owner"], ("owner",), lines)
    english, vietnamese = _two_languages(data["description"], ("description",), lines)
    items = data["expectations"]
    if not isinstance(items, list) or not items:
        raise lines.error(("expectations",), "a list of at least one expectation is needed")
    expectations = tuple(_read_expectation(item, number, owner, lines) for number, item in enumerate(items))
    _check_unique(expectations)
    return Suite(
        name=f"{layer}.{table}",
        layer=layer,
        table=table,
        owner=owner,
        description=english,
        description_vi=vietnamese,
        rows=_text(data["rows"], ("rows",), lines) if "rows" in data else None,
        expectations=expectations,
        place=lines.place(("table",)),
    )


def _parse(path: Path, lines: _Lines) -> dict[str, Any]:
    try:
        loader = Loader(path.read_text(encoding="utf-8"))
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            raise lines.error((), "a suite is a mapping with table, layer, owner, description, expectations")
        lines.learn(node)
        data = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"{lines.file}:{line}: not readable as YAML: {error.problem}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{lines.file}: not UTF-8 text; save the file as UTF-8") from None
    assert isinstance(data, dict)
    return data


def _read_expectation(item: Any, number: int, owner: str, lines: _Lines) -> Expectation:
    path: tuple[str | int, ...] = ("expectations", number)
    if not isinstance(item, dict):
        raise lines.error(path, "an expectation is a mapping with id, type, severity, description, …")
    _check_keys(item, _EXPECTATION_KEYS, _OPTIONAL_OF_EXPECTATION, path, lines)
    kind = _text(item["type"], (*path, "type"), lines)
    column = item.get("column")
    kwargs = item.get("kwargs") or {}
    if not isinstance(kwargs, dict):
        raise lines.error((*path, "kwargs"), "must be a mapping of argument to value")
    if column is not None:
        column = _text(column, (*path, "column"), lines)
        if kind.startswith("expect_column_"):
            if "column" in kwargs:
                raise lines.error((*path, "kwargs", "column"), "given twice; keep the key column")
            kwargs = {"column": column, **kwargs}
    if kind in ROW_QUERY_TYPES and "{batch}" not in str(kwargs.get("unexpected_rows_query", "{batch}")):
        raise lines.error(
            (*path, "kwargs", "unexpected_rows_query"), "must read from {batch}, which stands for the table"
        )
    english, vietnamese = _two_languages(item["description"], (*path, "description"), lines)
    action, action_vi = _two_languages(item.get("action", _DEFAULT_ACTION), (*path, "action"), lines)
    return Expectation(
        id=_slug(item["id"], (*path, "id"), lines),
        type=kind,
        column=column,
        kwargs=kwargs,
        severity=_one_of(item["severity"], SEVERITIES, (*path, "severity"), lines),
        owner=_text(item.get("owner", owner), (*path, "owner"), lines),
        min_rows=_count(item.get("min_rows", 1), (*path, "min_rows"), lines),
        description=english,
        description_vi=vietnamese,
        action=action,
        action_vi=action_vi,
        domain=_one_of(item.get("domain", "validity"), DOMAINS, (*path, "domain"), lines),
        place=lines.place((*path, "id")),
    )


def _check_keys(
    data: dict[Any, Any],
    known: tuple[str, ...],
    optional: tuple[str, ...],
    path: tuple[str | int, ...],
    lines: _Lines,
) -> None:
    for key in data:
        if key not in known:
            raise lines.error((*path, str(key)), f"unknown key{_did_you_mean(str(key), known)}")
    missing = [key for key in known if key not in data and key not in optional]
    if missing:
        raise lines.error(path, f"missing: {', '.join(missing)}")


def _check_unique(expectations: tuple[Expectation, ...]) -> None:
    seen: dict[str, str] = {}
    for expectation in expectations:
        if expectation.id in seen:
            first = seen[expectation.id]
            raise ConfigError(
                f"{expectation.place}: {expectation.id} is already the id at {first}; rename one"
            )
        seen[expectation.id] = expectation.place


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    known = list(known)
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; known: {', '.join(known)}"


def _text(value: Any, path: tuple[str | int, ...], lines: _Lines) -> str:
    if not isinstance(value, str) or not value.strip():
        raise lines.error(path, "a text is needed")
    return " ".join(value.split())


def _slug(value: Any, path: tuple[str | int, ...], lines: _Lines) -> str:
    text = _text(value, path, lines)
    if not _SLUG.fullmatch(text):
        raise lines.error(path, f"{text}: only a–z, 0–9 and _, beginning with a letter")
    return text


def _one_of(value: Any, known: tuple[str, ...], path: tuple[str | int, ...], lines: _Lines) -> str:
    if value not in known:
        raise lines.error(path, f"{value} is not allowed{_did_you_mean(str(value), known)}")
    return str(value)


def _count(value: Any, path: tuple[str | int, ...], lines: _Lines) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise lines.error(path, "a whole number of rows, 0 or more, is needed")


def _two_languages(value: Any, path: tuple[str | int, ...], lines: _Lines) -> tuple[str, str]:
    english, bar, vietnamese = _text(value, path, lines).partition(" | ")
    if not bar or not english.strip() or not vietnamese.strip():
        raise lines.error(path, "English and Vietnamese are needed, with ' | ' between them")
    return english.strip(), vietnamese.strip()
