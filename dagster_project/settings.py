"""The one Settings object: paths and switches, from ``CCHC_*`` environment variables."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from dagster_project.home import Home
from dagster_project.publish.privacy import Privacy

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Everything a run can be told; the fields marked ``fingerprint`` change results and force a rebuild."""

    model_config = SettingsConfigDict(env_prefix="CCHC_", frozen=True, extra="ignore")

    home: Path = Field(PROJECT_ROOT / "var", description="Where all data of one department lives")
    sources: Path = Field(PROJECT_ROOT / "sources", description="Folder of source maps")
    landing: Path | None = Field(None, description="Folder of exports; default: landing/ in the home")
    dbt_project: Path = Field(PROJECT_ROOT / "dbt", description="The dbt project")
    expectations: Path = Field(PROJECT_ROOT / "expectations", description="Folder of expectation suites")
    as_of: date | None = Field(
        None,
        description="Reckon every state at the end of this day; default: newest extraction date",
        json_schema_extra={"fingerprint": True},
    )
    privacy: Literal["internal", "public"] | None = Field(
        None,
        description="public: no officers, no small groups. Default: marts internal, reports public",
        json_schema_extra={"fingerprint": True},
    )
    min_group: int = Field(
        5,
        ge=1,
        description="Smallest number of officers whose figures are public (assumed: no text names one)",
        json_schema_extra={"fingerprint": True},
    )
    publish: bool = Field(True, description="False: build and check, publish nothing")
    force: bool = Field(False, description="Rebuild and publish although nothing is new")
    debug: bool = Field(False, description="Show tracebacks")
    lock_wait_seconds: float = Field(0.0, description="How long a second run waits for the first")
    quarterly_cron: str | None = Field(
        None,
        description="When quarterly_refresh runs (cron lines between ;), Asia/Ho_Chi_Minh; default: the day"
        " after each quarter of both calendars, and after its exports are due",
    )
    webhook_url: str | None = Field(None, description="Receives one JSON line when a run fails")
    ingest_retries: int = Field(3, description="How often Dagster tries the ingest again")
    max_json_mib: int = Field(
        512,
        description="Largest JSON export that is read, in MiB",
        json_schema_extra={"fingerprint": True},
    )

    @cached_property
    def place(self) -> Home:
        return Home(self.home.resolve())

    @property
    def marts_privacy(self) -> Privacy:
        """What the published marts show; internal unless the setting says public."""
        return Privacy(self.privacy == "public", self.min_group)

    @property
    def reports_privacy(self) -> Privacy:
        """What reports show; public unless the setting says internal."""
        return Privacy(self.privacy != "internal", self.min_group)

    @cached_property
    def landing_folder(self) -> Path:
        return (self.landing or self.place.landing).resolve()

    def fingerprint_fields(self) -> dict[str, str]:
        """Settings whose change must rebuild the warehouse, as text."""
        return {
            name: str(getattr(self, name))
            for name, field in type(self).model_fields.items()
            if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("fingerprint")
        }
