"""What the sample department's warehouse must say, reckoned from the world itself.

Nothing here is shared with the warehouse (no SQL, no ingest, no models) or with the generator (only the
tables of the world): the same rules, written a second time in another way, so that a mistake on one side
shows. The warehouse selects the events of each period; this counts days and takes differences.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pandas as pd

from dagster_project.sample.truth import inventory
from dagster_project.sample.truth.cases import make_cases
from dagster_project.sample.truth.dossiers import accepted_dossiers, dossier_totals
from dagster_project.sample.truth.inventory import Planted
from dagster_project.sample.truth.officer_scores import officer_scores
from dagster_project.sample.truth.periods import make_periods
from dagster_project.sample.truth.petitions import petition_records
from dagster_project.sample.truth.publications import late_publications
from dagster_project.sample.truth.rates import rates
from dagster_project.sample.truth.responsibility import delay_responsibility
from dagster_project.sample.truth.results import digitization, digitization_records, result_totals
from dagster_project.sample.truth.scores import unit_scores
from dagster_project.sample.truth.staffing import current_posts, posts, unit_workload
from dagster_project.sample.truth.today import on_todays_units
from dagster_project.sample.truth.work import (
    document_totals,
    documents_per_officer,
    dossiers_per_officer,
    register_gaps,
)
from dagster_project.sample.truth.workload import workload

if TYPE_CHECKING:
    from dagster_project.sample.world import World

FIRST_ON = "2022-10-01"


def reckon(world: World, planted: Planted | None = None) -> dict[str, Any]:
    """Everything that the marts must say about this world, at the end of its last day.

    In: the world, and what the exports plant in it (default: asked of them). Out: plain Python values. The
    lists hold flat records, one per grain of the table they are compared with; a record whose numbers are
    all 0 (a rate: whose denominator is 0) is left out. ``count`` says how many numbers there are.
    """
    as_of_on = world.options.last_on.isoformat()
    planted = planted or inventory.planted_by_exports(world)
    periods = make_periods(FIRST_ON, as_of_on)
    accepted = accepted_dossiers(world)
    dossiers = dossier_totals(world, accepted)
    digitized = digitization(periods, result_totals(world), dossiers)
    letters = documents_per_officer(world, periods)
    load, establishment = workload(world, periods), posts(world)
    handled = dossiers_per_officer(world, accepted, periods)
    lists = {
        "dossier_periods": dossiers.form(periods),
        "rates": rates(world, periods, dossiers, make_cases(world, accepted, periods), digitized),
        "documents": letters,
        "register_gaps": register_gaps(world),
        "register_repeats": inventory.register_repeats(world, planted),
        "document_totals": document_totals(letters),
        "officer_dossiers": handled,
        "workload": load,
        "unit_workload": unit_workload(world, periods, dossiers, [load, handled], establishment),
        "posts": establishment,
        "current_posts": current_posts(world, establishment),
        "petitions": petition_records(world, as_of_on),
        "late_publications": late_publications(world, as_of_on),
        "digitization": digitization_records(periods, *digitized),
        "delay_responsibility": delay_responsibility(world, accepted, as_of_on),
        "unit_scores": unit_scores(world, accepted, periods),
        "officer_scores": officer_scores(world, accepted, periods),
        **on_todays_units(world, periods),
    }
    rows = inventory.rows(world, planted)
    return {
        "synthetic": True,
        "seed": world.options.seed,
        "scale": world.options.scale,
        "as_of": as_of_on,
        "count": len(rows) + sum(_count_numbers(frame) for frame in lists.values()),
        "units": inventory.units(world),
        **{name: _plain(frame) for name, frame in lists.items()},
        "findings": inventory.findings(world, planted),
        "rows": rows,
    }


def write(truth: dict[str, Any], path: Path) -> None:
    """Write ``truth.json``: one record to a line, so that two of them can be compared by eye and by tools."""
    parts = [
        orjson.dumps(name) + b": " + (_lines(value) if _is_records(value) else orjson.dumps(value))
        for name, value in truth.items()
    ]
    path.write_bytes(b"{\n" + b",\n".join(parts) + b"\n}\n")


def _is_records(value: Any) -> bool:
    return isinstance(value, list)


def _lines(rows: list[dict[str, Any]]) -> bytes:
    return b"[\n" + b",\n".join(orjson.dumps(row) for row in rows) + b"\n]"


def _count_numbers(frame: pd.DataFrame) -> int:
    return int(frame.select_dtypes(np.number).count().sum()) if len(frame) else 0


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Records of plain text, whole numbers and None, in the order of the frame."""
    columns = {name: frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in frame}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
