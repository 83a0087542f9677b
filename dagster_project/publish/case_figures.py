"""Figures that no verdict stands behind (letters, results, petitions, quantiles, scores): one cause each.

What is compared are the cases they count, so far as their unit and their days meet the figure's; by how much
each case moved the figure is not known, so the whole difference stands with the gravest cause.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from dagster_project.publish.causes import FIGURE_KEYS, list_files
from dagster_project.publish.sides import Sides


@dataclass(frozen=True)
class Subject:
    """Cases of one table: their key, what they are told by, when they count, which raw kinds tell of them."""

    table: str
    key: str
    told: tuple[str, ...]
    days: tuple[str, ...]
    kinds: tuple[str, ...]


_DOSSIERS = Subject(
    "fct_dossiers",
    "dossier_key",
    ("received_at", "finished_at", "due_at", "channel", "field_code", "unit_id", "supplement_count"),
    ("received_at", "finished_at", "due_at"),
    ("dossiers", "dossier_steps", "supplement_requests", "due_dates", "pauses", "dossier_documents"),
)
_DOCUMENTS = Subject(
    "fct_documents",
    "document_key",
    ("direction", "registered_on", "due_on", "answered_on", "unit_id"),
    ("registered_on", "due_on"),
    ("documents", "document_handlers"),
)
_RESULTS = Subject(
    "fct_results",
    "result_key",
    ("issued_on", "valid_to_on", "is_electronic", "is_digitized", "digitized_on", "field_code", "unit_id"),
    ("issued_on", "valid_to_on", "digitized_on"),
    ("results",),
)
_PETITIONS = Subject(
    "fct_petitions",
    "petition_key",
    ("due_on", "answered_at", "is_satisfied", "is_transferred_out", "unit_id"),
    ("due_on",),
    ("petitions",),
)
# By the rule model that the register names; any other counts dossiers.
_SUBJECTS = {
    "document_counts": (_DOCUMENTS,),
    "digitization_counts": (_RESULTS, _DOSSIERS),
    "petition_counts": (_PETITIONS,),
}
_OTHERS = (_DOSSIERS,)


def judge(connection: duckdb.DuckDBPyConnection, sides: Sides, base: str | None) -> None:
    """``case_causes``: figure keys, cause, changes, number of cases and files of figures without verdicts."""
    references = [row[0] for row in connection.execute("select reference_id from bases").fetchall()]
    connection.execute(
        f"""
        create or replace temp table judged_rules as
        select indicator_code, rule_version from {sides.table("fct_dossier_verdicts")}
        union
        select compared.indicator_code, compared.rule_version
        from (select distinct indicator_code, rule_version, reference_version from figures) as compared
        semi join {sides.older("fct_dossier_verdicts", references)} as verdicts
            on compared.indicator_code = verdicts.indicator_code
            and compared.reference_version = verdicts.rule_version;
        create or replace temp table case_figures as
        select figures.*, register.rule_model, bases.base_id, bases.is_map_changed, bases.is_program_changed,
            periods.starts_on, periods.ends_on
        from figures
        inner join {sides.table("dim_periods")} as periods using (period_key)
        inner join bases using (reference_id)
        left join {sides.table("dim_indicators")} as register using (indicator_code, rule_version)
        where (indicator_code, rule_version) not in (from judged_rules);
        create or replace temp table case_places as
        select reference_id, period_key, unit_id, unit_id as place_id, 'own' as scope from case_figures
        union
        select reference_id, period_key, unit_id, place_id, 'with_children' from places;
        create or replace temp table changed_cases (
            base_id varchar, rule_model varchar, case_key bigint, unit_id varchar, day_on date,
            is_corrected boolean, is_added boolean
        );
        create or replace temp table case_files (base_id varchar, rule_model varchar, files varchar[]);
        """
    )
    found = connection.execute("select distinct rule_model from case_figures").fetchall()
    bases = [row[0] for row in connection.execute("select distinct base_id from bases").fetchall()]
    for (model,) in found:
        for subject in _SUBJECTS.get(str(model), _OTHERS):
            connection.execute(_changed_cases(sides, bases, str(model), subject))
            connection.execute(_files(sides, str(model), subject))
    said = sides.older("fct_restatements", [base] if base else [])
    connection.execute(_causes(said))


def _changed_cases(sides: Sides, bases: list[str], model: str, subject: Subject) -> str:
    told = [(f"earlier.{name}", f"present.{name}") for name in subject.told]
    corrected = " or ".join(f"({old} is not null and {old} is distinct from {new})" for old, new in told)
    days = ", ".join(f"earlier.{day}::date, present.{day}::date" for day in subject.days)
    return f"""
        insert into changed_cases
        with earlier_cases as (select * from {sides.older(subject.table, bases)}),
        present_cases as (
            select * from {sides.table(subject.table)} cross join (select distinct base_id from bases)
        ),
        changed as (
            select coalesce(present.base_id, earlier.release_id) as base_id,
                coalesce(present.{subject.key}, earlier.{subject.key}) as case_key,
                unnest(list_distinct([earlier.unit_id, present.unit_id])) as unit_id,
                list_distinct([{days}]) as days,
                earlier.{subject.key} is not null and ({corrected}) as is_corrected
            from earlier_cases as earlier
            full join present_cases as present
                on earlier.release_id = present.base_id and earlier.{subject.key} = present.{subject.key}
            where {" or ".join(f"{old} is distinct from {new}" for old, new in told)}
        )
        select base_id, '{model}', case_key, unit_id, unnest(days), is_corrected, not is_corrected
        from changed
    """


def _files(sides: Sides, model: str, subject: Subject) -> str:
    kinds = ", ".join(f"'{kind}'" for kind in subject.kinds)
    return f"""
        insert into case_files
        select base_id, '{model}', list(distinct file)
        from new_files inner join {sides.table("ingest_outcomes")} as outcomes using (sha256)
        where outcomes.record_kind in ({kinds})
        group by base_id
    """


def _causes(said: str) -> str:
    """A cause that was found before stands while the figure does; else the first that holds."""
    return f"""
        create or replace temp table case_causes as
        with files as (
            select base_id, rule_model, {list_files("flatten(list(files))")} as files
            from case_files group by all
        ),
        met as (
            select {FIGURE_KEYS}, count(distinct case_key) as case_count,
                bool_or(is_corrected) as is_corrected, bool_or(is_added) as is_added
            from (
                select figures.*, cases.case_key, cases.is_corrected, cases.is_added
                from case_figures as figures
                inner join (
                    select place_id as unit_id, unit_id as case_unit_id, scope, reference_id, period_key
                    from case_places
                ) as places using (reference_id, period_key, unit_id, scope)
                inner join changed_cases as cases
                    on places.case_unit_id = cases.unit_id and figures.base_id = cases.base_id
                    and figures.rule_model = cases.rule_model
                    and cases.day_on <= figures.ends_on
                    and (figures.indicator_code in ('DIG_STOCK', 'LATE_OPEN_MEDIAN', 'LATE_OPEN_P90')
                        or cases.day_on >= figures.starts_on)
            )
            group by {FIGURE_KEYS}
        ),
        said as (select * from {said})
        select {FIGURE_KEYS},
            coalesce(said.cause_code, case
                when rules.indicator_code is not null then 'rule_change'
                when met.is_corrected then 'corrected_file'
                when met.is_added then 'late_file'
                when unit_files.files is not null then 'unit_succession'
                when figures.is_map_changed then 'map_change'
                when figures.is_program_changed then 'program_change'
                else 'unexplained'
            end) as cause_code,
            coalesce(figures.numerator, 0) - coalesce(figures.published_numerator, 0) as numerator_change,
            coalesce(figures.denominator, 0) - coalesce(figures.published_denominator, 0)
            as denominator_change,
            coalesce(said.case_count, met.case_count, 0) as case_count,
            case
                when said.cause_code is not null then said.files
                when rules.indicator_code is not null then null
                when met.case_count > 0 then files.files
                else array_to_string(unit_files.files, '; ')
            end as files
        from case_figures as figures
        left join met using ({FIGURE_KEYS})
        left join files using (base_id, rule_model)
        left join rules using (base_id, indicator_code, rule_version)
        left join unit_files using (base_id)
        left join said
            on figures.period_key = said.period_key and figures.unit_id = said.unit_id
            and figures.scope = said.scope and figures.field_code = said.field_code
            and figures.indicator_code = said.indicator_code and figures.rule_version = said.rule_version
            and figures.reference_id = said.published_release_id
            and figures.numerator is not distinct from said.numerator
            and figures.denominator is not distinct from said.denominator
            and figures.value is not distinct from said.value
    """
