"""What the warehouse must hold: how many distinct keys of each record kind, and every planted finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from dagster_project.sample.world import World

# record kind -> table of the world and the columns that make a record one of its own
_KEYS: dict[str, tuple[str, list[str]]] = {
    "dossiers": ("dossiers", ["dossier_code"]),
    "dossier_steps": ("steps", ["dossier_no", "step_no"]),
    "supplement_requests": ("supplements", ["dossier_no", "supplement_code"]),
    "due_dates": ("due_dates", ["dossier_no", "reason", "known_from_at"]),
    "pauses": ("pauses", ["dossier_no", "paused_at"]),
    "dossier_documents": ("components", ["dossier_no", "document_code"]),
    "documents": ("documents", ["unit_code", "direction", "register_year", "book_code", "register_no"]),
    "document_handlers": ("document_handlers", ["document_no", "officer_no", "handler_unit_code"]),
    "results": ("results", ["result_code"]),
    "units": ("units", ["unit_code", "valid_from_on"]),
    "unit_successions": ("unit_successions", ["old_unit_code", "new_unit_code", "succeeded_on"]),
    "officers": ("officers", ["officer_name", "joined_on"]),
    "posts": ("posts", ["unit_code", "year"]),
    "procedures": ("procedures", ["procedure_code", "valid_from_on"]),
    "procedure_successions": (
        "procedure_successions", ["old_procedure_code", "new_procedure_code", "succeeded_on"],
    ),
    "petitions": ("petitions", ["petition_code"]),
    "delay_reviews": ("delay_reviews", ["dossier_no", "reviewed_on"]),
    "reported_figures": (
        "reported_figures", ["unit_code", "field_code", "period", "calendar", "figure_code"],
    ),
    "targets": (
        "local_targets", ["indicator_code", "unit_code", "field_code", "procedure_level", "period"],
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """What the exports do to the world on purpose.

    ``findings``: dossier_no, finding_code. ``extra_rows``: per record kind, how many rows an export adds that
    stand in no table of the world, under keys of their own. ``repeats``: rows of ``documents`` whose number a
    second letter bears.
    """

    findings: pd.DataFrame
    extra_rows: dict[str, int]
    repeats: Sequence[int] = ()


def planted_by_exports(world: World) -> Planted:
    """What ``--faults`` planted, and what the sync bends and adds: only those who did it know."""
    from dagster_project.sample.exports.correspondence import repeated_numbers
    from dagster_project.sample.exports.distortions import extra_rows, sync_distortions

    findings = pd.concat([sync_distortions(world), world.planted], ignore_index=True)
    return Planted(findings, extra_rows(world), repeated_numbers(world).tolist())


def rows(world: World, planted: Planted) -> dict[str, int]:
    """Distinct keys per record kind: whatever is exported twice under one key counts once."""
    counted = {}
    for kind, (table, key) in _KEYS.items():
        frame: pd.DataFrame = getattr(world, table)
        counted[kind] = int((~frame.duplicated(key)).sum()) + planted.extra_rows.get(kind, 0)
    return counted


def register_repeats(world: World, planted: Planted) -> pd.DataFrame:
    """Numbers given to several letters: direction, register_year, register_no, numbers_count (of letters)."""
    letters = world.documents.iloc[list(planted.repeats)]
    return pd.DataFrame(
        {
            "direction": letters["direction"].astype(str),
            "register_year": letters["register_year"].astype(int),
            "register_no": letters["register_no"].astype(str),
            "numbers_count": 2,
        }
    )


def findings(world: World, planted: Planted) -> dict[str, list[str]]:
    """Dossier codes per planted irregularity, sorted; codes of findings in alphabetical order."""
    codes = pd.Series(
        world.dossiers["dossier_code"].to_numpy(object), world.dossiers["dossier_no"].to_numpy()
    )
    named = planted.findings.assign(
        dossier_code=codes.reindex(planted.findings["dossier_no"].to_numpy()).to_numpy()
    )
    return {
        str(finding): sorted(set(of_finding["dossier_code"]))
        for finding, of_finding in named.groupby(named["finding_code"].astype(str), sort=True)
    }


def units(world: World) -> dict[str, dict[str, str | None]]:
    """Name, level, kind and parent of each unit as of its newest row, by unit code."""
    newest = world.units.sort_values(["unit_code", "valid_from_on"]).drop_duplicates("unit_code", keep="last")
    described = newest[["unit_code", "unit_name", "level", "kind", "parent_unit_code"]].astype(object)
    described = described.where(described.notna(), None)
    return {str(row.pop("unit_code")): row for row in described.to_dict("records")}
