"""The register of indicators, ``dbt/seeds/indicators.csv``: is every definition the one that was ratified?

A figure is comparable over time only while its definition stands. So a definition that changed under the
same rule version stops the build, and ``ratify`` is how a person lets it through: under a new version, or
under the same one where the meaning did not change.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from dagster_project.errors import ConfigError
from dagster_project.indicators.definitions import Definitions
from dagster_project.publish.files import write_text


@dataclass(frozen=True)
class Definition:
    """One row of the register beside the fingerprint its rule has now; ``is_ratified``: they are equal."""

    indicator_code: str
    rule_version: str
    ratified: str
    now: str
    ratified_on: str
    ratified_by: str

    @property
    def is_ratified(self) -> bool:
        return self.ratified == self.now

    @property
    def label(self) -> str:
        return f"{self.indicator_code} {self.rule_version}"


def definitions(project: Path, manifest: Mapping[str, Any]) -> list[Definition]:
    """Every indicator and rule version of the register. ``manifest``: dbt's, as plain JSON.

    A version that is reckoned no more keeps the fingerprint it had: its rule is gone, its figures are not.
    """
    reckoned = Definitions(project, manifest)
    return [
        Definition(
            indicator_code=row["indicator_code"],
            rule_version=row["rule_version"],
            ratified=row["definition_fingerprint"],
            now=reckoned.fingerprint(row["indicator_code"], row["rule_version"], row["rule_model"])
            if row["is_reckoned"] == "true"
            else row["definition_fingerprint"],
            ratified_on=row["ratified_on"],
            ratified_by=row["ratified_by"],
        )
        for row in _rows(project)
    ]


def check_ratified(project: Path, manifest: Mapping[str, Any]) -> None:
    """Raise ConfigError, in one line, when a definition is not the ratified one."""
    _check_successions(_rows(project))
    changed = [each for each in definitions(project, manifest) if not each.is_ratified]
    if not changed:
        return
    first = changed[0]
    more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
    said = f"changed since it was ratified on {first.ratified_on}" if first.ratified else "was never ratified"
    raise ConfigError(
        f"seeds/indicators.csv: the definition of {first.label}{more} {said}; give it a new rule_version"
        f" (the old one in replaces_version), then cchc indicators ratify {first.label} --by NAME;"
        " where its meaning is the same, ratify it as it is"
    )


def ratify(
    project: Path,
    manifest: Mapping[str, Any],
    chosen: Callable[[Definition], bool],
    by: str,
    on: date,
) -> list[Definition]:
    """Write the present fingerprint, day and name for the chosen rows that are not ratified; return these."""
    if not by.strip():
        raise ConfigError("--by: who ratifies the definition? give a name or a body")
    found = [each for each in definitions(project, manifest) if chosen(each)]
    if not found:
        raise ConfigError(
            "seeds/indicators.csv: no such indicator and rule version; see cchc indicators list"
        )
    changed = {(each.indicator_code, each.rule_version): each for each in found if not each.is_ratified}
    rows = _rows(project)
    for row in rows:
        each = changed.get((row["indicator_code"], row["rule_version"]))
        if each:
            row |= {
                "definition_fingerprint": each.now,
                "ratified_on": on.isoformat(),
                "ratified_by": by.strip(),
            }
    if changed:
        _write(project, rows)
    return list(changed.values())


def _check_successions(rows: list[dict[str, str]]) -> None:
    versions = {(row["indicator_code"], row["rule_version"]) for row in rows}
    for row in rows:
        code, replaced = row["indicator_code"], row["replaces_version"]
        if replaced and (code, replaced) not in versions:
            raise ConfigError(
                f"seeds/indicators.csv: {code} {row['rule_version']}: replaces_version {replaced} has no row;"
                " keep the row of the old version, with is_reckoned false"
            )


def _path(project: Path) -> Path:
    return project / "seeds" / "indicators.csv"


def _rows(project: Path) -> list[dict[str, str]]:
    with _path(project).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(project: Path, rows: list[dict[str, str]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(_path(project), text.getvalue())
