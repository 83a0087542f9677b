"""Reads source maps from YAML and checks them; every mistake is named by file, line and key.

Every scalar is text until the grammar types it, so that ``01`` stays 01 and ``no`` stays a word.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from dagster_project.errors import ConfigError
from dagster_project.ingest.grammar import ColumnSpec, SourceMap
from dagster_project.ingest.map_rules import Place, Problem, did_you_mean, problems
from dagster_project.yaml_loader import Loader

_NULL = "tag:yaml.org,2002:null"
_WORDS = {
    "missing": "is missing",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "model_type": "must hold keys and values",
    "dict_type": "must hold keys and values",
    "tuple_type": "must be a list",
    "string_type": "must be one text",
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "string_pattern_mismatch": "must be lower-case letters, digits and _, and start with a letter",
}


class _MistakeError(Exception):
    """A mistake found while reading YAML: line (1-based), place, what."""

    def __init__(self, line: int, place: Place, what: str) -> None:
        super().__init__(what)
        self.line, self.place, self.what = line, place, what


def load_maps(folder: Path) -> list[SourceMap]:
    """All maps of ``folder`` (``*.yml``, ``*.yaml``) by file name.

    ConfigError for the first mistake, like ``sources/x.yml:14: inputs[0].records[0].columns.foo: unknown
    column for dossiers; did you mean …``, and for two maps of one source.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder; it should hold the source maps (*.yml)")
    maps: list[SourceMap] = []
    first_file: dict[str, Path] = {}
    for path in map_files(folder):
        source_map, mistakes = read_map(path)
        if source_map is None or mistakes:
            others = len(mistakes) - 1
            more = f" (and {others} more mistake{'s' * (others > 1)} in this map)" if others > 0 else ""
            raise ConfigError(mistakes[0] + more)
        if source_map.source in first_file:
            raise ConfigError(
                f"{shown(path)}: source {source_map.source} is already described by "
                f"{shown(first_file[source_map.source])}; a source has one map"
            )
        first_file[source_map.source] = path
        maps.append(source_map)
    return maps


def map_files(folder: Path) -> list[Path]:
    """The files of ``folder`` that are source maps, by name."""
    found = [path for pattern in ("*.yml", "*.yaml") for path in folder.glob(pattern)]
    return sorted(path for path in found if path.is_file() and not path.name.startswith("."))


