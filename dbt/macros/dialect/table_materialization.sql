{#
    Tables are replaced in one statement. The adapter's own way (build beside, rename twice, drop, look the
    columns up again for their comments) keeps readers of the old table going; the working warehouse has none
    while it is built, and readers open the published copy.
#}
{% materialization table, adapter='duckdb' %}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- if existing_relation is not none and not existing_relation.is_table -%}
        {{ drop_relation_if_exists(existing_relation) }}
    {%- endif -%}

    {% call statement('main') -%}
        {%- if config.get('contract').enforced -%}
            {{ get_assert_columns_equivalent(compiled_code) }}
            create or replace table {{ target_relation }} {{ get_table_columns_and_constraints() }};
            insert into {{ target_relation }} {{ get_column_names() }} (
                {{ get_select_subquery(compiled_code) }}
            );
        {%- else -%}
            create or replace table {{ target_relation }} as (
                {{ compiled_code }}
            );
        {%- endif -%}
    {%- endcall %}
    {%- if config.persist_relation_docs() -%}
        {% call statement('comments') -%}
            comment on table {{ target_relation }} is {{ duckdb_escape_comment(model.description) }};
            {%- for column in model.columns.values() if column.description %}
                comment on column {{ target_relation }}.{{ column.name }}
                is {{ duckdb_escape_comment(column.description) }};
            {%- endfor %}
        {%- endcall %}
    {%- endif -%}

    {{ adapter.commit() }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
