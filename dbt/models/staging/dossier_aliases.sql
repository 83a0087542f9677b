-- Other numbers of dossiers, as the newest rows of their sources state them: (namespace, other_code) means
-- dossier_code. The most trusted source decides. A number that an equally or more trusted source gives to a
-- dossier of its own is no alias, and neither is one that is claimed for two dossiers: nothing is merged on
-- a guess. As every alias leads to a more trusted code, chains end.
with recursive

rows_of_dossiers as (
    {{ raw_versions('dossiers', {'dossier_code': 'code', 'other_code': 'code'}, resolves_codes=false) }}
),

-- dossiers that ever had another number: none in most sources, so the sort below is small
keys_with_alias as (
    select distinct
        source,
        record_key
    from rows_of_dossiers
    where other_code <> dossier_code
),

newest as (
    select rows_of_dossiers.*
    from rows_of_dossiers
    inner join keys_with_alias
        on
            rows_of_dossiers.source = keys_with_alias.source
            and rows_of_dossiers.record_key = keys_with_alias.record_key
    qualify row_number() over (
        partition by rows_of_dossiers.source, rows_of_dossiers.record_key
        order by {{ newest_first() }}
    ) = 1
),

most_trusted as (
    select distinct
        namespace,
        other_code,
        dossier_code,
        precedence
    from newest
    where other_code <> dossier_code
    qualify rank() over (
        partition by namespace, other_code
        order by is_deleted_at_source asc, precedence asc
    ) = 1
),

unambiguous as (
    select
        namespace,
        other_code,
        min(dossier_code) as dossier_code,
        min(precedence) as precedence
    from most_trusted
    group by namespace, other_code
    having count(distinct dossier_code) = 1
),

real_codes as (
    select distinct
        unambiguous.namespace,
        unambiguous.other_code
    from unambiguous
    inner join rows_of_dossiers
        on
            unambiguous.namespace = rows_of_dossiers.namespace
            and unambiguous.other_code = rows_of_dossiers.dossier_code
            and unambiguous.precedence >= rows_of_dossiers.precedence
),

aliases as (
    select
        unambiguous.namespace,
        unambiguous.other_code,
        unambiguous.dossier_code
    from unambiguous
    left join real_codes
        on
            unambiguous.namespace = real_codes.namespace
            and unambiguous.other_code = real_codes.other_code
    where real_codes.other_code is null
),

paths as (
    select
        namespace,
        other_code,
        dossier_code,
        1 as path_length
    from aliases
    union all
    select
        paths.namespace,
        paths.other_code,
        aliases.dossier_code,
        paths.path_length + 1 as path_length
    from paths
    inner join aliases
        on
            paths.namespace = aliases.namespace
            and paths.dossier_code = aliases.other_code
)

select
    namespace,
    other_code,
    arg_max(dossier_code, path_length) as dossier_code
from paths
group by namespace, other_code
