{# The one place that says what identifies a dossier: its code within a namespace. #}
{% macro dossier_key(relation) -%}
    {{ surrogate_key([relation ~ '.namespace', relation ~ '.dossier_code']) }}
{%- endmacro %}

{# Trust in a piece of evidence, higher is better. #}
{% macro trust_in(basis) -%}
    case {{ basis }}
        when 'event' then 4
        when 'date' then 3
        when 'snapshot' then 2
        else 1
    end
{%- endmacro %}

{#
    Rows that a source took back do not count, unless it took back the whole dossier: then they are
    what is left of it.
#}
{% macro still_stated(records, dossiers) -%}
    (not {{ records }}.is_deleted_at_source or coalesce({{ dossiers }}.is_deleted_at_source, false))
{%- endmacro %}
