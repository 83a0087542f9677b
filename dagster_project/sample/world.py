"""The synthetic department as tables: what there was and what happened, before any system exports it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from dagster_project.sample.catalog import load_catalog
from dagster_project.sample.faults import (
    as_table,
    lies_about_finishes,
    no_restatements,
    with_reset_steps,
)
from dagster_project.sample.options import EXTRACT_MOMENTS, FIRST_ON, LAST_ON, Options

__all__ = [
    "EXTRACT_MOMENTS",
    "FIRST_ON",
    "LAST_ON",
    "Options",
    "World",
    "make_world",
]


@dataclass(frozen=True)
class World:
    """The tables of the department; every index runs 0..n-1, missing text and moments by ``isna``.

    ``planted`` (dossier_no, finding_code) and ``restatements`` (what registers say instead of the finish)
    have rows with ``--faults`` only. ``reorganised_on``: when new units took over (None: never).
    """

    options: Options
    units: pd.DataFrame
    unit_successions: pd.DataFrame
    procedures: pd.DataFrame
    procedure_successions: pd.DataFrame
    officers: pd.DataFrame
    posts: pd.DataFrame
    dossiers: pd.DataFrame
    due_dates: pd.DataFrame
    supplements: pd.DataFrame
    pauses: pd.DataFrame
    steps: pd.DataFrame
    components: pd.DataFrame
    documents: pd.DataFrame
    document_handlers: pd.DataFrame
    results: pd.DataFrame
    petitions: pd.DataFrame
    delay_reviews: pd.DataFrame
    reported_figures: pd.DataFrame
    local_targets: pd.DataFrame
    planted: pd.DataFrame = field(default_factory=lambda: as_table({}))
    restatements: pd.DataFrame = field(default_factory=no_restatements)
    reorganised_on: np.datetime64 | None = None


def make_world(options: Options) -> World:
    """The whole department for these options: same options, same tables.

    Raises ``ConfigError`` when the scale cannot hold the published on-time rate.
    """
    from dagster_project.sample.assessments import make_self_scores
    from dagster_project.sample.components import make_components
    from dagster_project.sample.documents import make_documents
    from dagster_project.sample.dossiers import make_dossiers
    from dagster_project.sample.officers import make_officers
    from dagster_project.sample.petitions import make_petitions
    from dagster_project.sample.results import make_results
    from dagster_project.sample.reviews import make_local_targets, make_reported_figures, make_reviews
    from dagster_project.sample.steps import make_steps

    catalog = load_catalog()
    officers, posts = make_officers(options, catalog)
    made = make_dossiers(options, catalog, officers)
    steps = make_steps(options, catalog, officers, made)
    planted, restatements = made.planted, no_restatements()
    if options.faults:
        lies = lies_about_finishes(options, made.dossiers, made.due_dates, planted)
        steps = with_reset_steps(steps, lies.resets)
        planted, restatements = {**planted, **lies.findings}, lies.restatements
    results = make_results(options, catalog, catalog.procedures, made.dossiers)
    documents, document_handlers = make_documents(options, catalog, officers)
    forms = make_reported_figures(options, made.dossiers, made.due_dates)
    world = World(
        options=options,
        units=catalog.units,
        unit_successions=catalog.unit_successions,
        procedures=catalog.procedures,
        procedure_successions=catalog.procedure_successions,
        officers=officers,
        posts=posts,
        dossiers=made.dossiers,
        due_dates=made.due_dates,
        supplements=made.supplements,
        pauses=made.pauses,
        steps=steps,
        components=make_components(options, catalog, made.dossiers, results),
        documents=documents,
        document_handlers=document_handlers,
        results=results,
        petitions=make_petitions(options, catalog),
        delay_reviews=make_reviews(options, catalog, made.dossiers, steps, made.due_dates),
        reported_figures=pd.concat([forms, make_self_scores(options, forms)], ignore_index=True),
        local_targets=make_local_targets(options, catalog),
        planted=as_table(planted),
        restatements=restatements,
    )
    if options.last_on == LAST_ON:
        return world
    from dagster_project.sample.merger.handover import hand_over

    return hand_over(world)
