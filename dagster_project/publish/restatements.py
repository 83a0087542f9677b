"""Why a figure is not what was published: dossier by dossier, down to the files that brought the change.

Works on an open DuckDB connection, set by set, in temporary tables. ``figures`` holds the figures to explain,
each with the release it is compared with; ``explain`` leaves ``restatements`` (figure and cause) and
``restatement_dossiers`` beside it. Causes are in ``causes``, figures without verdicts in ``case_figures``.
"""

from __future__ import annotations

import duckdb

from dagster_project.publish import case_figures, causes
from dagster_project.publish.causes import DOSSIER_KEYS, FIGURE_KEYS, PAIR_KEYS, list_files
from dagster_project.publish.literals import text
from dagster_project.publish.manifest import release_ids
from dagster_project.publish.sides import Sides

_FILE = ("file", "sha256", "source")


def explain(connection: duckdb.DuckDBPyConnection, sides: Sides, base: str | None, raw: str | None) -> None:
    """Explain ``figures``; leaves ``restatements`` and ``restatement_dossiers`` as temporary tables.

    ``figures``: the keys, ``reference_id`` (the release it is compared with), ``reference_version``, counts
    and value then (``published_…``) and now. ``base``: the release since which changes are looked for and
    that has explained the older ones; without it, the one each figure is compared with. ``raw``: schema of
    the loaded rows, which tell the files of a dossier; None where they are not at hand.
    """
    _bases(connection, sides, base)
    _changed_verdicts(connection, sides)
    causes.judge(connection, sides, base, raw)
    _shares(connection)
    case_figures.judge(connection, sides, base)
    _sum_up(connection)


def explain_since_closing(
    connection: duckdb.DuckDBPyConnection, sides: Sides, published: str, raw: str | None
) -> list[str]:
    """Explain every figure of the release being written that differs from what was published as final.

    ``published``: the table of all earlier publications. Returns the temporary tables that hold the
    explanation, none where nothing differs; ``restatement_reason`` in ``fct_indicators`` names the causes.
    """
    known = release_ids(sides.home)
    # A release that explained nothing, of an older program, is no base: the first explanation begins anew.
    explained = [each for each in known[-1:] if sides.has(each, "fct_restatements")]
    _select_changed(connection, sides, explained, published)
    if not _count(connection, "figures"):
        return []
    explain(connection, sides, explained[0] if explained else None, raw)
    connection.execute(
        f"""
        update {sides.place}.fct_indicators as figures
        set restatement_reason = replace(restatement_reason, 'data_changed', causes.names)
            || coalesce(' (' || causes.files || ')', '')
        from (
            select {FIGURE_KEYS}, string_agg(cause_code, ', ' order by case_count desc, cause_code) as names,
                {list_files("flatten(list(string_split(files, '; ')))")} as files
            from restatements group by {FIGURE_KEYS}
        ) as causes
        where {" and ".join(f"figures.{key} = causes.{key}" for key in FIGURE_KEYS.split(", "))}
        """
    )
    return ["restatements", "restatement_dossiers"]


def _select_changed(
    connection: duckdb.DuckDBPyConnection, sides: Sides, earlier: list[str], published: str
) -> None:
    """``figures``: those restated, and those gone that the ``earlier`` release still had."""
    connection.execute(
        f"""
        create or replace temp table figures as
        with register as (select * from {sides.table("dim_indicators")}),
        now as (select * from {sides.table("fct_indicators")}),
        restated as (
            select {FIGURE_KEYS}, published_release_id as reference_id,
                published_rule_version as reference_version, numerator, denominator, value
            from now where status = 'restated'
        ),
        stood as (
            select {FIGURE_KEYS} from {sides.older("fct_indicators", earlier)}
            where status in ('final', 'restated')
            union
            select {FIGURE_KEYS} from {sides.older("fct_restatements", earlier)}
            where numerator is null
        ),
        gone as (
            select {FIGURE_KEYS} from stood anti join now using ({FIGURE_KEYS})
            where (indicator_code, rule_version) not in (
                select (indicator_code, replaces_version) from register
                where is_reckoned and replaces_version is not null
            )
        ),
        first_final as (
            select {FIGURE_KEYS}, min_by(release_id, (released_at, release_id)) as reference_id
            from {published} semi join gone using ({FIGURE_KEYS})
            where status = 'final' group by all
        ),
        changed as (
            select * from restated
            union all by name
            select {FIGURE_KEYS}, reference_id, rule_version as reference_version, null as numerator,
                null as denominator, null as value
            from first_final
        )
        select changed.*, published.numerator as published_numerator,
            published.denominator as published_denominator, published.value as published_value
        from changed
        left join {published} as published
            on changed.reference_id = published.release_id and published.status = 'final'
            and changed.period_key = published.period_key and changed.unit_id = published.unit_id
            and changed.scope = published.scope and changed.field_code = published.field_code
            and changed.indicator_code = published.indicator_code
            and changed.reference_version = published.rule_version
        """
    )


