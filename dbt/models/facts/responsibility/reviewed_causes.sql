-- What the reviews say about a dossier's delay: the last review of each unit, and which is the last of all.
with

delay_reviews as (
    select
        {{ dossier_key('stg_delay_reviews') }} as dossier_key,
        unit_code,
        cause_code,
        is_subjective,
        reviewed_on,
        record_key
    from {{ ref('stg_delay_reviews') }} as stg_delay_reviews
    where dossier_code is not null and not is_deleted_at_source
),

delay_causes as (
    select
        cause_code,
        is_subjective
    from {{ ref('delay_causes') }}
),

described as (
    select
        reviews.dossier_key,
        coalesce(units.unit_id, 'unknown') as unit_id,
        -- a cause that no list knows is not known
        coalesce(delay_causes.cause_code, 'unknown') as cause_code,
        coalesce(reviews.is_subjective, delay_causes.is_subjective) as is_subjective,
        reviews.reviewed_on,
        reviews.record_key
    from delay_reviews as reviews
    left join delay_causes on reviews.cause_code = delay_causes.cause_code
    left join {{ ref('unit_references') }} as units
        on
            reviews.unit_code = units.reference
            and coalesce(reviews.reviewed_on, date '9999-12-31')
            between units.refers_from_on and units.refers_to_on
),

ranked as (
    select
        *,
        row_number() over (
            partition by dossier_key, unit_id
            order by reviewed_on desc nulls last, record_key desc
        ) as rank_in_unit,
        row_number() over (
            partition by dossier_key
            order by reviewed_on desc nulls last, record_key desc, unit_id asc
        ) as rank_in_dossier
    from described
)

select
    dossier_key,
    unit_id,
    cause_code,
    is_subjective,
    reviewed_on,
    rank_in_dossier = 1 as is_last_of_dossier
from ranked
where rank_in_unit = 1
