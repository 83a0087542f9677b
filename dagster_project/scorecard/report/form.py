"""The official form of the day (II.06a, later 07a/BTP), laid out from its seed and filled from the counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from dagster_project.errors import CchcError
from dagster_project.scorecard.report.frame import Row, rows, totals

# Levels in the order in which the form lists them.
LEVELS = {
    "central": "Cấp trung ương",
    "province": "Cấp tỉnh",
    "district": "Cấp huyện",
    "commune": "Cấp xã",
    "unknown": "Chưa xác định cấp",
}
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")


@dataclass(frozen=True)
class FormColumn:
    """One number column: its number on the form, heads from the outermost in, the counts it adds up."""

    number: str
    heads: tuple[str, ...]
    measures: tuple[str, ...]


@dataclass(frozen=True)
class FormLine:
    """One line: ``kind`` is ``level``, ``field`` or ``total``; a cell is None where no count is known."""

    kind: str
    number: str
    label: str
    cells: tuple[int | None, ...]


@dataclass(frozen=True)
class Form:
    """A form of one unit with all below it and one period. ``status``: in_force or assumed."""

    code: str
    title: str
    legal_source: str
    status: str
    columns: tuple[FormColumn, ...]
    lines: tuple[FormLine, ...]


def read_form(connection: duckdb.DuckDBPyConnection) -> Form:
    """The form that is in use on the period's last day. Raises CchcError when the release knows none."""
    layout = _layout(connection)
    columns = tuple(
        FormColumn(
            str(row["column_no"]),
            tuple(head for head in (row["group_vi"], row["subgroup_vi"], row["label_vi"]) if head),
            tuple(name.strip() for name in (row["measures"] or "").split("+") if name.strip()),
        )
        for row in layout
    )
    first = layout[0]
    return Form(
        first["form_code"],
        first["title_vi"],
        first["legal_source"],
        first["legal_status"],
        columns,
        tuple(_lines(connection, columns)),
    )


def _layout(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    try:
        found = rows(
            connection,
            "select dim_form_columns.* from dim_form_columns cross join report_period"
            " where ends_on between valid_from_on and valid_to_on order by form_code, column_no",
        )
    except duckdb.CatalogException:
        raise CchcError(
            "this release is older than the layouts of forms; run cchc refresh, or render it with the"
            " version of the program that published it"
        ) from None
    if not found:
        raise CchcError("dim_form_columns: no form is in use on the last day of this period")
    return found


def _sum(counts: Iterable[int | None]) -> int | None:
    """The sum of the counts that are known; None where none is: unknown is not nought."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _lines(connection: duckdb.DuckDBPyConnection, columns: tuple[FormColumn, ...]) -> list[FormLine]:
    measures = sorted({name for column in columns for name in column.measures})
    sums = ", ".join(f'sum(counts."{name}")::bigint as "{name}"' for name in measures)
    found = rows(
        connection,
        f"""
        select counts.procedure_level, coalesce(fields.name_vi, counts.field_code) as field_name, {sums}
        from fct_dossier_periods as counts
        inner join report_period using (period_key)
        inner join report_units using (unit_id)
        left join dim_fields as fields using (field_code)
        group by counts.procedure_level, field_name
        order by field_name
        """,
    )

    def cells(row: Row) -> tuple[int | None, ...]:
        return tuple(_sum(row[name] for name in column.measures) for column in columns)

    known = [level for level in LEVELS if any(row["procedure_level"] == level for row in found)]
    others = sorted({row["procedure_level"] for row in found} - set(LEVELS))
    lines = []
    for number, level in enumerate([*known, *others]):
        own = [row for row in found if row["procedure_level"] == level]
        lines.append(FormLine("level", ROMAN[number], LEVELS.get(level, level), cells(totals(own, measures))))
        lines += [
            FormLine("field", str(place), row["field_name"], cells(row)) for place, row in enumerate(own, 1)
        ]
    lines.append(FormLine("total", "", "Tổng cộng", cells(totals(found, measures))))
    return lines
