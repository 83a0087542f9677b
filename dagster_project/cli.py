"""The command line ``cchc``. Each command parses its options, calls one function, prints; no logic here."""

from __future__ import annotations

import gc
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from dagster_project.cli_options import HomeOption, LandingOption, SourcesOption, settings_from
from dagster_project.cli_releases import releases_app
from dagster_project.errors import CchcError
from dagster_project.settings import Settings

app = typer.Typer(
    name="cchc",
    help="The warehouse with which a department knows whether it serves citizens on time.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
sources_app = typer.Typer(help="Source maps: one YAML file per export, no code.", no_args_is_help=True)
quarantine_app = typer.Typer(
    help="Rows and cells that were not loaded, with their reasons.", no_args_is_help=True
)
indicators_app = typer.Typer(
    help="The register of indicators: which definitions are ratified.", no_args_is_help=True
)
app.add_typer(indicators_app, name="indicators")
app.add_typer(sources_app, name="sources")
app.add_typer(quarantine_app, name="quarantine")
app.add_typer(releases_app, name="releases")

SAMPLE_SEED = 2023
SAMPLE_UNTIL = "2024-12"

_debug = False


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Options of every command."""
    global _debug
    _debug = debug


@app.command()
def refresh(
    home: HomeOption = None,
    sources: SourcesOption = None,
    landing: LandingOption = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Reckon at the end of this day (default: newest extraction)."
        ),
    ] = None,
    no_publish: Annotated[bool, typer.Option("--no-publish", help="Build and check only.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Rebuild although nothing is new.")] = False,
    sample_if_empty: Annotated[
        bool,
        typer.Option("--sample-if-empty", help="Write the sample department into an empty landing first."),
    ] = False,
) -> None:
    """Ingest what is new, build, check, publish, write the reports.

    Exit 0: published or nothing new. 1: blocked by the quality gate or an unreadable required source; the
    last publication stays. 2: wrong usage or configuration. 3: any other failure.
    """
    from dagster_project import progress
    from dagster_project.refresh import landing_is_empty
    from dagster_project.refresh import refresh as run
    from dagster_project.terminal import reporter

    settings = settings_from(
        home=home,
        sources=sources,
        landing=landing,
        as_of=as_of.date() if as_of else None,
        publish=False if no_publish else None,
        force=force or None,
        debug=_debug or None,
    )
    if sample_if_empty and landing_is_empty(settings):
        _write_sample(settings.landing_folder, scale=1, seed=SAMPLE_SEED, faults=False, until=SAMPLE_UNTIL)
    with reporter() as report:
        progress.install(report)
        outcome = run(settings)
    if outcome.run_folder is None:
        typer.echo("nothing new; the publication stands")
        return
    if outcome.changed:
        typer.echo(f"rebuilt because of: {', '.join(outcome.changed)}")
    if outcome.release_id is None:
        typer.echo(f"built and checked, not published; see {outcome.run_folder}")
        return
    typer.echo(f"published {outcome.release_id}: {settings.place.marts}")
    _print_scorecard(settings)


def _print_scorecard(settings: Settings, **choice: Any) -> None:
    from dagster_project.scorecard.terminal import print_scorecard

    print_scorecard(settings.place, **choice)


@app.command()
def sample(
    out: Annotated[
        Path | None, typer.Option("--out", help="An empty folder (default: landing/ in the home).")
    ] = None,
    home: HomeOption = None,
    scale: Annotated[
        float,
        typer.Option(
            "--scale",
            min=0.01,
            max=100,
            help="1: 25,000 dossiers a year; 5: the whole department; 40: a million.",
        ),
    ] = 1,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="Another seed, another department.")
    ] = SAMPLE_SEED,
    faults: Annotated[
        bool, typer.Option("--faults", help="Plant the irregularities that an inspector looks for.")
    ] = False,
    until: Annotated[
        str,
        typer.Option(
            "--until", help="Last month: 2024-12, or 2025-12 to go through the reorganisation of July 2025."
        ),
    ] = SAMPLE_UNTIL,
) -> None:
    """Write the synthetic department of Bình Thuận as the exports of real systems, with the true figures.

    Everything in it is made up, apart from the published totals that it reproduces; it says so in every
    file. A home that holds it takes no other data.
    """
    _write_sample(out or settings_from(home=home).landing_folder, scale, seed, faults, until)


def _write_sample(folder: Path, scale: float, seed: int, faults: bool, until: str) -> None:
    from dagster_project.sample.world import Options
    from dagster_project.sample.write import write_sample
    from dagster_project.terminal import reporter

    with reporter() as report:
        written = write_sample(
            folder,
            Options(scale=scale, seed=seed, faults=faults, until=until),
            on_progress=lambda item, done, total: report("write sample", item, done, total),
        )
    typer.echo(
        f"sample department (synthetic): {written.files} files, {written.bytes / 2**20:.0f} MiB in {folder}"
    )


@app.command()
def scorecard(
    home: HomeOption = None,
    period: Annotated[
        str | None, typer.Option(help="2024Q1, 2024-03, 2024H1 or 2024 (default: newest closed).")
    ] = None,
    calendar: Annotated[str, typer.Option(help="rep (15th to 14th) or cal.")] = "rep",
    unit: Annotated[
        str | None, typer.Option(help="Unit code; default: the unit that has targets, else all together.")
    ] = None,
    output: Annotated[str, typer.Option("--format", help="table, json or csv.")] = "table",
    named: Annotated[
        bool, typer.Option("--named", help="The unit's officers by name instead; needs the home's key.")
    ] = False,
    reports: Annotated[
        bool, typer.Option("--reports", help="Write page, workbook, annex and CSV of the period instead.")
    ] = False,
    release: Annotated[
        str | None, typer.Option(help="With --reports: from this release, not the published one.")
    ] = None,
    sources: SourcesOption = None,
    landing: LandingOption = None,
) -> None:
    """Print the scorecard of one period from the published marts, or write its report files."""
    settings = settings_from(home=home, sources=sources, landing=landing)
    if reports:
        from dagster_project.scorecard.rendering import render_reports

        for path in render_reports(settings, period, calendar, release):
            typer.echo(path)
        return
    choice: dict[str, Any] = {"period": period, "calendar": calendar, "unit": unit, "output": output}
    if not named:
        _print_scorecard(settings, **choice)
        return
    from dagster_project.ingest.load_maps import load_maps
    from dagster_project.ingest.officer_names import officer_names
    from dagster_project.scorecard.officers import print_named_officers

    maps = load_maps(settings.sources)
    names = officer_names(settings.place.secrets, maps, settings.landing_folder)
    print_named_officers(settings.place, names, **choice)


@app.command()
def explain(
    dossier_code: Annotated[str, typer.Argument(help="Code of the dossier (mã số hồ sơ).")],
    home: HomeOption = None,
    namespace: Annotated[
        str | None, typer.Option(help="Where the code comes from, if several gave it.")
    ] = None,
    calendar: Annotated[
        str, typer.Option(help="Quarters of the verdicts: rep (15th to 14th) or cal.")
    ] = "rep",
    output: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
    sheet: Annotated[
        Path | None, typer.Option("--sheet", help="Write the process control sheet (HTML, A4) instead.")
    ] = None,
) -> None:
    """Tell the life of one dossier: events, clock, due dates, holders, findings, verdicts in every rate."""
    place = settings_from(home=home).place
    if sheet is not None:
        from dagster_project.explain.sheet import write_sheet

        typer.echo(f"written: {write_sheet(place, dossier_code, sheet, namespace)}")
        return
    from dagster_project.explain.terminal import print_life

    print_life(place, dossier_code, namespace, calendar, output)


@app.command()
def status(home: HomeOption = None) -> None:
    """The last run and why it was blocked, the data-through date per source, what is missing."""
    from dagster_project.publish.status import print_status

    print_status(settings_from(home=home))


# A query may begin with a comment, which looks like an option.
@app.command(context_settings={"ignore_unknown_options": True})
def sql(
    query: Annotated[
        str | None, typer.Argument(help="One read-only query; without it, read from standard input.")
    ] = None,
    home: HomeOption = None,
    output: Annotated[str, typer.Option("--format", help="table, json or csv.")] = "table",
) -> None:
    """Run one read-only query against the published marts."""
    from dagster_project.scorecard.marts import print_query

    print_query(settings_from(home=home).place, query or sys.stdin.read(), output)


@app.command()
def dev(
    home: HomeOption = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 3000,
) -> None:
    """Open Dagster's web UI on 127.0.0.1 with everything loaded."""
    from dagster_project.dagster_home import open_web_ui

    open_web_ui(settings_from(home=home), port)


@app.command("content-hash")
def content_hash(
    home: HomeOption = None,
    published: Annotated[
        bool, typer.Option("--published", help="Hash the published file, not the working one.")
    ] = False,
) -> None:
    """Content hash and row count of every state table: equal content, equal lines."""
    from dagster_project.publish.content_hash import state_hashes

    place = settings_from(home=home).place
    for table, digest in sorted(state_hashes(place.marts if published else place.warehouse).items()):
        typer.echo(f"{table} {digest}")


@sources_app.command("check")
def sources_check(
    files: Annotated[list[Path] | None, typer.Argument(help="Only these files of landing.")] = None,
    home: HomeOption = None,
    sources: SourcesOption = None,
    landing: LandingOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="The first rows of every file, not of one per input.")
    ] = False,
) -> None:
    """Hold the source maps against the files in landing: what maps, what is missing. Loads nothing."""
    from rich.console import Console

    from dagster_project.ingest.check import check_sources
    from dagster_project.ingest.check_output import render
    from dagster_project.ingest.load_maps import load_maps
    from dagster_project.terminal import reporter

    settings = settings_from(home=home, sources=sources, landing=landing)
    with reporter() as report:
        found = check_sources(
            load_maps(settings.sources),
            settings.landing_folder,
            files,
            max_json_mib=settings.max_json_mib,
            progress=lambda item, done, total: report("read exports", item, done, total),
        )
    # A file or a pager has no width of its own; 80 columns would fold every cell.
    render(found, Console(width=None if sys.stdout.isatty() else 160), everything)
    if found.has_errors:
        raise typer.Exit(1)


