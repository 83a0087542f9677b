"""Static pages from the published release: the dictionary, the quality page, and dbt's own documentation.

Each page is one file without any outside link, so that it opens from a USB stick.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagster_project.errors import CchcError
from dagster_project.home import Home
from dagster_project.publish.manifest import published_manifest
from dagster_project.scorecard.marts import open_marts
from dagster_project.settings import Settings

_VIETNAMESE = " | vi: "


@dataclass(frozen=True)
class Described:
    """A table or column with its description in both languages."""

    name: str
    data_type: str
    english: str
    vietnamese: str


def write_site(settings: Settings) -> Iterator[Path]:
    """Write index, dictionary, quality page and dbt's documentation into ``docs/`` of the home.

    Yields each page as it is done. Raises CchcError when nothing is published yet.
    """
    place = settings.place
    manifest = published_manifest(place)
    if manifest is None:
        raise CchcError(f"{place.published}: nothing is published yet; run cchc refresh")
    place.docs.mkdir(parents=True, exist_ok=True)
    context = {
        "release_id": manifest.release_id,
        "as_of": manifest.as_of_on,
        "is_synthetic": manifest.is_synthetic,
    }
    tables = read_dictionary(place)
    yield _write(place.docs / "dictionary.html", "dictionary.html", tables=tables, **context)
    yield _write(place.docs / "quality.html", "quality.html", **_quality(place), **context)
    yield _dbt_docs(settings)
    yield _write(place.docs / "index.html", "index.html", **context)


def read_dictionary(home: Home) -> list[dict[str, Any]]:
    """Every published table with its columns, as described in the release (COMMENT of table and column)."""
    with open_marts(home) as connection:
        tables = connection.execute(
            "select table_name, coalesce(comment, '') from duckdb_tables() order by table_name"
        ).fetchall()
        columns = connection.execute(
            "select table_name, column_name, data_type, coalesce(comment, '') from duckdb_columns()"
            " where not internal order by table_name, column_index"
        ).fetchall()
    by_table: dict[str, list[Described]] = {}
    for table, name, data_type, comment in columns:
        by_table.setdefault(table, []).append(_described(name, data_type, comment))
    return [{"table": _described(name, "", comment), "columns": by_table[name]} for name, comment in tables]


def _described(name: str, data_type: str, comment: str) -> Described:
    english, _, vietnamese = comment.partition(_VIETNAMESE)
    return Described(name, data_type.lower(), english, vietnamese)


def _quality(home: Home) -> dict[str, Any]:
    """The checks of the newest run, worst first, and how many stand at each status."""
    with open_marts(home) as connection:
        found = connection.execute(
            """
            with newest as (
                select * from quality_results
                where run_id = (select max(run_id) from quality_results)
            )
            select * from newest
            order by
                case status when 'error' then 0 when 'fail' then 1 when 'not_evaluated' then 2 else 3 end,
                case severity when 'critical' then 0 when 'warning' then 1 else 2 end,
                suite, table_name, expectation_id
            """
        )
        names = [column[0] for column in found.description]
        checks = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    counts: dict[str, int] = {}
    for check in checks:
        counts[check["status"]] = counts.get(check["status"], 0) + 1
    return {"checks": checks, "counts": counts}


def _dbt_docs(settings: Settings) -> Path:
    from dagster_project import dbt_runner

    return dbt_runner.write_docs(settings.dbt_project, settings.place, settings.place.docs / "dbt.html")


def _write(path: Path, template: str, **context: Any) -> Path:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    pages = Environment(
        loader=PackageLoader("dagster_project.pages"), autoescape=True, undefined=StrictUndefined
    )
    path.write_text(pages.get_template(template).render(**context), encoding="utf-8")
    return path
