"""``cchc indicators``: print what the register says, ratify a definition. The rules are in ``register``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from dagster_project.dbt_runner import ensure_manifest
from dagster_project.errors import ConfigError
from dagster_project.indicators.register import Definition, definitions, ratify
from dagster_project.publish.release import VIETNAM


def print_register(project: Path) -> None:
    """One line per indicator and rule version."""
    from rich.console import Console
    from rich.table import Table

    table = Table("indicator", "version", "ratified on", "by", "definition", box=None, pad_edge=False)
    for each in definitions(project, _manifest(project)):
        state = "as ratified" if each.is_ratified else "CHANGED" if each.ratified else "never ratified"
        table.add_row(each.indicator_code, each.rule_version, each.ratified_on, each.ratified_by, state)
    Console().print(table)


def ratify_and_print(
    project: Path, code: str | None, version: str | None, everything: bool, by: str, on: date | None
) -> None:
    """Ratify one definition, all versions of one indicator, or with ``everything`` whatever changed."""
    if everything == bool(code):
        raise ConfigError("cchc indicators ratify: name an indicator and its version, or --all")

    def chosen(each: Definition) -> bool:
        return everything or (each.indicator_code == code and version in (None, each.rule_version))

    day = on or datetime.now(VIETNAM).date()
    written = ratify(project, _manifest(project), chosen, by, day)
    for each in written:
        print(f"ratified: {each.label} {each.now}")
    if not written:
        print("nothing to ratify: every definition chosen is the ratified one")


def _manifest(project: Path) -> Mapping[str, Any]:
    content: Mapping[str, Any] = json.loads(ensure_manifest(project).read_text(encoding="utf-8"))
    return content