@indicators_app.command("list")
def indicators_list() -> None:
    """Every indicator and rule version: owner's ratification, and whether the definition still is the one."""
    from dagster_project.indicators.commands import print_register

    print_register(settings_from().dbt_project)


@indicators_app.command("ratify")
def indicators_ratify(
    code: Annotated[str | None, typer.Argument(help="Indicator, such as OT_06.")] = None,
    version: Annotated[str | None, typer.Argument(help="Rule version, such as by_date_v1.")] = None,
    by: Annotated[str, typer.Option("--by", help="Who ratifies: a person or a body.")] = "",
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day (default: today).")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every definition that changed.")] = False,
) -> None:
    """Write the fingerprint of a definition as it stands now into the register, with day and name."""
    from dagster_project.indicators.commands import ratify_and_print

    day = on.date() if on else None
    ratify_and_print(settings_from().dbt_project, code, version, everything, by, day)


@quarantine_app.command("list")
def quarantine_list(home: HomeOption = None) -> None:
    """Count rejected rows and cells by file, column and reason."""
    from dagster_project.quarantine import print_list

    print_list(settings_from(home=home).place)


@quarantine_app.command("export")
def quarantine_export(file: Path, home: HomeOption = None) -> None:
    """Write every rejected row and cell (shape, length, hash; never the text) to a CSV file."""
    from dagster_project.quarantine import export

    typer.echo(f"{export(settings_from(home=home).place, file)} rows written to {file}")


@quarantine_app.command("replay")
def quarantine_replay(
    home: HomeOption = None, sources: SourcesOption = None, landing: LandingOption = None
) -> None:
    """Read the files with rejected rows again under today's maps and refresh if anything changed."""
    from dagster_project.quarantine import replay

    typer.echo(replay(settings_from(home=home, sources=sources, landing=landing)))


def main() -> None:
    """Entry point: user errors become one line and an exit code; a traceback only with --debug."""
    # Imports and dbt's manifest make millions of objects that live to the end: looking through them for
    # rubbish is a second of every refresh.
    gc.set_threshold(200_000, 50, 100)
    try:
        app(standalone_mode=True)
    except CchcError as error:
        if _debug:
            raise
        typer.echo(f"cchc: {error}", err=True)
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        typer.echo("cchc: interrupted; run the command again, nothing is lost", err=True)
        raise SystemExit(130) from None
    except Exception as error:
        if _debug:
            raise
        first = (str(error).splitlines() or [""])[0]
        typer.echo(f"cchc: {type(error).__name__}: {first} (run with --debug for the traceback)", err=True)
        raise SystemExit(3) from None


if __name__ == "__main__":
    main()
