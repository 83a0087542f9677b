{#- First and last year of the calendar tables; a unit test narrows them to the edges it looks at. -#}
{% macro calendar_first_year() %}
    {{- return(var('calendar_first_year', 2008) | int) -}}
{% endmacro %}

{% macro calendar_last_year() %}
    {{- return(var('calendar_last_year', 2035) | int) -}}
{% endmacro %}

{#
    Working minutes since the calendar began, at a moment: whole working days before it, and what of the day's
    office hours has passed. `dates` is calendar_dates joined on the moment's day, `office` the office's day.
    On a day off, or after hours, the number stands still.
#}
{% macro office_minute_no(moment, dates, office) -%}
    case
        when {{ dates }}.is_working_day
            then
                ({{ dates }}.working_day_no - 1) * {{ office }}.day_minutes
                + least(
                    greatest({{ minute_of_day(moment) }} - {{ office }}.morning_opens, 0),
                    {{ office }}.morning_minutes
                )
                + least(
                    greatest({{ minute_of_day(moment) }} - {{ office }}.afternoon_opens, 0),
                    {{ office }}.day_minutes - {{ office }}.morning_minutes
                )
        else {{ dates }}.working_day_no * {{ office }}.day_minutes
    end
{%- endmacro %}
