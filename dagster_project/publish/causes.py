"""Which of the known causes made a dossier count otherwise: a file, a rule, the units, a map, or the program.

The order in which they are asked is decision 0067: what a file says of the dossier comes first, because a
rule that changed in the same refresh would have met other facts anyway.
"""

from __future__ import annotations

import duckdb

from dagster_project.publish.literals import text
from dagster_project.publish.sides import Sides

FIGURE_KEYS = "period_key, unit_id, scope, field_code, indicator_code, rule_version"
PAIR_KEYS = "period_key, indicator_code, rule_version, reference_id"
DOSSIER_KEYS = f"dossier_key, {PAIR_KEYS}"
# Kinds of raw rows that tell of a dossier.
_KINDS = ("dossiers", "dossier_steps", "supplement_requests", "due_dates", "pauses", "dossier_documents")
# What a dossier is told by; a finish counts only when it lies in the time that is judged.
_TOLD = {
    "received_at": "{side}.received_at",
    "submitted_at": "{side}.submitted_at",
    "original_due_at": "{side}.original_due_at",
    "finished_at": "case when {side}.finished_at::date <= judging.ends_on then {side}.finished_at end",
    "due_at": "case when judging.is_finished_twice then {side}.due_at end",
    "channel": "nullif({side}.channel, 'unknown')",
    "field_code": "nullif({side}.field_code, 'unknown')",
    "procedure_code": "{side}.procedure_code",
    "unit_code": "case when not judging.is_succession then {side}.unit_code end",
}
# Counts that grow while a dossier is told of; they are additions, never corrections.
_GROWING = {
    name: f"case when judging.is_finished_twice then {{side}}.{name} end"
    for name in ("supplement_count", "paused_days", "reappointment_count")
}
_FILES = ("late_file", "corrected_file")
_FILES_SHOWN = 20


def list_files(files: str) -> str:
    """SQL: a list of file names as one text; the first of many."""
    names = f"list_sort(list_distinct({files}))"
    more = f"' and ' || (len({names}) - {_FILES_SHOWN}) || ' more'"
    return (
        f"nullif(array_to_string({names}[1:{_FILES_SHOWN}], '; '), '')"
        f" || case when len({names}) > {_FILES_SHOWN} then {more} else '' end"
    )


def judge(connection: duckdb.DuckDBPyConnection, sides: Sides, base: str | None, raw: str | None) -> None:
    """``judged``: cause, what changed, files and since when, for every row of ``changed_verdicts``."""
    bases = [row[0] for row in connection.execute("select distinct base_id from bases").fetchall()]
    rules_changed(connection, sides, bases)
    _evidence(connection, sides, bases, raw)
    _unit_files(connection, sides)
    _compare(connection, sides, bases)
    said = sides.older("fct_restatement_dossiers", [base] if base else [])
    connection.execute(
        f"""
        create or replace temp table judged as
        with successors as (
            select indicator_code, rule_version, replaces_version
            from {sides.table("dim_indicators")} where is_reckoned and replaces_version is not null
        ),
        said as (
            select said.* replace (coalesce(successors.rule_version, said.rule_version) as rule_version)
            from {said} as said
            left join successors
                on said.indicator_code = successors.indicator_code
                and said.rule_version = successors.replaces_version
        ),
        caused as (
            select compared.*, {_cause(raw is not None)} as new_cause, rules.change as rule,
                evidence.files as telling_files, unit_files.files as unit_files
            from compared
            left join evidence using (base_id, dossier_code)
            left join unit_files using (base_id)
            left join rules using (base_id, indicator_code, rule_version)
        )
        select {", ".join(f"caused.{key}" for key in DOSSIER_KEYS.split(", "))}, caused.dossier_code,
            coalesce(said.cause_code, caused.new_cause) as cause_code,
            case
                when said.cause_code is not null then said.changes
                when caused.new_cause = 'rule_change' then caused.rule
                else nullif(caused.changes, '')
            end as changes,
            case
                when said.cause_code is not null then string_split(said.files, '; ')
                when caused.new_cause = 'unit_succession' then caused.unit_files
                when caused.new_cause in ('late_file', 'corrected_file')
                    then coalesce(caused.telling_files, caused.source_files)
            end as files,
            coalesce(said.since_release_id, {text(sides.now.release_id)}) as since_release_id
        from caused
        left join said
            on caused.dossier_key = said.dossier_key and caused.period_key = said.period_key
            and caused.indicator_code = said.indicator_code and caused.rule_version = said.rule_version
            and caused.reference_id = said.published_release_id
            -- a rule that changed later does not take the place of the file that brought it
            and (
                (said.cause_code in {_FILES} and caused.new_cause not in {_FILES})
                or (
                    (caused.in_numerator, caused.in_denominator) = (said.in_numerator, said.in_denominator)
                    and caused.unit_id is not distinct from said.unit_id
                    and caused.field_code is not distinct from said.field_code
                )
            )
        """
    )


