{# How the rows of metrics become values. A rows relation kpi_<metric>_rows says what each row adds
   to numerator and denominator; nothing is defined a second time here. #}

{% macro dimensions() -%}
    {{ return(['location_id', 'channel_id', 'supplier_id', 'source_system', 'event_name']) }}
{%- endmacro %}

{# The grain of a roll-up over `sets`, each a list of dimensions, the last of which names it. #}
{% macro grain_of(sets, base) -%}
{% if not sets -%}
'{{ base }}'
{%- else -%}
case
    {% for set in sets | reverse -%}
    when grouping({{ set[-1] }}) = 0
        then '{{ base }}_{{ set[-1].split('_')[-1 if set[-1] == 'source_system' else 0] }}'
    {% endfor -%}
    else '{{ base }}'
end
{%- endif %}
{%- endmacro %}

{# CTE `name`: one row per metric, variant, grain, dimensions and period; sums and second moments.
   A row without a location is in the total and in no location's value; so with every dimension. #}
{% macro rolled_totals(name, metrics, sets, base='day') -%}
{{ gathered_rows(name ~ '_rows', metrics, sets) }},

{{ name }} as (
    select
        {{ grouped_columns(sets, base) }}
        cast(sum(numerator) as decimal(38, 6)) as numerator,
        cast(sum(denominator) as decimal(38, 6)) as denominator,
        count(*) as row_count,
        sum(cast(numerator as double) * numerator) as squared_numerators,
        sum(cast(numerator as double) * denominator) as crossed_products,
        sum(cast(denominator as double) * denominator) as squared_denominators,
        cast(null as double) as quantile,
        cast(null as double) as quantile_low,
        cast(null as double) as quantile_high,
        period
    from {{ name }}_rows
    {{ grouping_sets_of(sets) }}
)
{%- endmacro %}

{# CTE `name`: the given percentiles of the rows' numerators, as variants <variant>_p<percentile>.
   Its interval is the distribution-free one of order statistics (Conover 1999, 3.2). #}
{% macro rolled_percentiles(name, metrics, sets, percentiles, base='day') -%}
{{ gathered_rows(name ~ '_rows', metrics, sets) }},

{{ name }}_ordered as (
    select
        {{ grouped_columns(sets, base) }}
        period,
        count(*) as row_count,
        list_sort(list(cast(numerator as double))) as ordered
    from {{ name }}_rows
    {{ grouping_sets_of(sets) }}
),

{{ name }} as (
    {% for percentile in percentiles -%}
    {%- set p = percentile / 100 -%}
    select
        metric,
        variant || '_p{{ percentile }}' as variant,
        grain,
        {{ dimensions() | join(',\n        ') }},
        cast(null as decimal(38, 6)) as numerator,
        cast(row_count as decimal(38, 6)) as denominator,
        row_count,
        cast(null as double) as squared_numerators,
        cast(null as double) as crossed_products,
        cast(null as double) as squared_denominators,
        list_aggregate(ordered, 'quantile_cont', {{ p }}) as quantile,
        ordered[
            greatest(
                1, floor(row_count * {{ p }} - 1.96 * sqrt(row_count * {{ p * (1 - p) }}))
            )::bigint
        ] as quantile_low,
        ordered[
            least(
                row_count,
                ceil(row_count * {{ p }} + 1 + 1.96 * sqrt(row_count * {{ p * (1 - p) }}))
            )::bigint
        ] as quantile_high,
        period
    from {{ name }}_ordered
    {{ 'union all' if not loop.last }}
    {% endfor %}
)
{%- endmacro %}

{% macro gathered_rows(name, metrics, sets) -%}
{{ name }} as (
    {% for metric in metrics -%}
    select
        '{{ metric }}' as metric,
        variant,
        {% for dimension in sets | sum(start=[]) | unique -%}
        {{ dimension }},
        {% endfor -%}
        numerator,
        denominator,
        period
    from {{ ref('kpi_' ~ metric ~ '_rows') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)
{%- endmacro %}

{% macro grouped_columns(sets, base) -%}
metric,
        variant,
        {{ grain_of(sets, base) | indent(8) }} as grain,
        {% for dimension in dimensions() -%}
        {% if dimension in (sets | sum(start=[])) -%}
        {{ dimension }},
        {% else -%}
        cast(null as varchar) as {{ dimension }},
        {% endif -%}
        {% endfor -%}
{%- endmacro %}

{% macro grouping_sets_of(sets) -%}
group by
        grouping sets (
            (metric, variant, period){% for set in sets %},
            (metric, variant, period, {{ set | join(', ') }}){% endfor %}
        )
    {% for dimension in sets | sum(start=[]) | unique -%}
    {{ 'and' if not loop.first else 'having' }}
        not (grouping({{ dimension }}) = 0 and {{ dimension }} is null)
    {% endfor %}
{%- endmacro %}

{# Hours from one instant to another, exact to 4 milliseconds. #}
{% macro hours_between(earlier, later) -%}
cast({{ seconds_between(earlier, later) }} / 3600 as decimal(18, 6))
{%- endmacro %}

{# A bound of the Wilson score interval at 95 % (Wilson 1927), z = 1.96. #}
{% macro wilson_bound(rate, trials, sign) -%}
(
            {{ rate }} + 1.9208 / {{ trials }}
            {{ sign }} 1.96 * sqrt(
                greatest(0, {{ rate }} * (1 - {{ rate }})) / {{ trials }}
                + 0.9604 / (cast({{ trials }} as double) * {{ trials }})
            )
        ) / (1 + 3.8416 / {{ trials }})
{%- endmacro %}

{# How the checks stood when the build began; none before anything was judged. #}
{% macro checks_so_far() -%}
{%- set checks = source('meta', 'checks') -%}
{% if execute and load_relation(checks) -%}
select
    suite,
    passed
from {{ checks }}
{%- else -%}
select
    cast(null as varchar) as suite,
    cast(null as boolean) as passed
where false
{%- endif %}
{%- endmacro %}

{# The first day of a day's month. #}
{% macro month_of(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}
