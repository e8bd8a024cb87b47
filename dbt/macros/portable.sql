{# What DuckDB and Spark SQL say differently; every other model keeps to what both parse. #}

{% macro local_date(instant, time_zone) -%}
    {{ return(adapter.dispatch('local_date', 'truestock')(instant, time_zone)) }}
{%- endmacro %}

{% macro default__local_date(instant, time_zone) -%}
    cast(timezone({{ time_zone }}, timezone('UTC', {{ instant }})) as date)
{%- endmacro %}

{% macro spark__local_date(instant, time_zone) -%}
    cast(from_utc_timestamp({{ instant }}, {{ time_zone }}) as date)
{%- endmacro %}

{% macro local_clock(instant, time_zone) -%}
    {{ return(adapter.dispatch('local_clock', 'truestock')(instant, time_zone)) }}
{%- endmacro %}

{% macro default__local_clock(instant, time_zone) -%}
    strftime(timezone({{ time_zone }}, timezone('UTC', {{ instant }})), '%H:%M')
{%- endmacro %}

{% macro spark__local_clock(instant, time_zone) -%}
    date_format(from_utc_timestamp({{ instant }}, {{ time_zone }}), 'HH:mm')
{%- endmacro %}

{% macro seconds_between(earlier, later) -%}
    {{ return(adapter.dispatch('seconds_between', 'truestock')(earlier, later)) }}
{%- endmacro %}

{% macro default__seconds_between(earlier, later) -%}
    (epoch_us({{ later }}) - epoch_us({{ earlier }})) / 1e6
{%- endmacro %}

{% macro spark__seconds_between(earlier, later) -%}
    (unix_micros({{ later }}) - unix_micros({{ earlier }})) / 1e6
{%- endmacro %}

{% macro json_text(document, field) -%}
    {{ return(adapter.dispatch('json_text', 'truestock')(document, field)) }}
{%- endmacro %}

{% macro default__json_text(document, field) -%}
    json_extract_string({{ document }}, '$.{{ field }}')
{%- endmacro %}

{% macro spark__json_text(document, field) -%}
    get_json_object({{ document }}, '$.{{ field }}')
{%- endmacro %}

{% macro days_between(first_on, last_on) -%}
    {{ return(adapter.dispatch('days_between', 'truestock')(first_on, last_on)) }}
{%- endmacro %}

{% macro default__days_between(first_on, last_on) -%}
    cast(unnest(generate_series({{ first_on }}, {{ last_on }}, interval 1 day)) as date)
{%- endmacro %}

{% macro spark__days_between(first_on, last_on) -%}
    explode(sequence({{ first_on }}, {{ last_on }}, interval 1 day))
{%- endmacro %}

{# The value at the latest instant; at one instant the larger value, so that no order of rows shows. #}
{% macro latest_by(value, instant) -%}
    {{ return(adapter.dispatch('latest_by', 'truestock')(value, instant)) }}
{%- endmacro %}

{% macro default__latest_by(value, instant) -%}
    max_by({{ value }}, row({{ instant }}, {{ value }}))
{%- endmacro %}

{% macro spark__latest_by(value, instant) -%}
    max_by({{ value }}, struct({{ instant }}, {{ value }}))
{%- endmacro %}

{# The instant (UTC) at which a local day begins. #}
{% macro day_starts_at(day, time_zone) -%}
    {{ return(adapter.dispatch('day_starts_at', 'truestock')(day, time_zone)) }}
{%- endmacro %}

{% macro default__day_starts_at(day, time_zone) -%}
    timezone('UTC', timezone({{ time_zone }}, cast({{ day }} as timestamp)))
{%- endmacro %}

{% macro spark__day_starts_at(day, time_zone) -%}
    to_utc_timestamp(cast({{ day }} as timestamp), {{ time_zone }})
{%- endmacro %}