def shown(path: Path) -> str:
    """The path as messages show it: relative where it lies below the working directory."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def read_map(path: Path) -> tuple[SourceMap | None, list[str]]:
    """(map, []) for a good file, else (None, all mistakes, each one line with file and line number)."""
    name = shown(path)
    try:
        root = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=Loader)
        if not isinstance(root, yaml.MappingNode):
            raise _MistakeError(1, (), "is not a source map; it must hold source:, extract: and inputs:")
        content = _plain(root, (), ())
    except OSError as error:
        return None, [f"{name}: cannot be read ({error.strerror})"]
    except UnicodeDecodeError:
        return None, [f"{name}: is not UTF-8 text; save it as UTF-8"]
    except yaml.YAMLError as error:
        return None, [_yaml_mistake(name, error)]
    except _MistakeError as error:
        return None, [_line(name, error.line, error.place, error.what)]
    try:
        source_map = SourceMap.model_validate(content)
    except ValidationError as error:
        return None, _all_at(name, root, list(_pydantic_problems(error, content)))
    wrong = _all_at(name, root, list(problems(source_map)))
    return (None, wrong) if wrong else (source_map, [])


# ------------------------------------------------------------------------------------ YAML


def _plain(node: yaml.Node, place: Place, above: tuple[yaml.Node, ...]) -> Any:
    """A YAML node as dicts, lists, text and None. Aliases work; one that holds itself does not."""
    line = node.start_mark.line + 1
    if any(node is other for other in above):
        raise _MistakeError(line, place, "refers to itself; write it out")
    if isinstance(node, yaml.ScalarNode):
        return None if node.tag == _NULL else node.value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*place, i), (*above, node)) for i, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        raise _MistakeError(line, place, "is neither a value, a list nor keys and values")
    content: dict[str, Any] = {}
    for key, value in node.value:
        here = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise _MistakeError(here, place, "has a key that is not a single word; quote it")
        if key.value in content:
            raise _MistakeError(here, (*place, key.value), "stands twice; remove one")
        content[key.value] = _plain(value, (*place, key.value), (*above, node))
    return content


def _yaml_mistake(name: str, error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    what = getattr(error, "problem", None) or str(error).splitlines()[0]
    hint = "; quote values that hold «: », «#» or start with a sign" if "mapping" in what else ""
    return _line(name, mark.line + 1 if mark else 1, (), f"is not valid YAML: {what}{hint}")


def _line(name: str, line: int, place: Place, what: str) -> str:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")
    return f"{name}:{line}: {path + ': ' if path else ''}{' '.join(what.split())}"


def _all_at(name: str, root: yaml.Node, found: list[Problem]) -> list[str]:
    """One message per problem, from the top of the file to its end."""
    lines = sorted((_line_of(root, place), number) for number, (place, _) in enumerate(found))
    return [_line(name, line, _written(root, found[number][0]), found[number][1]) for line, number in lines]


def _line_of(root: yaml.Node, place: Place) -> int:
    """The line of ``place``, or of the nearest part above it that the file has."""
    node, line = root, root.start_mark.line + 1
    for step in place:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == step), None)
            if pair is None:
                break
            node, line = pair[1], pair[0].start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line


def _written(root: yaml.Node, place: Place) -> Place:
    """``place`` without the steps a shorthand left out: ``where: {…}`` is where[0] only to the grammar."""
    kept: list[str | int] = []
    node: yaml.Node | None = root
    for step in place:
        if isinstance(step, int) and not isinstance(node, yaml.SequenceNode):
            continue
        kept.append(step)
        if isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        else:
            node = None
    return tuple(kept)


# ------------------------------------------------------------------------------------ pydantic


def _pydantic_problems(error: ValidationError, content: Mapping[str, Any]) -> Iterator[Problem]:
    """Pydantic's errors without its echoes: a list is not empty because its only item is wrong."""
    details = error.errors(include_url=False)
    for detail in details:
        place = detail["loc"]
        is_echo = detail["type"] == "too_short" and any(
            other is not detail and other["loc"][: len(place)] == place for other in details
        )
        if not is_echo and (place != ("namespace",) or "namespace" in content):
            yield _pydantic_problem(detail)


def _pydantic_problem(detail: Any) -> Problem:
    """One pydantic error in this project's words, with a near name for a misspelt key."""
    place: Place = tuple(step for step in detail["loc"] if step != "[key]")
    kind = detail["type"]
    if kind == "extra_forbidden":
        known = list(_keys_at(place[:-1]))
        return place, f"unknown key{did_you_mean(str(place[-1]), known)}"
    if kind == "value_error":
        return place, str(detail["ctx"]["error"])
    if kind == "literal_error":
        return place, f"«{detail['input']}» is not one of {detail['ctx']['expected'].replace(' or ', ', ')}"
    if kind in _WORDS:
        return place, _WORDS[kind]
    return place, str(detail["msg"])


def _keys_at(place: Place) -> Iterator[str]:
    """The keys that the grammar knows at a place of the map."""
    model: type[BaseModel] | None = SourceMap
    for step in place:
        if model is None:
            return
        if isinstance(step, int) or (model is ColumnSpec and step not in _fields(model)):
            continue
        model = _model_in(_fields(model).get(str(step))) or model
    if model is not None:
        yield from _fields(model)


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside ``tuple[X, ...]``, ``dict[str, X]``, ``X | None`` or ``Annotated[X, …]``."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, BaseModel) else None
    for argument in typing.get_args(annotation):
        found = _model_in(argument)
        if found is not None:
            return found
    return None
