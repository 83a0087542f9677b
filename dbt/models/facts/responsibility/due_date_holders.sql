-- Who held a late dossier when its due date passed: a holder outside the office before one inside, of several
-- the one who got it last. Where nobody is known to have had it, its own unit and responsible officer.
with

late_dossiers as (
    select
        dossier_key,
        unit_id,
        officer_key,
        {{ to_day('passed_at') }} as passed_on
    from {{ ref('late_dossiers') }}
),

officers as (
    select
        officer_key,
        valid_to_on
    from {{ ref('officer_versions') }}
),

holdings_at_due as (
    select
        dossier_key,
        holding_kind,
        unit_id,
        officer_key,
        row_number() over (
            partition by dossier_key
            order by
                case when is_external then 0 else 1 end asc,
                started_at desc,
                holding_no desc
        ) as holding_rank
    from {{ ref('late_dossier_holdings') }}
    where passed_at >= started_at and passed_at < ended_at
)

select
    late_dossiers.dossier_key,
    coalesce(holders.unit_id, late_dossiers.unit_id) as unit_id,
    case
        when holders.dossier_key is not null then holders.officer_key
        when late_dossiers.passed_on <= officers.valid_to_on then late_dossiers.officer_key
        else 0
    end as officer_key,
    coalesce(holders.holding_kind, 'own_unit') as holder_basis
from late_dossiers
left join holdings_at_due as holders
    on
        late_dossiers.dossier_key = holders.dossier_key
        and holders.holding_rank = 1
left join officers on late_dossiers.officer_key = officers.officer_key