def _bases(connection: duckdb.DuckDBPyConnection, sides: Sides, base: str | None) -> None:
    """``bases``: per release compared with, since when changes are looked for, and what else changed since.

    ``new_files``: the files that came since then.
    """
    found = connection.execute("select distinct reference_id from figures order by 1").fetchall()
    rows, files = [], []
    for (reference,) in found:
        since = sides.old(base or reference)
        is_map = sides.now.changed_since(since, ["maps"])
        is_program = sides.now.changed_since(since, ["models", "seeds", "code", "settings", "libraries"])
        rows.append(f"({text(reference)}, {text(since.release_id)}, {is_map}, {is_program})")
        known = {each["sha256"] for each in since.files}
        files += [
            f"({', '.join(text(cell) for cell in (since.release_id, *map(each.get, _FILE)))})"
            for each in sides.now.files
            if each["sha256"] not in known
        ]
    connection.execute(
        f"""
        create or replace temp table bases as
        select * from (values {", ".join(rows)})
            as bases (reference_id, base_id, is_map_changed, is_program_changed);
        create or replace temp table new_files as
        select distinct * from (values {", ".join([*files, "('', '', '', '')"])})
            as new_files (base_id, file, sha256, source)
        where base_id <> '';
        """
    )


def _changed_verdicts(connection: duckdb.DuckDBPyConnection, sides: Sides) -> None:
    """``changed_verdicts``: dossiers that count otherwise or elsewhere than in the release compared with.

    A dossier whose unit hangs elsewhere in the hierarchy now is among them, though its verdict is the same.
    """
    references = [row[0] for row in connection.execute("select reference_id from bases").fetchall()]
    connection.execute(
        f"""
        create or replace temp table pairs as
        select distinct {PAIR_KEYS}, figures.reference_version, periods.ends_on
        from figures inner join {sides.table("dim_periods")} as periods using (period_key);

        create or replace temp table places as
        with days as (select distinct reference_id, period_key, ends_on from pairs),
        placed as (
            select 'earlier' as side, days.reference_id, days.period_key,
                tree.descendant_unit_id as unit_id, tree.ancestor_unit_id as place_id
            from days inner join {sides.older("bridge_unit_ancestors", references)} as tree
                on days.reference_id = tree.release_id
                and days.ends_on between tree.valid_from_on and tree.valid_to_on
            union
            select 'present', days.reference_id, days.period_key, tree.descendant_unit_id,
                tree.ancestor_unit_id
            from days inner join {sides.table("bridge_unit_ancestors")} as tree
                on days.ends_on between tree.valid_from_on and tree.valid_to_on
        )
        select *, count(*) over (partition by reference_id, period_key, unit_id, place_id) < 2 as is_moved
        from placed;

        create or replace temp table changed_verdicts as
        with earlier as (
            select stated.dossier_key, {_of("pairs", PAIR_KEYS)}, pairs.ends_on, dossiers.unit_id,
                dossiers.field_code, stated.in_numerator, stated.in_denominator
            from {sides.older("fct_dossier_verdicts", references)} as stated
            inner join pairs
                on stated.release_id = pairs.reference_id and stated.period_key = pairs.period_key
                and stated.indicator_code = pairs.indicator_code
                and stated.rule_version = pairs.reference_version
            inner join {sides.older("fct_dossiers", references)} as dossiers
                on stated.dossier_key = dossiers.dossier_key and stated.release_id = dossiers.release_id
        ),
        present as (
            select stated.dossier_key, {_of("pairs", PAIR_KEYS)}, pairs.ends_on, dossiers.unit_id,
                dossiers.field_code, stated.in_numerator, stated.in_denominator
            from {sides.table("fct_dossier_verdicts")} as stated
            inner join pairs using (period_key, indicator_code, rule_version)
            inner join {sides.table("fct_dossiers")} as dossiers using (dossier_key)
        ),
        moved as (select distinct reference_id, period_key, unit_id from places where is_moved)
        select {DOSSIER_KEYS}, coalesce(earlier.ends_on, present.ends_on) as ends_on,
            earlier.unit_id as published_unit_id, earlier.field_code as published_field_code,
            coalesce(earlier.in_numerator, 0) as published_in_numerator,
            coalesce(earlier.in_denominator, 0) as published_in_denominator,
            present.unit_id, present.field_code, coalesce(present.in_numerator, 0) as in_numerator,
            coalesce(present.in_denominator, 0) as in_denominator,
            (earlier.unit_id, earlier.field_code, earlier.in_numerator, earlier.in_denominator)
            is distinct from
            (present.unit_id, present.field_code, present.in_numerator, present.in_denominator)
            as is_verdict_changed
        from earlier full join present using ({DOSSIER_KEYS})
        where (is_verdict_changed or (reference_id, period_key, coalesce(present.unit_id, earlier.unit_id))
                in (select (reference_id, period_key, unit_id) from moved))
            and published_in_numerator + published_in_denominator + coalesce(present.in_numerator, 0)
            + coalesce(present.in_denominator, 0) > 0;
        """
    )


