"""The fingerprint of what a refresh would see now. Imports neither dagster nor dbt: it decides "nothing new"."""

from __future__ import annotations

from dagster_project.ingest.landing import LandingPlan
from dagster_project.publish.fingerprint import Fingerprint, project_fingerprint
from dagster_project.settings import Settings


def current_fingerprint(settings: Settings, plan: LandingPlan) -> Fingerprint:
    """Files by name and content, maps, seeds, models, expectations, settings, as-of, own code."""
    return project_fingerprint(settings, {file.name: file.sha256 for file in plan.claimed})
