-- Empty here: filled when a release is written, as fct_restatements is.
select
    cast(null as bigint) as dossier_key,
    cast(null as varchar) as dossier_code,
    cast(null as varchar) as period_key,
    cast(null as varchar) as indicator_code,
    cast(null as varchar) as rule_version,
    cast(null as varchar) as published_release_id,
    cast(null as varchar) as cause_code,
    cast(null as varchar) as changes,
    cast(null as varchar) as files,
    cast(null as varchar) as since_release_id,
    cast(null as varchar) as published_unit_id,
    cast(null as varchar) as published_field_code,
    cast(null as bigint) as published_in_numerator,
    cast(null as bigint) as published_in_denominator,
    cast(null as varchar) as unit_id,
    cast(null as varchar) as field_code,
    cast(null as bigint) as in_numerator,
    cast(null as bigint) as in_denominator
where false
