-- Empty here: what was published before is compared when a release is written (dagster_project/publish), where the
-- earlier releases lie; this says which columns there are.
select
    cast(null as varchar) as period_key,
    cast(null as varchar) as unit_id,
    cast(null as varchar) as scope,
    cast(null as varchar) as field_code,
    cast(null as varchar) as indicator_code,
    cast(null as varchar) as rule_version,
    cast(null as varchar) as cause_code,
    cast(null as varchar) as published_release_id,
    cast(null as varchar) as published_rule_version,
    cast(null as bigint) as published_numerator,
    cast(null as bigint) as published_denominator,
    cast(null as double) as published_value,
    cast(null as bigint) as numerator,
    cast(null as bigint) as denominator,
    cast(null as double) as value,
    cast(null as bigint) as numerator_change,
    cast(null as bigint) as denominator_change,
    cast(null as bigint) as case_count,
    cast(null as varchar) as files
where false
