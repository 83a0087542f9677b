"""The commands ``cchc releases …``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from dagster_project.cli_options import HomeOption, settings_from
from dagster_project.errors import CchcError

releases_app = typer.Typer(
    help="Published releases: list, compare, sign off, rebuild, go back.", no_args_is_help=True
)


@releases_app.command("list")
def releases_list(home: HomeOption = None) -> None:
    """Every published release, newest first, and who signed it off."""
    from dagster_project.publish.terminal import print_releases

    print_releases(settings_from(home=home).place)


@releases_app.command("diff")
def releases_diff(
    a: str,
    b: str,
    home: HomeOption = None,
    output: Annotated[str, typer.Option("--format", help="table, or json with all rows.")] = "table",
) -> None:
    """What changed between two releases and why: tables, figures, down to files and dossiers."""
    from dagster_project.publish.terminal import print_diff

    print_diff(settings_from(home=home).place, a, b, output=output)


@releases_app.command("sign")
def releases_sign(
    release_id: str,
    name: Annotated[str, typer.Option("--name", help="Who signs the release off.")],
    on: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Day (default: today).")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Record that a release was signed off; the release itself never changes."""
    from dagster_project.publish.sign_offs import sign

    place = settings_from(home=home).place
    with place.lock():
        made = sign(place, release_id, name, on.date() if on else None)
    typer.echo(f"signed off: {release_id} by {made.label}")


@releases_app.command("rebuild")
def releases_rebuild(
    home: HomeOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="Keep it in this Parquet file.")] = None,
) -> None:
    """Write published_indicators from the release folders alone and compare; exit 3 where they differ."""
    from dagster_project.publish.history import rebuild

    found = rebuild(settings_from(home=home).place, out)
    if not found.is_equal:
        raise CchcError(
            f"published_indicators is not what the release folders say, first of {found.differing[0]};"
            " compare with cchc releases rebuild --out FILE, publish again with cchc refresh --force"
        )
    typer.echo(f"equal: {found.rows} rows from {found.releases} releases")


@releases_app.command("rollback")
def releases_rollback(release_id: str, home: HomeOption = None) -> None:
    """Publish an older release again."""
    from dagster_project.publish.pointer import rollback

    place = settings_from(home=home).place
    with place.lock():
        rollback(place, release_id)
    typer.echo(f"published again: {release_id}")
