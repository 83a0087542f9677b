"""``cchc scorecard --reports``: the files of one closed period, from the published or an older release."""

from __future__ import annotations

from pathlib import Path

from dagster_project.errors import ConfigError
from dagster_project.scorecard.editions import at_release
from dagster_project.scorecard.files import write_reports
from dagster_project.scorecard.query import CALENDARS, newest_closed_quarters
from dagster_project.settings import Settings


def render_reports(
    settings: Settings, period: str | None, calendar: str, release_id: str | None = None
) -> list[Path]:
    """Write the report files and return their paths; default is the calendar's newest closed quarter.

    Raises ConfigError for an unknown calendar, period or release; holds the home's lock while it writes.
    """
    if calendar not in CALENDARS:
        raise ConfigError(f"--calendar {calendar}: unknown; choose rep (15th to 14th) or cal")
    home = settings.place
    source = home if release_id is None else at_release(home, release_id)
    with home.lock(settings.lock_wait_seconds):
        if period is None:
            newest = [key for key in newest_closed_quarters(source) if key.startswith(f"{calendar}:")]
            if not newest:
                raise ConfigError(f"--calendar {calendar}: no quarter is closed yet; name a --period")
            key = newest[0]
        else:
            key = f"{calendar}:{period}"
        return write_reports(home, [key], settings.reports_privacy, release_id)
