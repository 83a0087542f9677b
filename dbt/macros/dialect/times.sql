{#
    Days and moments. A day ends where the next one begins: `start_of_next_day` is the first moment that is
    no longer in the day, so "known by the end of day D" reads `known_from_at < start_of_next_day(D)`.
#}
{% macro to_day(moment) -%}
    cast({{ moment }} as date)
{%- endmacro %}

{% macro start_of_next_day(day) -%}
    cast({{ date_add_days(day, 1) }} as {{ type_wall_clock() }})
{%- endmacro %}

{# Calendar days from one day to another, negative when the second is earlier. #}
{% macro days_between(from_day, to_day) -%}
    {{ return(adapter.dispatch('days_between', 'cchc')(from_day, to_day)) }}
{%- endmacro %}

{% macro duckdb__days_between(from_day, to_day) -%}
    date_diff('day', {{ from_day }}, {{ to_day }})
{%- endmacro %}

{# Length of a span of wall-clock time in days with fraction. #}
{% macro span_in_days(from_moment, to_moment) -%}
    {{ return(adapter.dispatch('span_in_days', 'cchc')(from_moment, to_moment)) }}
{%- endmacro %}

{% macro duckdb__span_in_days(from_moment, to_moment) -%}
    (date_diff('second', {{ from_moment }}, {{ to_moment }}) / 86400.0)
{%- endmacro %}

{# The last moment of a day. #}
{% macro end_of_day(day) -%}
    ({{ start_of_next_day(day) }} - interval '1 microsecond')
{%- endmacro %}

{# Bounds for "since ever" and "still in force". #}
{% macro beginning_of_time() -%}
    cast('0001-01-01 00:00:00' as {{ type_wall_clock() }})
{%- endmacro %}

{% macro end_of_time() -%}
    cast('9999-12-31 00:00:00' as {{ type_wall_clock() }})
{%- endmacro %}

{#
    A moment to the second. Sources state due dates to the second (the national interface has nothing finer);
    fractions are an artefact of the writing system and must not decide between in time and late.
#}
{% macro to_second(moment) -%}
    {{ return(adapter.dispatch('to_second', 'cchc')(moment)) }}
{%- endmacro %}

{% macro default__to_second(moment) -%}
    date_trunc('second', {{ moment }})
{%- endmacro %}

{# Minutes since midnight of a moment or a time of day, seconds dropped. #}
{% macro minute_of_day(moment) -%}
    (extract(hour from {{ moment }}) * 60 + extract(minute from {{ moment }}))
{%- endmacro %}

{# The moment so many minutes after a day began. #}
{% macro moment_at_minute(day, minute) -%}
    cast({{ dbt.dateadd('minute', 'cast(' ~ minute ~ ' as integer)', 'cast(' ~ day ~ ' as ' ~ type_wall_clock() ~ ')') }} as {{ type_wall_clock() }})
{%- endmacro %}