def _cause(has_rows: bool) -> str:
    """SQL of the first cause that holds. ``has_rows``: the loaded rows are at hand to look for evidence."""
    by_map = "evidence.dossier_code is null and compared.is_map_changed" if has_rows else "false"
    return f"""
        case
            when not compared.is_verdict_changed then 'unit_succession'
            when compared.is_corrected then case when {by_map} then 'map_change' else 'corrected_file' end
            when compared.is_added then case when {by_map} then 'map_change' else 'late_file' end
            when compared.is_unit_changed then 'unit_succession'
            when rules.indicator_code is not null then 'rule_change'
            when evidence.is_corrected then 'corrected_file'
            when evidence.dossier_code is not null then 'late_file'
            when compared.is_map_changed then 'map_change'
            when compared.is_program_changed then 'program_change'
            else 'unexplained'
        end
    """


def rules_changed(connection: duckdb.DuckDBPyConnection, sides: Sides, bases: list[str]) -> None:
    """``rules``: definitions that are not those of the base, or take the place of another, in words."""
    connection.execute(
        f"""
        create or replace temp table rules as
        with earlier as (select * from {sides.older("dim_indicators", bases)}),
        bases_once as (select distinct base_id from bases)
        select bases_once.base_id, present.indicator_code, present.rule_version,
            case
                when earlier.indicator_code is null
                    then 'rule: ' || present.replaces_version || ' -> ' || present.rule_version
                else 'definition: ' || earlier.definition_fingerprint || ' -> '
                    || present.definition_fingerprint
            end as change
        from {sides.table("dim_indicators")} as present
        cross join bases_once
        left join earlier
            on bases_once.base_id = earlier.release_id and present.indicator_code = earlier.indicator_code
            and present.rule_version = earlier.rule_version and earlier.is_reckoned
        where case
            when earlier.indicator_code is null then present.replaces_version is not null
            else earlier.definition_fingerprint <> present.definition_fingerprint
        end
        """
    )


def _evidence(connection: duckdb.DuckDBPyConnection, sides: Sides, bases: list[str], raw: str | None) -> None:
    """``evidence``: per dossier the new files whose rows on it say what no older file said.

    ``is_corrected``: a row other than the dossier's own had been told otherwise before.
    """
    connection.execute(
        f"""
        create or replace temp table touched as
        select distinct base_id, dossier_code from changed_verdicts
        inner join bases using (reference_id)
        inner join (
            select dossier_key, dossier_code from {sides.table("fct_dossiers")}
            union select dossier_key, dossier_code from {sides.older("fct_dossiers", bases)}
        ) using (dossier_key);
        create or replace temp table told (
            base_id varchar, dossier_code varchar, file varchar, is_corrected boolean
        );
        create or replace temp table evidence (
            base_id varchar, dossier_code varchar, files varchar[], is_corrected boolean
        );
        """
    )
    for kind in _KINDS if raw else ():
        connection.execute(
            f"""
            insert into told
            with rows_told as (
                select touched.base_id, rows_of_kind._source, rows_of_kind._record_key,
                    rows_of_kind._row_hash, rows_of_kind._file, rows_of_kind.dossier_code,
                    new_files.sha256 is not null as is_new
                from {raw}.{kind} as rows_of_kind
                inner join touched using (dossier_code)
                left join new_files
                    on touched.base_id = new_files.base_id and rows_of_kind._file_sha256 = new_files.sha256
                    and rows_of_kind._file = new_files.file
                where rows_of_kind._dlt_load_id in (select load_id from {raw}._dlt_loads where status = 0)
            ),
            known as (
                select base_id, _source, _record_key, list(_row_hash) as hashes
                from rows_told where not is_new group by all
            )
            select base_id, dossier_code, _file, known.hashes is not null and {kind != "dossiers"}
            from rows_told left join known using (base_id, _source, _record_key)
            where is_new and not coalesce(list_contains(known.hashes, _row_hash), false)
            """
        )
    connection.execute(
        """
        insert into evidence
        select base_id, dossier_code, list_sort(list(distinct file)), bool_or(is_corrected)
        from told group by base_id, dossier_code
        """
    )


