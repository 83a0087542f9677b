"""Options that many commands of ``cchc`` share, and the settings that they make."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dagster_project.errors import ConfigError
from dagster_project.settings import Settings

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Home of the data (default: CCHC_HOME or var/).")
]
SourcesOption = Annotated[Path | None, typer.Option("--sources", help="Folder of source maps.")]
LandingOption = Annotated[Path | None, typer.Option("--landing", help="Folder of exports (only read).")]


def settings_from(**given: Any) -> Settings:
    """Settings from the environment with the options that were given on top."""
    from pydantic import ValidationError

    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = "CCHC_" + "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigError(f"{name}: {first['msg']} (given: {first['input']!r})") from None
