-- Who answers for a delay, and for how much of it: those who took more working days than they were allowed, in
-- proportion to the days over; where nobody did, or nothing is known, who held the dossier at its due date.
with

durations as (
    select
        holdings.dossier_key,
        holdings.unit_id,
        holdings.officer_key,
        sum(durations.working_days_used) as working_days_used,
        -- limits have decimals: their sum must not depend on the order of rows
        round(sum(durations.working_days_allowed), 4) as working_days_allowed,
        sum(durations.working_days_over) as working_days_over
    from {{ ref('holding_durations') }} as durations
    inner join {{ ref('late_dossier_holdings') }} as holdings
        on
            durations.dossier_key = holdings.dossier_key
            and durations.holding_no = holdings.holding_no
    group by holdings.dossier_key, holdings.unit_id, holdings.officer_key
),

holders_at_due as (
    select * from {{ ref('due_date_holders') }}
),

causes as (
    select * from {{ ref('reviewed_causes') }}
),

holders as (
    select
        dossier_key,
        unit_id,
        officer_key
    from durations
    union
    select
        dossier_key,
        unit_id,
        officer_key
    from holders_at_due
),

weighed as (
    select
        holders.dossier_key,
        holders.unit_id,
        holders.officer_key,
        holders_at_due.dossier_key is not null as is_holder_at_due,
        holders_at_due.holder_basis,
        durations.working_days_used,
        durations.working_days_allowed,
        durations.working_days_over,
        coalesce(durations.working_days_over, 0) as weight,
        sum(coalesce(durations.working_days_over, 0)) over (partition by holders.dossier_key)
            as dossier_weight
    from holders
    left join durations
        on
            holders.dossier_key = durations.dossier_key
            and holders.unit_id = durations.unit_id
            and holders.officer_key = durations.officer_key
    left join holders_at_due
        on
            holders.dossier_key = holders_at_due.dossier_key
            and holders.unit_id = holders_at_due.unit_id
            and holders.officer_key = holders_at_due.officer_key
)

select
    weighed.dossier_key,
    weighed.unit_id,
    weighed.officer_key,
    weighed.is_holder_at_due,
    weighed.holder_basis,
    weighed.working_days_used,
    weighed.working_days_allowed,
    weighed.working_days_over,
    cast(case
        when weighed.dossier_weight > 0 then weighed.weight / weighed.dossier_weight
        when weighed.is_holder_at_due then 1
        else 0
    end as double) as late_days_share,
    coalesce(own_causes.cause_code, last_causes.cause_code, 'unknown') as cause_code,
    case
        when own_causes.dossier_key is not null then own_causes.is_subjective
        else last_causes.is_subjective
    end as is_subjective,
    coalesce(own_causes.reviewed_on, last_causes.reviewed_on) as reviewed_on
from weighed
left join causes as own_causes
    on
        weighed.dossier_key = own_causes.dossier_key
        and weighed.unit_id = own_causes.unit_id
left join causes as last_causes
    on
        weighed.dossier_key = last_causes.dossier_key
        and last_causes.is_last_of_dossier