def _shares(connection: duckdb.DuckDBPyConnection) -> None:
    """``shares``: what each dossier adds to or takes from each figure, with its cause."""
    connection.execute(
        f"""
        create or replace temp table shares as
        with sides as (
            select 'earlier' as side, {DOSSIER_KEYS}, published_unit_id as unit_id,
                published_field_code as field_code, -published_in_numerator as numerator_change,
                -published_in_denominator as denominator_change
            from changed_verdicts where published_unit_id is not null
            union all
            select 'present', {DOSSIER_KEYS}, unit_id, field_code, in_numerator, in_denominator
            from changed_verdicts where unit_id is not null
        ),
        scoped as (
            select *, 'own' as scope, unit_id as place_id from sides
            union all by name
            select sides.*, 'with_children' as scope, places.place_id
            from sides inner join places using (side, reference_id, period_key, unit_id)
        ),
        in_fields as (
            select * exclude (unit_id, field_code), place_id as unit_id,
                unnest([field_code, 'all']) as field_code
            from scoped
        )
        select {FIGURE_KEYS}, dossier_key, judged.cause_code, any_value(judged.files) as files,
            sum(in_fields.numerator_change)::bigint as numerator_change,
            sum(in_fields.denominator_change)::bigint as denominator_change
        from in_fields
        inner join figures using ({FIGURE_KEYS}, reference_id)
        inner join judged using ({DOSSIER_KEYS})
        group by {FIGURE_KEYS}, dossier_key, judged.cause_code
        having sum(in_fields.numerator_change) <> 0 or sum(in_fields.denominator_change) <> 0
        """
    )


def _sum_up(connection: duckdb.DuckDBPyConnection) -> None:
    """``restatements`` and ``restatement_dossiers``; a difference that no dossier explains says so."""
    connection.execute(
        f"""
        create or replace temp table restatements as
        with explained as (
            select {FIGURE_KEYS}, cause_code, sum(numerator_change)::bigint as numerator_change,
                sum(denominator_change)::bigint as denominator_change, count(*) as case_count,
                {list_files("flatten(list(files))")} as files
            from shares group by {FIGURE_KEYS}, cause_code
            union all by name
            select {FIGURE_KEYS}, cause_code, numerator_change, denominator_change, case_count, files
            from case_causes
        ),
        sums as (
            select {FIGURE_KEYS},
                coalesce(numerator, 0) - published_numerator
                - coalesce(sum(explained.numerator_change), 0) as numerator_change,
                coalesce(denominator, 0) - coalesce(published_denominator, 0)
                - coalesce(sum(explained.denominator_change), 0) as denominator_change
            from figures left join explained using ({FIGURE_KEYS})
            where ({FIGURE_KEYS}) not in (select ({FIGURE_KEYS}) from case_causes)
            group by {FIGURE_KEYS}, numerator, denominator, published_numerator, published_denominator
        ),
        causes as (
            select * from explained
            union all by name
            select {FIGURE_KEYS}, 'unexplained' as cause_code, numerator_change::bigint as numerator_change,
                denominator_change::bigint as denominator_change, 0 as case_count, null as files
            from sums
            where numerator_change is distinct from 0 or denominator_change is distinct from 0
        )
        select {FIGURE_KEYS}, causes.cause_code, figures.reference_id as published_release_id,
            figures.reference_version as published_rule_version, figures.published_numerator,
            figures.published_denominator, figures.published_value, figures.numerator, figures.denominator,
            figures.value, causes.numerator_change, causes.denominator_change, causes.case_count,
            causes.files
        from causes inner join figures using ({FIGURE_KEYS});

        create or replace temp table restatement_dossiers as
        select dossier_key, judged.dossier_code, period_key, indicator_code, rule_version,
            reference_id as published_release_id, judged.cause_code, judged.changes,
            {list_files("judged.files")} as files, judged.since_release_id,
            changed.published_unit_id, changed.published_field_code, changed.published_in_numerator,
            changed.published_in_denominator, changed.unit_id, changed.field_code, changed.in_numerator,
            changed.in_denominator
        from changed_verdicts as changed inner join judged using ({DOSSIER_KEYS});
        """
    )


def _of(table: str, columns: str) -> str:
    return ", ".join(f"{table}.{column}" for column in columns.split(", "))


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    found = connection.execute(f"select count(*) from {table}").fetchone()
    assert found is not None
    return int(found[0])