def _unit_files(connection: duckdb.DuckDBPyConnection, sides: Sides) -> None:
    """``unit_files``: the new files that tell of units and which took over from which."""
    connection.execute(
        f"""
        create or replace temp table unit_files as
        select base_id, list_sort(list(distinct file)) as files
        from new_files inner join {sides.table("ingest_outcomes")} as outcomes using (sha256)
        where outcomes.record_kind in ('units', 'unit_successions')
        group by base_id
        """
    )


def _compare(connection: duckdb.DuckDBPyConnection, sides: Sides, bases: list[str]) -> None:
    """``compared``: each changed verdict with what its dossier is told by, at the base and now."""

    def sides_of(expression: str) -> tuple[str, str]:
        return expression.format(side="earlier"), expression.format(side="present")

    told = {name: sides_of(expression) for name, expression in _TOLD.items()}
    growing = {name: sides_of(expression) for name, expression in _GROWING.items()}
    corrected = " or ".join(
        f"({old} is not null and {old} is distinct from {new})" for old, new in told.values()
    )
    added = " or ".join(
        [f"({old} is null and {new} is not null)" for old, new in told.values()]
        + [f"{old} is distinct from {new}" for old, new in growing.values()]
    )
    changes = ", ".join(
        f"case when {old} is distinct from {new} then '{name}: ' || coalesce({old}::varchar, '–')"
        f" || ' -> ' || coalesce({new}::varchar, '–') end"
        for name, (old, new) in (told | growing).items()
    )
    connection.execute(
        f"""
        create or replace temp table compared as
        with earlier_dossiers as (select * from {sides.older("fct_dossiers", bases)}),
        present_dossiers as (select * from {sides.table("fct_dossiers")}),
        successions as (
            select old_unit_id as one_id, new_unit_id as other_id
            from {sides.table("bridge_unit_successions")}
            union select new_unit_id, old_unit_id from {sides.table("bridge_unit_successions")}
        ),
        source_files as (
            select base_id, source, list_sort(list(distinct file)) as files from new_files group by all
        ),
        judging as (
            select changed.*, bases.base_id, bases.is_map_changed, bases.is_program_changed,
                earlier.unit_id is distinct from present.unit_id as is_unit_changed,
                earlier.unit_code is not distinct from present.unit_code
                or successions.one_id is not null as is_succession,
                coalesce(earlier.finished_at::date <= changed.ends_on, false)
                and coalesce(present.finished_at::date <= changed.ends_on, false) as is_finished_twice
            from changed_verdicts as changed
            inner join bases using (reference_id)
            left join earlier_dossiers as earlier
                on bases.base_id = earlier.release_id and changed.dossier_key = earlier.dossier_key
            left join present_dossiers as present on changed.dossier_key = present.dossier_key
            left join successions
                on earlier.unit_id = successions.one_id and present.unit_id = successions.other_id
        )
        select judging.*, coalesce(present.dossier_code, earlier.dossier_code) as dossier_code,
            source_files.files as source_files,
            coalesce(earlier.is_counted, false)
            and (not coalesce(present.is_counted, false) or {corrected}) as is_corrected,
            not coalesce(earlier.is_counted, false) or {added} as is_added,
            case
                when earlier.dossier_key is null then 'not known before'
                when present.dossier_key is null then 'not known any more'
                else concat_ws('; ',
                    case when earlier.is_counted and not present.is_counted then 'not counted any more' end,
                    case when is_unit_changed
                        then 'unit_id: ' || earlier.unit_id || ' -> ' || present.unit_id end,
                    {changes})
            end as changes
        from judging
        left join earlier_dossiers as earlier
            on judging.base_id = earlier.release_id and judging.dossier_key = earlier.dossier_key
        left join present_dossiers as present on judging.dossier_key = present.dossier_key
        left join source_files
            on judging.base_id = source_files.base_id
            and coalesce(present.source, earlier.source) = source_files.source
        """
    )
